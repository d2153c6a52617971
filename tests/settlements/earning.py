"""A provider that earns: a plan, its offer, redemptions and what came of them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.db.models import Q, Sum

from mallops import pipeline
from merchants.choices import Standing
from merchants.models import ServiceProvider, StandingChange, Store
from payments.events import PaymentEvent
from settlements import rebates
from settlements.models import Accrual, Entry, PlanOffer
from settlements.plans import PlanTerms
from tests.factories import make_plan_offer, payment_event

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # of a Tuesday in Shanghai
MARCH = date(2026, 3, 1)
SIMPLE = PlanTerms(tiers=((0, 1_000),), maturity_days=10, credits_per_100_yuan=50)
_next = count(1)


def make_offer(provider: ServiceProvider, terms: PlanTerms = SIMPLE, **fields) -> PlanOffer:
    """An accepted offer from 1 March 2026 on."""
    return make_plan_offer(provider, terms, **{"state": PlanOffer.State.ACCEPTED, **fields})


def earn_coupon(store: Store, at: datetime, **fields) -> str:
    """Pay at the store, where a rule gives a coupon for each payment; returns the coupon's code."""
    paid = payment_event(store, paid_at=at, shopper=f"shopper {next(_next)}", **fields)
    (receipt,) = pipeline.record_payments(store.mall_id, [paid], source="test", now=at)
    return receipt.coupons[0].code


def use(store: Store, at: datetime = NOON, order_fen: int = 10_000, paid: PaymentEvent | None = None):
    """Earn a coupon and use it at once, where the stock says; returns the redemption."""
    code = earn_coupon(store, at)
    return pipeline.redeem(
        mall_id=store.mall_id, code=code, store_id=store.pk, order_fen=order_fen, request_id=f"use {next(_next)}",
        source="test", now=at,
    )  # fmt: skip


def undo(redemption, at: datetime = NOON):
    return pipeline.reverse(
        mall_id=redemption.mall_id, redemption_id=redemption.pk, request_id=f"undo {redemption.pk}", reason="test",
        source="test", now=at,
    )  # fmt: skip


def suspend(provider: ServiceProvider, at: datetime, standing: str = Standing.SUSPENDED) -> None:
    StandingChange.objects.create(provider=provider, standing=standing, reason="test", at=at)


def accrue(mall, at: datetime = NOON + timedelta(hours=1)) -> int:
    return rebates.accrue(mall, at)


def amounts(mall) -> list[int]:
    """Of the rewards for redemptions, in fen, in their order."""
    found = Accrual.objects.for_mall(mall).filter(kind="redemption").order_by("pk")
    return list(found.values_list("amount_fen", flat=True))


def balances(provider: ServiceProvider) -> dict[str, int]:
    """Of the accounts of a provider and of the mall's rebates (fen), but for those that are even."""
    found = {}
    for kind, whose in (("rebate_pending", provider), ("rebate", provider), ("rebate_expense", None)):
        sums = [
            Entry.objects.for_mall(provider.mall)
            .filter(Q(**{f"{side}__kind": kind, f"{side}__provider": whose}))
            .aggregate(sum=Sum("amount_fen"))["sum"]
            or 0
            for side in ("credit", "debit")
        ]
        if sums[0] != sums[1]:
            found[kind] = sums[0] - sums[1]
    return found
