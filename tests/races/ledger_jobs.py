"""What the processes do that race for the months of the settlement ledger."""

import time
from datetime import UTC, datetime

from mallops import pipeline
from merchants.models import Mall
from settlements import months
from settlements.models import ClosedMonth, Entry

from .jobs import World, payment

JANUARY = datetime(2026, 1, 15, 4, tzinfo=UTC)
LATER = datetime(2040, 1, 1, tzinfo=UTC)


def perform(job, *arguments) -> int:
    return job(*arguments)


def use_for(world: World, seconds: float, name: int) -> int:
    """Coupons issued, used and every other time given back, all on one day in January; returns how many."""
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        number = name * 1_000_000 + count
        event = payment(world, number, f"shopper {number}", paid_at=JANUARY)
        (receipt,) = pipeline.record_payments(world.mall_id, [event], source="race", now=JANUARY)
        redemption = pipeline.redeem(
            mall_id=world.mall_id, code=receipt.coupons[0].code, store_id=world.stores[0], order_fen=9_000,
            request_id=f"use-{number}", source="race", now=JANUARY,
        )  # fmt: skip
        if count % 2:
            pipeline.reverse(
                mall_id=world.mall_id, redemption_id=redemption.pk, request_id=f"back-{number}", reason="",
                source="race", now=JANUARY,
            )  # fmt: skip
        count += 1
    return count


def close_for(world: World, seconds: float, _name: int) -> int:
    """Close one month after the other; returns how many."""
    mall, closed, end = Mall.objects.get(pk=world.mall_id), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if month := months.to_close(mall):
            months.close(mall=mall, month=month, by=None, now=LATER)
            closed += 1
        time.sleep(0.05)
    return closed


def booked_in(world: World) -> int:
    """In how many different months something was booked."""
    return Entry.objects.for_mall(world.mall_id).values("month").distinct().count()


def close_once(world: World) -> str:
    mall = Mall.objects.get(pk=world.mall_id)
    try:
        months.close(mall=mall, month=JANUARY.date().replace(day=1), by=None, now=LATER)
    except months.CloseError as error:
        return error.code
    return "closed"


def months_closed(world: World) -> int:
    return ClosedMonth.objects.filter(mall=world.mall_id).count()
