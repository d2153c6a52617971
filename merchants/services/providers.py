"""What a mall decides about its service providers, and what they keep up to date themselves."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.choices import Action, AgreementState
from merchants.models import Agreement, ProviderCapability, ServiceProvider, StandingChange, User
from merchants.queries.providers import agreements_with

from . import agreements, audit, mails
from .refusal import Refused

CONTACT_FIELDS = ("contact_name", "contact_phone", "contact_email", "about")


@transaction.atomic
def change_standing(*, provider: ServiceProvider, standing: str, reason: str, by: User) -> StandingChange:
    """Warn, suspend, terminate or restore a provider; takes effect at once on what it sees and on its credentials.

    Its managers are told by mail. Raises Refused if it stands so already, also for the slower of two at once.
    """
    held = _held(provider)
    if held.standing == standing:
        raise Refused(_("The provider has this standing already."), "standing")
    changes = audit.changed({"standing": held.standing}, {"standing": standing, "reason": reason})
    provider.standing = standing
    provider.save(update_fields=["standing"])
    change = StandingChange.objects.create(
        provider=provider, standing=standing, reason=reason, at=timezone.now(), by=by
    )  # fmt: skip
    audit.record(actor=by, mall=provider.mall, action="standing_changed", obj=provider, changes=changes)
    _tell(provider, "standing", change=change)
    return change


@transaction.atomic
def grant(*, provider: ServiceProvider, capability: str, by: User | None, now: datetime) -> ProviderCapability:
    """Let a provider do something, from now on; nothing changes if it may already."""
    _held(provider)
    row = provider.capabilities.filter(capability=capability).first()
    row = row or ProviderCapability(mall=provider.mall, provider=provider, capability=capability)
    if row.is_granted:
        return row
    row.granted_at, row.granted_by, row.revoked_at = now, by, None
    row.save()
    changes = audit.changed({}, {"capability": capability})
    audit.record(actor=by, mall=provider.mall, action="capability_granted", obj=provider, changes=changes)
    _tell(provider, "capability", row=row)
    return row


@transaction.atomic
def take_back(
    *, provider: ServiceProvider, capability: str, until_day: date, reason: str, by: User, now: datetime
) -> list[Agreement]:
    """No longer let a provider do something. Its agreements about it end before `until_day`, a day of the mall; those
    that would begin then or later, or wait for an answer, are called off. Returns them all. Raises Refused."""
    _held(provider)
    row = provider.capabilities.filter(capability=capability).first()
    if row is None or not row.is_granted:
        raise Refused(_("The provider does not have this capability."))
    ended = list(agreements_with(provider, capability, until_day))
    agreements.hold(provider.pk, *(agreement.store_id for agreement in ended))
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    for agreement in ended:
        _end(agreement, until_day, reason, by, now)
    changes = {"capability": [capability, None], "agreements": [len(ended), 0], "reason": [None, reason]}
    audit.record(actor=by, mall=provider.mall, action="capability_taken_back", obj=provider, changes=changes)
    _tell(provider, "capability", row=row, reason=reason)
    return ended


@transaction.atomic
def change_contacts(*, provider: ServiceProvider, values: dict[str, Any], by: User) -> None:
    """Who answers for a provider and what it offers: CONTACT_FIELDS."""
    old = {name: getattr(provider, name) for name in CONTACT_FIELDS}
    changes = audit.changed(old, {name: values[name] for name in CONTACT_FIELDS})
    if changes:
        for name in changes:
            setattr(provider, name, values[name])
        provider.save(update_fields=list(changes))
        audit.record(actor=by, mall=provider.mall, action="contacts_changed", obj=provider, changes=changes)


def _end(agreement: Agreement, until_day: date, reason: str, by: User, now: datetime) -> None:
    if agreement.state == AgreementState.PROPOSED or agreement.from_day >= until_day:
        agreements.withdraw(agreement=agreement, reason=reason, now=now, by=by)
    else:
        agreements.end(agreement=agreement, until_day=until_day, reason=reason, now=now, by=by)


def _held(provider: ServiceProvider) -> ServiceProvider:
    """The provider as it stands, locked: decisions about one wait for each other."""
    return ServiceProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)


def _tell(provider: ServiceProvider, kind: str, **context: Any) -> None:
    path = reverse("merchants:provider_profile", args=[provider.pk])
    people = mails.people_with(Action.MANAGE, provider)
    mails.tell(people, kind, path=path, provider=provider, mall=provider.mall, **context)
