"""Traffic credits: earned by redemptions, taken back with them, spent on boosts of rules. The balance is their sum; it
can fall below zero only when credits are taken back that were spent already."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Sum

from mallops.lib.sql import insert_new
from merchants.models import ServiceProvider

from .models import Accrual, CreditLine

COLUMNS = ("mall_id", "provider_id", "kind", "source_id", "credits", "day", "made_at")
Kind = CreditLine.Kind


def balance(provider: ServiceProvider) -> int:
    lines = CreditLine.objects.for_mall(provider.mall_id).filter(provider=provider)
    return lines.aggregate(sum=Sum("credits"))["sum"] or 0


def earn(provider: ServiceProvider, earned: Sequence[tuple[int, int, date]], *, now: datetime) -> None:
    """Credits (above zero) by accrual and day."""
    rows = [
        (provider.mall_id, provider.pk, Kind.EARNED.value, accrual, number, day, now) for accrual, number, day in earned
    ]
    insert_new(CreditLine, COLUMNS, rows, returning=())


def take_back(mall_id: int, accruals: Sequence[tuple[Accrual, date]], *, now: datetime) -> None:
    """The credits of accruals taken back, each on its day."""
    rows = [
        (mall_id, accrual.provider_id, Kind.CLAWED_BACK.value, accrual.pk, -accrual.credits, day, now)
        for accrual, day in accruals
    ]
    insert_new(CreditLine, COLUMNS, rows, returning=())


def spend(provider: ServiceProvider, boost_id: int, number: int, day: date, *, now: datetime) -> None:
    """Credits paid for a boost; the caller holds the provider's row and has looked at the balance."""
    row = (provider.mall_id, provider.pk, Kind.SPENT.value, boost_id, -number, day, now)
    insert_new(CreditLine, COLUMNS, [row], returning=())
