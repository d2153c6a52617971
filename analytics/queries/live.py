"""What happens just now: by minute, one by one, and today so far.

Minutes and events are read from the ledger, through indexes by moment: what that costs grows with the rate of payments
and not with the ledger. Days and hours come from the roll-ups.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMinute

from analytics.metrics import Sums, add
from coupons.models import Coupon, Redemption, Reversal, Stock
from payments.models import Payment, Refund

from .places import Choice
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


def by_minute(choice: Choice, start: datetime, end: datetime) -> Minutes:
    """Sums of the measures of `analytics.rollups` over each minute in which anything happened at the chosen stores."""
    found: Minutes = {}
    for rows, column, measures in _happened(choice, start, end):
        grouped = rows.annotate(minute=TruncMinute(column, tzinfo=UTC)).order_by().values("minute")
        for row in grouped.annotate(**{f"sum_{name}": total for name, total in measures.items()}):
            found.setdefault(row["minute"], {}).update({name: row[f"sum_{name}"] for name in measures})
    return found


def _happened(choice: Choice, start: datetime, end: datetime) -> Iterator[tuple[QuerySet, str, Mapping]]:
    """Rows of each kind, the column of their moment, and what to sum."""
    number = Count("id")
    yield _within(Payment, choice, "paid_at", start, end), "paid_at", {"payments": number, "gross_fen": _fen("amount")}
    yield (
        _within(Refund, choice, "refunded_at", start, end), "refunded_at",
        {"refunds": number, "refund_fen": _fen("amount")},
    )  # fmt: skip
    yield _within(Coupon, choice, "issued_at", start, end), "issued_at", {"issued": number}
    yield (
        _within(Redemption, choice, "redeemed_at", start, end), "redeemed_at",
        {"redeemed": number, "discount_fen": _fen("discount"), "coupon_sales_fen": _fen("order")},
    )  # fmt: skip
    undone = Reversal.objects.for_mall(choice.place.mall).filter(reversed_at__gte=start, reversed_at__lt=end)
    yield undone.filter(redemption__store__in=_stores(choice)), "reversed_at", {"reversals": number}


def _fen(name: str) -> Sum:
    return Sum(f"{name}_fen")


def _within(model, choice: Choice, column: str, start: datetime, end: datetime) -> QuerySet:
    """The stores are named even if all are meant: the indexes are by mall, store and moment."""
    rows = model.objects.for_mall(choice.place.mall).filter(**{f"{column}__gte": start, f"{column}__lt": end})
    return rows if model is Coupon and not choice.within else rows.filter(store__in=_stores(choice))


def _stores(choice: Choice) -> list[int]:
    return [store.pk for store in choice.stores]


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
