"""Closing a month: from then on nothing is booked in it, and what it comes to is stated.

Closing has two steps. `freeze` moves the books to the next month, waiting for postings under way: quick, as live
payments wait for it in turn. `finish` sums what can no longer change and makes the statements, however long it takes;
interrupted, it is begun anew. What providers earned in the month is reckoned before.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce

from mallops.lib.dates import last_of_month, month_before, next_month, today
from mallops.lib.sql import insert_new
from merchants.models import Mall, User
from merchants.models.base import touch_mall
from merchants.services import audit

from . import maturity, rebates, sums
from .models import Books, ClosedMonth, Entry
from .services import statements

CODES = ("not_over", "closed_already", "out_of_order", "nothing_to_close", "still_closing")
COLUMNS = ("mall_id", "month", "entries", "amount_fen", "closed_at", "closed_by_id")


class CloseError(Exception):
    """Why a month cannot be closed: a code of CODES, and the month that it is about."""

    def __init__(self, code: str, month: date | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.month = month


def to_close(mall: Mall) -> date | None:
    """The first day of the month to be closed next: the first that is open; None before anything is posted."""
    open_from = Books.objects.filter(mall=mall).values_list("open_from", flat=True).first()
    return open_from or Entry.objects.for_mall(mall).aggregate(first=Min("month"))["first"]


def closing(mall: Mall) -> date | None:
    """The month that is frozen but not stated yet."""
    open_from = Books.objects.filter(mall=mall).values_list("open_from", flat=True).first()
    month = open_from and month_before(open_from)
    return month if month and not ClosedMonth.objects.filter(mall=mall, month=month).exists() else None


def close(*, mall: Mall, month: date, by: User | None, now: datetime) -> ClosedMonth:
    """Close a month (its first day) that is over by the mall's day, the first that is open. Raises CloseError."""
    _reckon(mall, month, now)
    freeze(mall=mall, month=month, by=by, now=now)
    return finish(mall=mall, month=month, by=by, now=now)


def begin(*, mall: Mall, month: date, by: User, now: datetime) -> None:
    """Freeze a month, and have a worker finish it; one already frozen is begun to finish anew. Raises CloseError."""
    from .tasks import finish_month

    is_frozen = closing(mall) == month
    if not is_frozen:
        _reckon(mall, month, now)
    with transaction.atomic():
        if not is_frozen:
            freeze(mall=mall, month=month, by=by, now=now)
        finish_month.enqueue(mall.pk, month.isoformat(), by.pk)


def _reckon(mall: Mall, month: date, now: datetime) -> None:
    """Have all that providers earned in the month, and all that became due in it, posted. Raises CloseError."""
    _check(mall, month, now)
    rebates.accrue(mall, now)
    maturity.mature(mall, last_of_month(month), now=now)


def freeze(*, mall: Mall, month: date, by: User | None, now: datetime) -> None:
    """Book nothing more in a month. Raises CloseError."""
    with transaction.atomic():
        books = Books.objects.select_for_update().filter(mall=mall).first()
        _check(mall, month, now)
        books.open_from = next_month(month)
        books.save(update_fields=["open_from"])
        touch_mall(mall.pk)
        changes = {"month": [None, month]}
        audit.record(actor=by, mall=mall, action="month_closed", obj=mall, changes=changes)


def _check(mall: Mall, month: date, now: datetime) -> None:
    expected = to_close(mall)
    if expected is None:
        raise CloseError("nothing_to_close")
    if unfinished := closing(mall):
        raise CloseError("still_closing", unfinished)
    if month < expected:
        raise CloseError("closed_already", month)
    if month > expected:
        raise CloseError("out_of_order", expected)
    if today(mall.time_zone, now) < next_month(month):
        raise CloseError("not_over", month)


def finish(*, mall: Mall, month: date, by: User | None, now: datetime) -> ClosedMonth:
    """Sum a frozen month and make its statements, once, whoever else tries. Raises CloseError."""
    if closing(mall) == month:
        with transaction.atomic():
            entries = Entry.objects.for_mall(mall).filter(month=month)
            proof = entries.aggregate(count=Count("id"), fen=Coalesce(Sum("amount_fen"), 0))
            row = (mall.pk, month, proof["count"], proof["fen"], now, by and by.pk)
            if insert_new(ClosedMonth, COLUMNS, [row]):
                sums.keep(mall, month)
                statements.make(mall, month, now=now)
    closed = ClosedMonth.objects.filter(mall=mall, month=month).first()
    if closed is None:
        raise CloseError("out_of_order", to_close(mall))
    return closed
