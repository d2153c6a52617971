"""Which provider serves which store, with what, and from when to when.

The mall proposes, or a provider for a store it serves; the owner of the merchant answers, or the mall notes an answer
given on paper. Each of the three may end it. Whatever changes agreements holds the rows of the provider and of the
store, in this order: two proposals, or an answer and the loss of a capability, come one after the other.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mallops.lib import dates
from merchants.choices import AgreementState
from merchants.models import Agreement, ServiceProvider, Store, User

from . import agreement_mails as mails
from . import audit
from .agreement_checks import check
from .refusal import Refused


def propose(
    *, provider: ServiceProvider, store: Store, capability: str, from_day: date, until_day: date | None,
    replaces: Agreement | None = None, by_provider: bool = False, now: datetime, by: User,
) -> Agreement:  # fmt: skip
    """Ask the merchant to let the provider serve the store on the mall's days from `from_day` until before `until_day`
    (None: open). With `replaces`, that agreement ends on `from_day` when this one is confirmed. Raises Refused."""
    terms = {"store": store, "capability": capability, "from_day": from_day, "until_day": until_day}
    with transaction.atomic():
        provider = hold(provider.pk, store.pk)
        replaces = replaces and Agreement.objects.get(pk=replaces.pk)
        agreement = Agreement(
            mall=provider.mall, provider=provider, **terms, replaces=replaces, state=AgreementState.PROPOSED,
            proposed_at=now, proposed_by=by, by_provider=by_provider,
        )  # fmt: skip
        check(agreement, _today(agreement, now))
        agreement.save()
        changes = audit.changed({}, terms | {"provider": provider, "replaces": replaces})
        audit.record(actor=by, mall=provider.mall, action="agreement_proposed", obj=agreement, changes=changes)
        mails.proposed(agreement)
    return agreement


def propose_for(*, provider: ServiceProvider, stores: Collection[Store], **terms: Any) -> list[Agreement]:
    """`propose` the same for several stores, all or none. Raises Refused, which names the store."""
    with transaction.atomic():
        hold(provider.pk, *(store.pk for store in stores))
        return [_propose_at(store, terms | {"provider": provider}) for store in stores]


def confirm(*, agreement: Agreement, now: datetime, by: User, on_paper: bool = False, reason: str = "") -> None:
    """The merchant agrees; the agreement it takes over from ends where it begins. Raises Refused, also if what was
    sound when it was proposed is not any more."""
    with transaction.atomic():
        held = _held(agreement, {AgreementState.PROPOSED})
        check(held, _today(held, now))
        old = held.replaces
        if old and (old.until_day is None or old.until_day > held.from_day):
            _move(old, "agreement_handed_over", by, until_day=held.from_day)
            mails.ended(old, "mall")
        _answer(held, AgreementState.CONFIRMED, now, by, on_paper, reason)


def decline(*, agreement: Agreement, reason: str, now: datetime, by: User, on_paper: bool = False) -> None:
    """The merchant refuses, with a reason. Raises Refused."""
    if not reason.strip():
        raise Refused(_("Say why."), "reason")
    with transaction.atomic():
        held = _held(agreement, {AgreementState.PROPOSED})
        _answer(held, AgreementState.DECLINED, now, by, on_paper, reason)


def withdraw(*, agreement: Agreement, reason: str = "", now: datetime, by: User) -> None:
    """Take back what was proposed, or call off what has not begun. Raises Refused."""
    with transaction.atomic():
        held = _held(agreement, {AgreementState.PROPOSED, AgreementState.CONFIRMED})
        if held.state == AgreementState.CONFIRMED:
            if held.from_day <= _today(held, now):
                raise Refused(_("The agreement has begun; it can only be ended."))
            if held.replaces:
                raise Refused(_("The service provider before has its last day already. Hand the store over anew."))
        _move(held, "agreement_withdrawn", by, state=AgreementState.WITHDRAWN, reason=reason.strip())
        mails.withdrawn(held)


def end(
    *, agreement: Agreement, until_day: date, reason: str = "", now: datetime, by: User, side: str = "mall"
) -> None:
    """Let a confirmed agreement end before `until_day`: after today at the earliest, for a day that has begun counts
    for the provider who had it, and not later than it ends already. `side` is who wants that: "mall", "merchant" or
    "provider"; the others are told. Raises Refused."""
    with transaction.atomic():
        held = _held(agreement, {AgreementState.CONFIRMED})
        today = _today(held, now)
        if held.until_day and held.until_day <= today:
            raise Refused(_("The agreement has ended already."))
        if until_day <= max(today, held.from_day):
            earliest = max(today, held.from_day)
            raise Refused(_("The last day is %(day)s at the earliest.") % {"day": earliest}, "last_day")
        if held.until_day and until_day > held.until_day:
            raise Refused(_("It ends earlier already. A longer time is a new agreement."), "last_day")
        _move(held, "agreement_ended", by, until_day=until_day, reason=reason.strip())
        mails.ended(held, side)


def hold(provider_id: int, *store_ids: int) -> ServiceProvider:
    """The provider as it stands, locked together with stores (SQLite's write transactions wait for each other anyway).
    Who changes agreements of several stores holds all before the first change, which locks the mall. Payments do not
    wait for that."""
    provider = ServiceProvider.objects.select_for_update(no_key=True, of=("self",)).select_related("mall")
    provider = provider.get(pk=provider_id)
    list(Store.objects.select_for_update(no_key=True).filter(pk__in=store_ids).order_by("pk"))
    return provider


def _propose_at(store: Store, terms: dict[str, Any]) -> Agreement:
    try:
        return propose(store=store, **terms)
    except Refused as refusal:
        raise Refused(f"{store.name}: {refusal}", refusal.field) from refusal


def _held(agreement: Agreement, states: set[str]) -> Agreement:
    """The agreement as it stands, its provider and store held. Raises Refused if it is in none of the states."""
    hold(agreement.provider_id, agreement.store_id)
    related = ("mall", "provider__mall", "store__merchant__mall", "replaces__provider__mall")
    held = Agreement.objects.select_related(*related).get(pk=agreement.pk)
    if held.state not in states:
        raise Refused(_("The agreement has changed meanwhile. Read the page again."))
    return held


def _answer(agreement: Agreement, state: str, now: datetime, by: User, on_paper: bool, reason: str) -> None:
    _move(
        agreement, f"agreement_{state}", by, state=state, answered_at=now, answered_by=by, on_paper=on_paper,
        reason=reason.strip(),
    )  # fmt: skip
    mails.answered(agreement)


def _move(agreement: Agreement, action: str, by: User, **values) -> None:
    changes = audit.changed({name: getattr(agreement, name) for name in values}, values)
    for name, value in values.items():
        setattr(agreement, name, value)
    agreement.save(update_fields=list(values))
    audit.record(actor=by, mall=agreement.mall, action=action, obj=agreement, changes=changes)


def _today(agreement: Agreement, now: datetime) -> date:
    return dates.today(agreement.mall.time_zone, now)
