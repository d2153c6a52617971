"""What is to be said: `Notice` rows on receipt of a coupon and before its end.

A transaction that issues coupons leaves one task row (none where the mall has no channel); the task writes the notices,
for only then the coupons have their numbers. Task or notice, it is in the database from the moment the coupon is.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from mallops.lib.sql import Writes, insert_new
from mallops.lib.tasks.backend import enqueue_with
from merchants.queries import directory as directories
from merchants.queries.directory import Directory

from ..issuing import Issued
from ..models import Coupon, Notice, Stock
from ..models.coupon import CouponState
from . import channels

LATE_AT_MOST = timedelta(hours=3)  # a reminder later than this is not sent: the next one is, if there is one
AT_ONCE = 1_000
REMINDERS_AT_ONCE = 20_000  # of one stock and hour; the rest a minute later
COLUMNS = ("mall_id", "coupon_id", "channel_id", "hours_before", "key", "state", "attempts", "due_at", "error")


def enqueue_receipts(directory: Directory, issued: Sequence[Issued], writes: Writes) -> None:
    """Have the receipt of coupons announced once this transaction is committed."""
    from ..tasks import announce

    if issued and channels.active(directory):
        payments = sorted({coupon.payment_id for coupon in issued if coupon.payment_id})
        claims = sorted({coupon.claim_id for coupon in issued if coupon.claim_id})
        enqueue_with(writes, announce, directory.mall_id, payments, claims)


def write_receipts(mall_id: int, payment_ids: Sequence[int], claim_ids: Sequence[int], *, now: datetime) -> int:
    """Write the notices of the coupons of payments and claims; returns how many are new."""
    earned = Coupon.objects.for_mall(mall_id).filter(Q(payment__in=payment_ids) | Q(claim__in=claim_ids))
    coupon_ids = list(earned.order_by("pk").values_list("pk", flat=True))
    return _write(mall_id, coupon_ids, channels.active(directories.current(mall_id)), 0, now)


def write_reminders(mall_id: int, *, now: datetime) -> int:
    """Write the reminders that have become due and were not written yet; returns how many.

    A coupon gets those of its stock's hours that lie within its own validity; of two that are due at once (after the
    worker rested) only the later.
    """
    through = channels.active(directories.current(mall_id))
    if not through:
        return 0
    stocks = Stock.objects.filter(mall=mall_id).exclude(remind_hours=[]).values_list("pk", "remind_hours")
    return sum(
        _write_reminder(mall_id, stock, hours, next_hours, through, now)
        for stock, all_hours in stocks
        for hours, next_hours in _pairs(all_hours)
    )


def _pairs(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Each reminder's hours with those of the one after it (0 after the last)."""
    falling = sorted(set(hours), reverse=True)
    return list(zip(falling, [*falling[1:], 0], strict=True))


def _write_reminder(
    mall_id: int, stock: int, hours: int, next_hours: int, through: Sequence[int], now: datetime
) -> int:
    """Write one of the reminders of a stock, for the coupons whose end is `hours` away, or a little less."""
    ahead = timedelta(hours=hours)
    nearest = max(now + ahead - LATE_AT_MOST, now + timedelta(hours=next_hours))
    told = Notice.objects.for_mall(mall_id).filter(coupon=OuterRef("pk"), hours_before=hours)
    ending = Coupon.objects.for_mall(mall_id).filter(
        ~Exists(told), stock=stock, state=CouponState.ISSUED, expires_at__gt=nearest, expires_at__lte=now + ahead,
        issued_at__lt=F("expires_at") - ahead, valid_from__lt=F("expires_at") - ahead,
    )  # fmt: skip
    missing = list(ending.order_by("expires_at").values_list("pk", flat=True)[:REMINDERS_AT_ONCE])
    return _write(mall_id, missing, through, hours, now)


def _write(mall_id: int, coupon_ids: Sequence[int], through: Sequence[int], hours: int, now: datetime) -> int:
    rows = [
        (mall_id, coupon, channel, hours, new_key(), Notice.State.WAITING.value, 0, now, "")
        for coupon in coupon_ids
        for channel in through
    ]
    conflict = ("mall_id", "coupon_id", "channel_id", "hours_before")
    parts = [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
    return sum(len(insert_new(Notice, COLUMNS, part, conflict=conflict)) for part in parts)


def new_key() -> str:
    """A message id: the same at every attempt, and never told twice."""
    return f"msg_{secrets.token_hex(16)}"
