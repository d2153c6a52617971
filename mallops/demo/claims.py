"""What shoppers did with the offers without a payment: claims, and the coupons they used."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coupons import handing
from coupons.geo import Position
from coupons.issuing import Issued
from coupons.models import ClaimCode, Rule, Stock
from coupons.models.work import OPEN
from mallops import pipeline
from merchants.models import Mall, User
from payments.devices import device_digest
from payments.events import PaymentEvent
from payments.shoppers import digest

from .giveaways import Offers
from .spots import moved

DAYS = 12  # the offers began so many days ago
SCANS, VISITS = 140, 60  # claims by code, and nearby
USED = 0.35  # of the coupons are redeemed


def began(until: datetime, days: int) -> datetime:
    return until - timedelta(days=min(DAYS, days))


def tell(offers: Offers, *, until: datetime, days: int, rng: np.random.Generator, by: User) -> None:
    """Tell the past of the offers up to `until`; the mall's history has so many days."""
    mall, start = offers.near.rule.mall, began(until, days)
    for at in moments(mall.time_zone, rng, SCANS, start, until):
        _come_and_go(offers.scan[int(rng.integers(len(offers.scan)))], at, until, rng)
    for at in moments(mall.time_zone, rng, VISITS, start, until):
        _come_and_go(offers.near, at, until, rng, here=moved(middle(mall), *rng.normal(0, 250, 2)))
    _hand_out(offers.back, until - timedelta(days=2), by)


def middle(mall: Mall) -> Position:
    return Position(float(mall.latitude), float(mall.longitude))


def moments(zone: str, rng: np.random.Generator, count: int, start: datetime, until: datetime) -> list[datetime]:
    """While the mall is open: in each case between 10:30 and 21:30 of its days, in order."""
    days, open_for = (until - start).days, 11 * 3600
    first = start.astimezone(ZoneInfo(zone)).replace(hour=10, minute=30, second=0, microsecond=0)
    drawn = zip(rng.integers(0, days + 1, count), rng.integers(0, open_for, count), strict=True)
    found = (first + timedelta(days=int(day), seconds=int(after)) for day, after in drawn)
    return sorted(at for at in found if start <= at < until)


def claim(code: ClaimCode, who: str, now: datetime, **where) -> tuple[Issued, ...]:
    """The coupons that somebody gets by a code."""
    mall_id, rule = code.rule.mall_id, code.rule
    receipt = pipeline.claim(
        mall_id=mall_id, rule_id=rule.pk, kind=rule.version.terms["trigger"], now=now, code=code,
        shopper=person(mall_id, who), request_id=f"demo-{rule.pk}-{who}-{now:%m%d}", **where,
    )  # fmt: skip
    return receipt.coupons


def person(mall_id: int, who: str) -> str:
    """The digest of somebody with a name of ours."""
    return digest(mall_id, f"web:demo-{who}")


def _come_and_go(code: ClaimCode, now: datetime, until: datetime, rng: np.random.Generator, **where) -> None:
    """One claim, and sometimes the use of its coupon."""
    mall_id, who = code.rule.mall_id, str(rng.integers(10**9))
    for coupon in claim(code, who, now, device=device_digest(mall_id, who), **where):
        at = now + timedelta(minutes=int(rng.integers(10, 300)))
        if rng.random() < USED and at <= until:
            use(mall_id, coupon, person(mall_id, who), at)


def use(
    mall_id: int, coupon: Issued, shopper: str, at: datetime, *, store_id: int | None = None, by: User | None = None
) -> None:
    """The coupon used on an order twice as large as it asks for, at a store of its merchant."""
    stock = Stock.objects.get(pk=coupon.stock_id)
    store_id, order_fen = store_id or stock.merchant.stores.order_by("code").first().pk, stock.min_spend_fen * 2
    paid = PaymentEvent(store_id, "wechat", f"DEMO-{coupon.code}", order_fen - stock.value_fen, at, shopper)
    (receipt,) = pipeline.record_payments(mall_id, [paid], source="demo", now=at, award=False)
    pipeline.redeem(
        mall_id=mall_id, code=coupon.code, store_id=store_id, order_fen=order_fen, source="demo", now=at,
        request_id=f"demo-{coupon.code}", payment_id=receipt.id, by=by,
    )  # fmt: skip


def _hand_out(rule: Rule, now: datetime, by: User) -> None:
    run = handing.begin(rule=rule, now=now, by=by)
    while run.state in OPEN:
        run = pipeline.hand_out(run.pk, now=now)
