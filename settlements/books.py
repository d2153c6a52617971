"""Which month an entry is booked in. Postings hold the mall's row of Books until they commit, and a close waits for
them: so nothing slips into a month while it closes."""

from datetime import date

from django.db import connection

from mallops.lib.cache import by_revision
from mallops.lib.dates import as_day, first_of_month
from mallops.lib.sql import Writes
from merchants.queries.directory import Directory

from .models import Books

# PostgreSQL locks with FOR KEY SHARE, which postings do not take from each other; SQLite has one writer anyway.
_HELD = {"postgresql": "FOR KEY SHARE OF b", "sqlite": ""}
_STILL = {
    "postgresql": "SELECT 1 FROM {table} b WHERE b.mall_id = %s AND b.open_from IS NOT DISTINCT FROM %s"
    " FOR KEY SHARE OF b",
    "sqlite": "UPDATE {table} SET open_from = open_from WHERE mall_id = %s AND open_from IS %s",
}
_MONTH_OF = {"postgresql": "date_trunc('month', {day})::date", "sqlite": "date({day}, 'start of month')"}


class BooksMoved(Exception):
    """A month was closed while a transaction was booking in it: to be done again."""


def month_for(day: date, open_from: date | None) -> date:
    """The first day of the month in which something of a local day is booked, with the books open from a day."""
    month = first_of_month(day)
    return max(month, open_from) if open_from else month


def hold(directory: Directory) -> date | None:
    """From when on the mall's books are open (None: no month was ever closed), which stays so until the transaction
    ends. The mall has Books (see `accounts.ids`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT b.open_from FROM {Books._meta.db_table} b WHERE b.mall_id = %s {held()}", [directory.mall_id]
        )
        (open_from,) = cursor.fetchone()
    return open_from and as_day(open_from)


def open_from(directory: Directory) -> date | None:
    """From when on the books were open at the directory's revision, without asking. To be proved by `prove`."""
    return _at_revision(directory.mall_id, directory.revision)


@by_revision
def _at_revision(mall_id: int, revision: int) -> date | None:
    return Books.objects.filter(mall=mall_id).values_list("open_from", flat=True).first()


def prove(directory: Directory, writes: Writes) -> None:
    """Have `writes` raise BooksMoved unless the books are still open from the same day, and hold them."""
    sql = _STILL[connection.vendor].format(table=Books._meta.db_table)
    writes.check(sql, [directory.mall_id, open_from(directory)], 1, BooksMoved)


def held() -> str:
    """The end of a SELECT that reads Books as `b`, holding it."""
    return _HELD[connection.vendor]


def month_sql(day: str) -> str:
    """`month_for` of a column, in SQL that reads Books as `b`."""
    month = _MONTH_OF[connection.vendor].format(day=day)
    return f"CASE WHEN b.open_from > {month} THEN b.open_from ELSE {month} END"
