"""Plans of rebates and their offers, as the mall and a provider see them."""

from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from mallops.lib import spans
from merchants.models import Mall, ServiceProvider
from settlements.models import PlanOffer, PlanVersion, RebatePlan

State = PlanOffer.State


def plan_rows(mall: Mall, today: date) -> QuerySet[RebatePlan]:
    """Plans with their `newest` terms and its `number`, offers `waiting` for an answer and those `running` on a day."""
    versions = PlanVersion.objects.filter(plan=OuterRef("pk")).order_by("-number")
    running = Q(versions__offers__state=State.ACCEPTED) & spans.on(today, "versions__offers__")
    return mall.rebate_plans.annotate(
        newest=Subquery(versions.values("terms")[:1]),
        number=Subquery(versions.values("number")[:1]),
        waiting=Count("versions__offers", filter=Q(versions__offers__state=State.OFFERED), distinct=True),
        running=Count("versions__offers", filter=running, distinct=True),
    ).order_by("-created_at", "-pk")


def state_on(offer: PlanOffer, day: date) -> str:
    """The state of an offer on a day: its own, or of an accepted one what `spans.stage` says."""
    if offer.state != State.ACCEPTED:
        return offer.state
    return spans.stage(offer.from_day, offer.until_day, day)


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
