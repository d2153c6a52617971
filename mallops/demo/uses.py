"""What becomes of a coupon in a shopper's hands: used or not, when, where, on how large an order. Pure but for ids."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coupons.issuing import Issued
from coupons.redeeming import discount, least_order
from coupons.rulebooks import Book

from . import rhythm


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
    coupon: Issued, habit: Habit, book: Book, *, zone: ZoneInfo, channel: str, shopper: str | None, rng
) -> Use | None:
    """The use of a coupon just issued, or None for one that will expire."""
    unused, moment = rng.random() > habit.share, _moment(coupon, habit, zone, rng)
    store_id = int(rng.choice(habit.stores))
    drawn = round(habit.ticket_fen * rng.lognormal(0.1, habit.spread) / 100) * 100
    if unused or moment is None:
        return None
    stock = book.stocks[coupon.stock_id]
    order_fen = max(drawn, round(least_order(stock) * rng.uniform(1.0, 1.35) / 100) * 100, least_order(stock), 200)
    paid_fen = max(order_fen - discount(stock, order_fen), 100)
    return Use(moment, coupon.code, store_id, order_fen, paid_fen, channel, shopper)


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
