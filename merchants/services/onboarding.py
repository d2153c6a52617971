"""Providers bring merchants and stores into a mall: they propose, the mall decides.

An approved proposal becomes a store, its merchant if the mall has none of that registration number yet, and a
confirmed agreement, all or nothing. Proposing and deciding hold the provider and the mall, in this order.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from mallops.lib import dates
from merchants.choices import Action, AgreementState
from merchants.models import Agreement, Mall, Merchant, Onboarding, ServiceProvider, Store, User
from merchants.queries.onboarding import merchant_of

from . import audit
from .mails import people_with, tell
from .onboarding_checks import Problem, Proposal, as_proposal, check_provider, find_problems
from .refusal import Refused

STATES = Onboarding.State


class ProposalsRefused(Exception):
    """None of the proposals is kept; `problems` are those of all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def propose(
    *, provider: ServiceProvider, proposals: Sequence[Proposal], now: datetime, by: User
) -> list[Onboarding]:  # fmt: skip
    """Keep proposals for the mall to decide on, all or none. Raises Refused if the provider may not propose at all,
    ProposalsRefused for what is wrong with single ones."""
    with transaction.atomic():
        provider = _hold(provider)
        check_provider(provider)
        if problems := find_problems(provider, proposals, dates.today(provider.mall.time_zone, now)):
            raise ProposalsRefused(problems)
        about = {"mall": provider.mall, "provider": provider, "proposed_at": now, "proposed_by": by}
        made = Onboarding.objects.bulk_create(Onboarding(**about, **each._asdict()) for each in proposals)
        changes = {"stores": [None, [each.store_code for each in proposals]]}
        audit.record(actor=by, mall=provider.mall, action="stores_proposed", obj=provider, changes=changes)
        path = reverse("merchants:mall_onboarding", args=[provider.mall.slug])
        tell(
            people_with(Action.MANAGE, provider.mall), "onboarding_proposed", path=path, provider=provider,
            mall=provider.mall, stores=made,
        )  # fmt: skip
    return made


def approve(*, onboarding: Onboarding, now: datetime, by: User) -> Store:
    """Take the store into the mall. Raises Refused for what was decided before, and for what cannot be any more."""
    with transaction.atomic():
        held = _held(onboarding)
        check_provider(held.provider)
        problems = find_problems(
            held.provider, [as_proposal(held)], dates.today(held.mall.time_zone, now), own=held.pk
        )  # fmt: skip
        if problems:
            raise Refused(problems[0].message)
        store = _make_store(held)
        agreement = Agreement.objects.create(
            mall=held.mall, provider=held.provider, store=store, capability=held.capability, from_day=held.from_day,
            state=AgreementState.CONFIRMED, proposed_at=held.proposed_at, proposed_by=held.proposed_by,
            by_provider=True, answered_at=now, answered_by=by, on_paper=True,
        )  # fmt: skip
        made = {"store": store, "merchant": store.merchant, "agreement": agreement}
        _decide(held, STATES.APPROVED, now, by, store=store)
        audit.record(actor=by, mall=held.mall, action="store_onboarded", obj=store, changes=audit.changed({}, made))
    return store


def decline(*, onboarding: Onboarding, reason: str, now: datetime, by: User) -> None:
    """Raises Refused, also without a reason."""
    if not reason.strip():
        raise Refused(_("Say why."), "reason")
    with transaction.atomic():
        _decide(_held(onboarding), STATES.DECLINED, now, by, reason=reason.strip())


def withdraw(*, onboarding: Onboarding, now: datetime, by: User) -> None:
    """The provider takes its proposal back. Raises Refused."""
    with transaction.atomic():
        _decide(_held(onboarding), STATES.WITHDRAWN, now, by)


def _make_store(onboarding: Onboarding) -> Store:
    try:
        with transaction.atomic():
            return Store.objects.create(
                mall=onboarding.mall, merchant=_merchant(onboarding), category=onboarding.category,
                floor=onboarding.floor, unit=onboarding.unit, code=onboarding.store_code,
                name_zh=onboarding.store_name_zh, name_en=onboarding.store_name_en,
            )  # fmt: skip
    except IntegrityError as error:  # an import of stores does not wait for us
        raise Refused(_("The code %(code)s is taken.") % {"code": onboarding.store_code}, "store_code") from error


def _merchant(onboarding: Onboarding) -> Merchant:
    """The mall's merchant of that registration number, or a new one."""
    mall, number = onboarding.mall, onboarding.registration_number
    if known := merchant_of(mall.pk, number):
        return known
    names = {"name_zh": onboarding.merchant_name_zh, "name_en": onboarding.merchant_name_en}
    if not any(names.values()):
        names = {"name_zh": onboarding.store_name_zh, "name_en": onboarding.store_name_en}
    code = _free_code(mall, onboarding.store_code)
    return Merchant.objects.create(mall=mall, code=code, registration_number=number, **names)


def _free_code(mall: Mall, wanted: str) -> str:
    taken = set(mall.merchants.values_list("code", flat=True))
    numbered = (f"{wanted[:34]}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbered) if code not in taken)


def _hold(provider: ServiceProvider) -> ServiceProvider:
    """The provider as it stands, locked, and its mall: codes and registration numbers are looked up and taken by one
    at a time."""
    held = ServiceProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    held.mall = Mall.objects.select_for_update(no_key=True).get(pk=held.mall_id)
    return held


def _held(onboarding: Onboarding) -> Onboarding:
    provider = _hold(onboarding.provider)
    held = Onboarding.objects.select_related("category", "floor", "proposed_by").get(pk=onboarding.pk)
    if held.state != STATES.PROPOSED:
        raise Refused(_("This proposal was decided or taken back meanwhile."))
    held.provider, held.mall = provider, provider.mall
    return held


def _decide(onboarding: Onboarding, state: str, now: datetime, by: User, **values) -> None:
    changes = audit.changed({"state": onboarding.state}, {"state": state, **values})
    for name, value in {"state": state, "decided_at": now, "decided_by": by, **values}.items():
        setattr(onboarding, name, value)
    onboarding.save()
    audit.record(actor=by, mall=onboarding.mall, action=f"onboarding_{state}", obj=onboarding, changes=changes)
    if state != STATES.WITHDRAWN:
        path = reverse("merchants:provider_onboarding", args=[onboarding.provider_id])
        people = people_with(Action.MANAGE, onboarding.provider)
        tell(people, "onboarding_decided", path=path, onboarding=onboarding, mall=onboarding.mall)
