"""The end of coupons that were not used: expired, or revoked. A closure is only ever added.

Doors call the functions of `mallops.pipeline`, which add the roll-ups in the same transaction.
"""

from datetime import datetime

from django.db import connection

from mallops.lib.sql import chunks
from merchants.queries.directory import Directory

from .models import Coupon, CouponClosure
from .models.coupon import CouponState

AT_ONCE = 5_000  # coupons in one statement


def close(directory: Directory, coupons: list[Coupon], *, kind: str, reason: str, now: datetime) -> list[Coupon]:
    """End coupons of one mall that are still issued, as `expired` or `revoked`; returns those that this call ended."""
    won = _end(directory.mall_id, [coupon.pk for coupon in coupons], kind)
    ended = [coupon for coupon in coupons if coupon.pk in won]
    day, hour = directory.clock.day_hour(now)
    CouponClosure.objects.bulk_create(
        CouponClosure(
            mall_id=directory.mall_id, coupon=coupon, kind=kind, reason=reason, closed_at=now, day=day, hour=hour
        )
        for coupon in ended
    )
    return ended


def _end(mall_id: int, coupon_ids: list[int], state: str) -> set[int]:
    """Move coupons from issued to another state; returns the ids of those that this statement moved.

    On PostgreSQL the rows are locked in the order of their ids, so that two batches wait for each other.
    """
    table, lock = Coupon._meta.db_table, "FOR UPDATE" if connection.vendor == "postgresql" else ""
    moved: set[int] = set()
    with connection.cursor() as cursor:
        for part in chunks(coupon_ids, AT_ONCE):
            cursor.execute(
                f"UPDATE {table} SET state = %s WHERE id IN (SELECT id FROM {table} WHERE mall_id = %s AND state = %s"
                f" AND id IN ({', '.join(['%s'] * len(part))}) ORDER BY id {lock}) RETURNING id",
                [state, mall_id, CouponState.ISSUED, *part],
            )
            moved.update(pk for (pk,) in cursor.fetchall())
    return moved


def expire(directory: Directory, *, now: datetime, at_most: int = 500) -> list[Coupon]:
    """End the coupons whose time is over, some at a time; returns those ended."""
    over = Coupon.objects.for_mall(directory.mall_id).filter(state=CouponState.ISSUED, expires_at__lte=now)
    return close(directory, list(over.order_by("expires_at")[:at_most]), kind="expired", reason="", now=now)
