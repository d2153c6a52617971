"""Plans of rebates and their offers, as the mall and a provider see them."""

from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from merchants.models import Mall, ServiceProvider
from settlements.models import PlanOffer, PlanVersion, RebatePlan

State = PlanOffer.State
UPCOMING, RUNNING, ENDED = "upcoming", "running", "ended"  # what an accepted offer is on a day


def plan_rows(mall: Mall, today: date) -> QuerySet[RebatePlan]:
    """Plans with their `newest` terms and its `number`, offers `waiting` for an answer and those `running` on a day."""
    versions = PlanVersion.objects.filter(plan=OuterRef("pk")).order_by("-number")
    running = Q(versions__offers__state=State.ACCEPTED) & on(today, "versions__offers__")
    return mall.rebate_plans.annotate(
        newest=Subquery(versions.values("terms")[:1]),
        number=Subquery(versions.values("number")[:1]),
        waiting=Count("versions__offers", filter=Q(versions__offers__state=State.OFFERED), distinct=True),
        running=Count("versions__offers", filter=running, distinct=True),
    ).order_by("-created_at", "-pk")


def on(day: date, to: str = "") -> Q:
    """The condition on offers (reached by `to`) that cover a day."""
    later = Q(**{f"{to}until_day": None}) | Q(**{f"{to}until_day__gt": day})
    return Q(**{f"{to}from_day__lte": day}) & later


def state_on(offer: PlanOffer, day: date) -> str:
    """The state of an offer on a day: its own, or of an accepted one UPCOMING, RUNNING or ENDED."""
    if offer.state != State.ACCEPTED:
        return offer.state
    if offer.from_day > day:
        return UPCOMING
    return ENDED if offer.until_day and offer.until_day <= day else RUNNING


def versions_of(plan: RebatePlan) -> QuerySet[PlanVersion]:
    return plan.versions.select_related("made_by")


def offers_of(plan: RebatePlan) -> QuerySet[PlanOffer]:
    rows = PlanOffer.objects.filter(mall=plan.mall_id, version__plan=plan).select_related("provider", "version")
    return rows.order_by("-from_day", "provider__code", "-pk")


def offers_to(provider: ServiceProvider) -> QuerySet[PlanOffer]:
    """All offers made to a provider, newest first."""
    return provider.plan_offers.select_related("version__plan", "answered_by").order_by("-from_day", "-pk")


def asked(provider: ServiceProvider) -> QuerySet[PlanOffer]:
    """The offers that wait for the provider's answer."""
    return provider.plan_offers.filter(state=State.OFFERED)
