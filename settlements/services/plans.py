"""Plans of rebates: written by the mall, offered to a provider for some days, answered by the provider. What cannot be
raises Refused.

Steps about one provider follow each other: each holds the provider's row.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from mallops.lib import spans
from mallops.lib.dates import first_of_month, today
from merchants import access
from merchants.choices import Action
from merchants.models import Mall, ServiceProvider, User
from merchants.services import audit
from merchants.services.mails import people_with, tell
from merchants.services.refusal import Refused
from settlements.models import PlanOffer, PlanVersion, RebatePlan
from settlements.plans import PlanTerms

State = PlanOffer.State
ANSWER_WITHIN_DAYS = 31  # after its first day an offer can be accepted no more: the months before may be closed


def create(*, mall: Mall, name_zh: str, name_en: str, terms: PlanTerms, now: datetime, by: User | None) -> PlanVersion:
    """Write a plan; returns its first version. Raises BadPlan."""
    with transaction.atomic():
        plan = RebatePlan.objects.create(mall=mall, name_zh=name_zh, name_en=name_en, created_by=by)
        return _version(plan, 1, terms, now, by)


def reword(*, plan: RebatePlan, terms: PlanTerms, now: datetime, by: User | None) -> PlanVersion:
    """Add a version; offers made before stay with theirs. Raises BadPlan; Refused if nothing differs."""
    with transaction.atomic():
        RebatePlan.objects.select_for_update().get(pk=plan.pk)
        newest = plan.versions.first()
        if PlanTerms.from_json(newest.terms) == terms:
            raise Refused(_("Nothing differs from the version before."))
        return _version(plan, newest.number + 1, terms, now, by)


def _version(plan: RebatePlan, number: int, terms: PlanTerms, now: datetime, by: User | None) -> PlanVersion:
    terms.check()
    version = PlanVersion.objects.create(plan=plan, number=number, terms=terms.to_json(), made_by=by, made_at=now)
    changes = {"version": [number - 1 or None, number], "terms": [None, version.terms]}
    audit.record(actor=by, mall=plan.mall, action="plan_written", obj=plan, changes=changes)
    return version


def offer(
    *, version: PlanVersion, provider: ServiceProvider, from_day: date, until_day: date | None, now: datetime,
    by: User | None,
) -> PlanOffer:  # fmt: skip
    """Offer a version for local days from `from_day`, of this month or later, until before `until_day`; the provider is
    asked by mail. Offers of a provider do not overlap."""
    if until_day and until_day <= from_day:
        raise Refused(_("The last day is before the first."), "last_day")
    if from_day < first_of_month(today(provider.mall.time_zone, now)):
        raise Refused(_("A plan begins in this month or later: the months before are reckoned."), "from_day")
    with transaction.atomic():
        held = _hold(provider)
        _refuse_overlap(held, from_day, until_day, (State.OFFERED, State.ACCEPTED))
        made = PlanOffer.objects.create(
            mall=held.mall, provider=held, version=version, from_day=from_day, until_day=until_day, offered_by=by,
            offered_at=now,
        )  # fmt: skip
        _note(made, "plan_offered", "", by)
        _tell_provider(made)
    return made


def withdraw(*, offer: PlanOffer, reason: str, now: datetime, by: User | None) -> None:
    """Take back an offer that is not answered yet."""
    _need(reason)
    with transaction.atomic():
        held = _held(offer, State.OFFERED)
        _move(held, State.WITHDRAWN, reason, now, by)
        _tell_provider(held)


def accept(*, offer: PlanOffer, now: datetime, by: User | None, reason: str = "") -> None:
    """The provider accepts, within ANSWER_WITHIN_DAYS and before the last day is over."""
    with transaction.atomic():
        _hold(offer.provider)
        held = _held(offer, State.OFFERED)
        day = today(held.mall.time_zone, now)
        if held.from_day < day - timedelta(days=ANSWER_WITHIN_DAYS) or (held.until_day and held.until_day <= day):
            raise Refused(_("It is too late to accept: ask the mall for a new offer."))
        _refuse_overlap(held.provider, held.from_day, held.until_day, (State.ACCEPTED,))
        _move(held, State.ACCEPTED, reason, now, by)
        _tell_mall(held)


def decline(*, offer: PlanOffer, reason: str, now: datetime, by: User | None) -> None:
    """The provider declines."""
    _need(reason)
    with transaction.atomic():
        held = _held(offer, State.OFFERED)
        _move(held, State.DECLINED, reason, now, by)
        _tell_mall(held)


def end(*, offer: PlanOffer, until_day: date, reason: str, now: datetime, by: User | None) -> None:
    """Let an accepted offer end before `until_day`, so that another can follow it: not before today is over, nor
    without a first day, nor later than it ends anyway."""
    _need(reason)
    with transaction.atomic():
        held = _held(offer, State.ACCEPTED)
        if until_day <= max(today(held.mall.time_zone, now), held.from_day):
            raise Refused(_("The last day is today at the earliest, and not before the first."), "last_day")
        if held.until_day and until_day > held.until_day:
            raise Refused(_("The plan ends before that day anyway."), "last_day")
        changes = {"until_day": [held.until_day, until_day], "reason": [None, reason]}
        held.until_day = until_day
        held.save(update_fields=["until_day"])
        audit.record(actor=by, mall=held.mall, action="plan_ended", obj=held, changes=changes)
        _tell_provider(held)


def overlapping(provider: ServiceProvider, from_day: date, until_day: date | None) -> QuerySet[PlanOffer]:
    """Offers to the provider that share a day with the days from `from_day` until before `until_day`."""
    return provider.plan_offers.filter(spans.overlapping(from_day, until_day))


def _refuse_overlap(provider: ServiceProvider, from_day: date, until_day: date | None, states: tuple) -> None:
    other = overlapping(provider, from_day, until_day).filter(state__in=states).select_related("version__plan").first()
    if other:
        said = {
            "plan": other.version.plan.name,
            "first": other.from_day,
            "last": spans.last_day(other.until_day) or "…",
        }
        raise Refused(_("%(plan)s is offered or accepted from %(first)s to %(last)s already.") % said, "from_day")


def _hold(provider: ServiceProvider) -> ServiceProvider:
    held = ServiceProvider.objects.select_related("mall").select_for_update(of=("self",)).get(pk=provider.pk)
    if not access.is_active(held):
        raise Refused(_("The service provider is not approved, or suspended."), "provider")
    return held


def _held(offer: PlanOffer, state: str) -> PlanOffer:
    related = PlanOffer.objects.select_related("mall", "provider__mall", "version__plan")
    held = related.select_for_update(of=("self",)).get(pk=offer.pk)
    if held.state != state:
        raise Refused(_("The offer has been answered or taken back meanwhile."))
    return held


def _move(offer: PlanOffer, state: str, reason: str, now: datetime, by: User | None) -> None:
    offer.state, offer.reason, offer.answered_at, offer.answered_by = state, reason, now, by
    offer.save(update_fields=["state", "reason", "answered_at", "answered_by"])
    _note(offer, f"plan_{state}", reason, by)


def _note(offer: PlanOffer, action: str, reason: str, by: User | None) -> None:
    changes = {"state": [None, offer.state], "provider": [None, offer.provider_id], "version": [None, offer.version_id]}
    changes |= {"reason": [None, reason]} if reason else {}
    audit.record(actor=by, mall=offer.mall, action=action, obj=offer, changes=changes)


def _need(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), "reason")


def _tell_provider(offer: PlanOffer) -> None:
    path = reverse("settlements:plan_offer", args=[offer.provider_id, offer.pk])
    tell(people_with(Action.MANAGE, offer.provider), "plan_offer", path=path, offer=offer)


def _tell_mall(offer: PlanOffer) -> None:
    path = reverse("settlements:plan_detail", args=[offer.mall.slug, offer.version.plan_id])
    tell(people_with(Action.SETTLE, offer.mall), "plan_answer", path=path, offer=offer)
