"""What becomes of a coupon in a shopper's hands: used or not, when, where, on how large an order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coupons import rulebooks
from coupons.issuing import Issued
from coupons.models import Stock
from coupons.redeeming import discount, least_order
from coupons.rulebooks import Book
from merchants.models import Mall, Store
from merchants.queries import directory
from payments.events import PaymentEvent

from . import offer_plans, plan, rhythm


@dataclass(frozen=True, slots=True)
class Habit:
    """How coupons of one stock are used: `share` of them, at `stores` (ids), orders around `ticket_fen`."""

    share: float
    stores: tuple[int, ...]
    ticket_fen: int
    spread: float
    hours: np.ndarray


@dataclass(frozen=True, slots=True)
class Use:
    """A coupon to be redeemed at a moment: the order before the discount, and what is then paid."""

    at: datetime
    code: str
    store_id: int
    order_fen: int
    paid_fen: int
    channel: str
    shopper: str | None


def plan_use(
    coupon: Issued, trigger: PaymentEvent, habit: Habit, book: Book, *, zone: ZoneInfo, rng: np.random.Generator
) -> Use | None:
    """The use of a coupon just issued for a payment, or None for one that will expire."""
    unused, at = rng.random() > habit.share, _moment(coupon, habit, zone, rng)
    store_id = int(rng.choice(habit.stores))
    drawn = round(habit.ticket_fen * rng.lognormal(0.1, habit.spread) / 100) * 100
    if unused or at is None:
        return None
    stock = book.stocks[coupon.stock_id]
    order_fen = max(drawn, round(least_order(stock) * rng.uniform(1.0, 1.35) / 100) * 100, least_order(stock), 200)
    paid_fen = max(order_fen - discount(stock, order_fen), 100)
    return Use(at, coupon.code, store_id, order_fen, paid_fen, trigger.channel, trigger.shopper)


def _moment(coupon: Issued, habit: Habit, zone: ZoneInfo, rng) -> datetime | None:
    """Soon rather than late, at an hour when the store is busy; None if the coupon would be over by then."""
    span = coupon.expires_at - coupon.valid_from
    if span <= timedelta(hours=16):
        moment = coupon.valid_from + timedelta(minutes=12) + span * float(rng.beta(1.2, 4.0)) * 0.8
        hour = moment.astimezone(zone).hour - rhythm.FIRST_HOUR
        return moment if 0 <= hour < len(habit.hours) and habit.hours[hour] > 0 else None
    day = (coupon.valid_from + span * float(rng.beta(1.0, 2.2))).astimezone(zone).date()
    hour = rhythm.FIRST_HOUR + int(rng.choice(len(habit.hours), p=habit.hours))
    local = datetime(day.year, day.month, day.day, hour, int(rng.integers(60)), int(rng.integers(60)), tzinfo=zone)
    moment = local.astimezone(UTC)
    return moment if coupon.valid_from + timedelta(minutes=12) < moment < coupon.expires_at else None


def habits_of(mall: Mall, mall_plan: plan.MallPlan, stocks: dict[str, Stock]) -> dict[int, Habit]:
    """How the coupons of each stock (by code), by its id, are used."""
    book = rulebooks.current(directory.current(mall.pk))
    trades = {trade.code: trade for trade in plan.trades()}
    prices = {store.code: store.price for store in plan.stores(mall.slug)}
    habits = {}
    for terms in offer_plans.STOCKS:
        stock, trade = stocks[terms.code], trades[terms.trade]
        usable = Store.objects.filter(pk__in=book.specs[stock.pk].usable, closed_on=None).order_by("code")
        hours = np.array(rhythm.HOURS[trade.rhythm], dtype=float)
        habits[stock.pk] = Habit(
            share=terms.used,
            stores=tuple(store.pk for store in usable),
            ticket_fen=round(trade.ticket * prices[usable[0].code] * mall_plan.price_level * 100),
            spread=trade.spread,
            hours=hours / hours.sum(),
        )
    return habits
