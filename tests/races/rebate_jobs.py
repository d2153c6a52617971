"""What the processes of the races for rebates and traffic credits do."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from coupons.models import Boost, Reversal, Rule
from mallops import pipeline
from mallops.lib.dates import today
from merchants.models import Mall, ServiceProvider
from merchants.services.refusal import Refused
from settlements import credits, rebates
from settlements.models import Accrual, CreditLine, Entry, PlanOffer
from settlements.plans import PlanTerms, reward
from settlements.services.boosts import boost
from tests import factories

from . import jobs
from .jobs import World

TERMS = PlanTerms(tiers=((0, 333), (3_000, 1_777)), credits_per_100_yuan=100)


def build(uses: int) -> World:
    """A provider that operates the store, with a plan, and so many coupons used there."""
    world = jobs.build()
    mall = Mall.objects.get(pk=world.mall_id)
    provider = factories.make_provider(mall=mall)
    factories.make_agreement(provider=provider, store=mall.stores.get())
    day = mall.today() - timedelta(days=2)
    factories.make_plan_offer(provider, TERMS, state=PlanOffer.State.ACCEPTED, from_day=day)
    for n in range(uses):
        (code,) = jobs.pay(world, n, f"shopper {n}")
        jobs.redeem(world, code, f"use {n}")
    return world


def provider_of(world: World) -> ServiceProvider:
    return ServiceProvider.objects.select_related("mall").get(mall=world.mall_id)


def accrue(world: World) -> int:
    return rebates.accrue(Mall.objects.get(pk=world.mall_id), timezone.now())


def accrue_or_undo(world: World, redemption: int | None) -> str:
    """Reckon rebates, or undo one redemption."""
    if redemption is None:
        return f"{accrue(world)} accrued"
    pipeline.reverse(
        mall_id=world.mall_id, redemption_id=redemption, request_id=f"undo {redemption}", reason="race", source="race",
        now=timezone.now(),
    )  # fmt: skip
    return "undone"


def look_at_rebates(world: World) -> dict:
    """What came of it: rewards, those of redemptions undone that were not taken back, and what the mall owes."""
    rows = Accrual.objects.for_mall(world.mall_id)
    undone = Reversal.objects.for_mall(world.mall_id).values("redemption")
    entries = Entry.objects.for_mall(world.mall_id)
    sums = [
        entries.filter(**{f"{side}__kind": "rebate_pending"}).aggregate(sum=Sum("amount_fen"))["sum"] or 0
        for side in ("credit", "debit")
    ]
    return {
        "accruals": rows.count(),
        "runs": list(rows.order_by("run_fen").values_list("run_fen", flat=True)),
        "unjust": rows.filter(redemption__in=undone).exclude(state="clawed").count(),
        "owed": sums[0] - sums[1],
        "earned": rows.exclude(state="clawed").aggregate(sum=Sum("amount_fen"))["sum"] or 0,
    }


def due(uses: int) -> int:
    """What so many uses come to, each of 10 yuan off."""
    return reward(TERMS, uses * 1_000)


def give_credits(world: World, number: int) -> None:
    provider, now = provider_of(world), timezone.now()
    credits.earn(provider, [(1, number, now.date())], now=now)


def buy(world: World) -> str:
    """A boost for 10 credits."""
    provider, now = provider_of(world), timezone.now()
    first = today(provider.mall.time_zone, now) + timedelta(days=1)
    days = {"from_day": first, "until_day": first + timedelta(days=1)}
    try:
        boost(provider=provider, rule=Rule.objects.get(mall=world.mall_id), weight=10, **days, now=now, by=None)
    except Refused:
        return "refused"
    return "bought"


def look_at_credits(world: World) -> dict:
    lines = CreditLine.objects.for_mall(world.mall_id)
    return {"left": sum(lines.values_list("credits", flat=True)), "boosts": Boost.objects.count()}
