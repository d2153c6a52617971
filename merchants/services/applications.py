"""Who wants to become a service provider of a mall applies; the mall approves or declines."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Replace
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from merchants.choices import Action, ProviderState, Role, Standing
from merchants.models import Invitation, Mall, ProviderCapability, ServiceProvider, User
from merchants.models.base import touch_mall

from . import audit, documents, invitations, mails, providers
from .refusal import Refused

FIELDS = ("name_zh", "name_en", "registration_number", "contact_name", "contact_phone", "contact_email", "about")


def apply(
    *,
    mall: Mall,
    values: dict[str, Any],
    capabilities: Collection[str],
    files: Sequence[tuple[str, UploadedFile]],
    by: User | None,
    now: datetime,
) -> ServiceProvider:
    """Keep an application: FIELDS, the capabilities asked for, and files as (kind, file). The applicant and the mall's
    managers are told. Raises Refused: for a file, and where someone of the same registration number is a provider or
    has an open application, also for the slower of two at once."""
    try:
        with transaction.atomic():
            if _known(mall, values["registration_number"]):
                raise _known_already()
            return _keep(mall, values, capabilities, files, by, now)
    except IntegrityError as error:
        raise _known_already() from error


def _keep(mall, values, capabilities, files, by, now) -> ServiceProvider:
    application = ServiceProvider.objects.create(
        mall=mall, code=_free_code(mall, values["name_en"]), state=ProviderState.APPLIED, applied_at=now,
        **{name: values[name] for name in FIELDS},
    )  # fmt: skip
    for capability in capabilities:
        ProviderCapability.objects.create(mall=mall, provider=application, capability=capability, asked_at=now)
    for kind, file in files:
        documents.attach(provider=application, kind=kind, file=file, by=by)
    changes = audit.changed({}, {"registration_number": application.registration_number})
    audit.record(actor=by, mall=mall, action="provider_applied", obj=application, changes=changes)
    _announce(application)
    return application


def approve(
    *, application: ServiceProvider, capabilities: Collection[str], by: User, now: datetime
) -> tuple[Invitation, str]:
    """Make the applicant a provider in good standing with these capabilities, and invite its contact to manage it.
    Returns the invitation and the token for its link, to be mailed once committed. Raises Refused if it was
    answered before."""
    with transaction.atomic():
        _decide(application, ProviderState.APPROVED, "", by, now)
        for capability in capabilities:
            providers.grant(provider=application, capability=capability, by=by, now=now)
        return invitations.invite(
            body=application, role=Role.PROVIDER_MANAGER, email=application.contact_email, by=by
        )  # fmt: skip


def decline(*, application: ServiceProvider, reason: str, by: User, now: datetime) -> None:
    """Refuse an application; the applicant is told why. The same can apply again. Raises Refused if it was
    answered before."""
    with transaction.atomic():
        _decide(application, ProviderState.DECLINED, reason, by, now)
        mails.tell_address(
            application.contact_email, get_language(), "application_declined",
            path=_apply_path(application.mall), application=application, mall=application.mall,
        )  # fmt: skip


def _decide(application: ServiceProvider, state: str, reason: str, by: User, now: datetime) -> None:
    decision = {"state": state, "decided_at": now, "decided_by": by, "decision_reason": reason}
    if not ServiceProvider.objects.filter(pk=application.pk, state=ProviderState.APPLIED).update(**decision):
        raise Refused(_("Someone else has answered this application."))
    touch_mall(application.mall_id)
    for name, value in decision.items():
        setattr(application, name, value)
    changes = audit.changed({"state": ProviderState.APPLIED}, {"state": state, "reason": reason})
    audit.record(actor=by, mall=application.mall, action=f"provider_{state}", obj=application, changes=changes)


def _known_already() -> Refused:
    text = _("The mall has a service provider or an open application with this number. Please ask the mall.")
    return Refused(text, "registration_number")


def _known(mall: Mall, registration_number: str) -> bool:
    bare = Replace("registration_number", Value(" "))  # however it was spaced when it was typed
    same = mall.providers.annotate(bare=bare).filter(bare__iexact=registration_number.replace(" ", ""))
    gone = {"state": ProviderState.APPROVED, "standing": Standing.TERMINATED}
    return same.exclude(state=ProviderState.DECLINED).exclude(**gone).exists()


def _free_code(mall: Mall, name: str) -> str:
    wanted = slugify(name)[:32].strip("-") or "provider"
    taken = mall.providers.filter(code=wanted).exists()
    return f"{wanted}-{secrets.token_hex(3)}" if taken or wanted == "provider" else wanted


def _announce(application: ServiceProvider) -> None:
    mall = application.mall
    mails.tell_address(
        application.contact_email, get_language(), "application_received",
        path=_apply_path(mall), application=application, mall=mall,
    )  # fmt: skip
    review = reverse("merchants:application_detail", args=[mall.slug, application.pk])
    mails.tell(
        mails.people_with(Action.MANAGE, mall), "application_new", path=review, application=application, mall=mall
    )


def _apply_path(mall: Mall) -> str:
    return reverse("merchants:apply", args=[mall.slug])
