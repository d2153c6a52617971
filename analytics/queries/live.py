"""What happens just now: by minute, one by one, and today so far.

Minutes and events are read from the ledger, through indexes by moment: what that costs grows with the rate of payments
and not with the ledger. Days and hours come from the roll-ups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMinute

from analytics.metrics import Sums, add
from coupons.models import Coupon, Redemption, Reversal, Stock
from payments.models import Payment, Refund

from .choice import Choice
from .sales import hours
from .sums import Cells

Minutes = dict[datetime, dict[str, int]]  # the first moment of a minute (UTC) -> measure -> sum


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; who it was is left out. Amounts in fen; `stock` of a coupon, `channel` of a payment."""

    at: datetime
    kind: Literal["payment", "refund", "issued", "redeemed"]
    store_id: int
    amount_fen: int = 0
    order_fen: int = 0
    channel: str = ""
    stock: Stock | None = None


# What is counted by minute: rows, the column of their moment, and what to sum for each measure.
_KINDS = (
    (Payment, "paid_at", {"payments": Count("id"), "gross_fen": Sum("amount_fen")}),
    (Refund, "refunded_at", {"refunds": Count("id"), "refund_fen": Sum("amount_fen")}),
    (Coupon, "issued_at", {"issued": Count("id")}),
    (Redemption, "redeemed_at",
     {"redeemed": Count("id"), "discount_fen": Sum("discount_fen"), "coupon_sales_fen": Sum("order_fen")}),
    (Reversal, "reversed_at", {"reversals": Count("id")}),
)  # fmt: skip


def by_minute(choice: Choice, start: datetime, end: datetime) -> Minutes:
    """Sums of the measures of `analytics.rollups` over each minute in which anything happened at the chosen stores."""
    found: Minutes = {}
    for model, column, measures in _KINDS:
        rows = _within(model, choice, column, start, end).order_by()
        grouped = rows.annotate(minute=TruncMinute(column, tzinfo=UTC)).values("minute")
        for row in grouped.annotate(**{f"sum_{name}": total for name, total in measures.items()}):
            found.setdefault(row["minute"], {}).update({name: row[f"sum_{name}"] for name in measures})
    return found


def _within(model, choice: Choice, column: str, start: datetime, end: datetime) -> QuerySet:
    """The stores are named even if all are meant: the indexes are by mall, store and moment. Coupons have one
    without the store as well."""
    rows = model.objects.for_mall(choice.place.mall).filter(**{f"{column}__gte": start, f"{column}__lt": end})
    if model is Coupon and not choice.within:
        return rows
    store = "redemption__store" if model is Reversal else "store"
    return rows.filter(**{f"{store}__in": [one.pk for one in choice.stores]})


def events(choice: Choice, start: datetime, end: datetime, at_most: int) -> list[Event]:
    """What happened last at the chosen stores, the newest first."""

    def newest(model, column: str, *related: str) -> QuerySet:
        rows = _within(model, choice, column, start, end).select_related(*related)
        return rows.order_by(f"-{column}", "-pk")[:at_most]

    found = [
        *(_paid(one) for one in newest(Payment, "paid_at")),
        *(Event(one.refunded_at, "refund", one.store_id, one.amount_fen) for one in newest(Refund, "refunded_at")),
        *(
            Event(one.issued_at, "issued", one.store_id, stock=one.stock)
            for one in newest(Coupon, "issued_at", "stock")
        ),
        *(_used(one) for one in newest(Redemption, "redeemed_at", "coupon__stock")),
    ]
    return sorted(found, key=lambda event: event.at, reverse=True)[:at_most]


def _paid(payment: Payment) -> Event:
    return Event(
        payment.paid_at, "payment", payment.store_id, payment.amount_fen, channel=payment.get_channel_display()
    )


def _used(one: Redemption) -> Event:
    return Event(one.redeemed_at, "redeemed", one.store_id, one.discount_fen, one.order_fen, stock=one.coupon.stock)


@dataclass(frozen=True)
class Day:
    """Sums of today so far and of the compared day up to the same time by the clock; today's by hour."""

    now: Sums
    before: Sums
    hours: Mapping[int, Sums]


def so_far(choice: Choice, keys: Sequence[str], now: datetime) -> Day:
    """Whole hours from the roll-ups; of the compared day, the minutes of the hour under way from the ledger."""
    local = now.astimezone(ZoneInfo(choice.place.mall.time_zone))
    cells: Cells = hours(choice, keys, compared=True)
    today = {hour: sums for (side, _day, hour), sums in cells.items() if side == 0}
    then = datetime.combine(choice.before.start, local.timetz())
    part = by_minute(choice, then.replace(minute=0, second=0, microsecond=0).astimezone(UTC), then.astimezone(UTC))
    over = [sums for (side, _day, hour), sums in cells.items() if side == 1 and hour < local.hour]
    return Day(add(today.values()), add([*over, *part.values()]), today)
