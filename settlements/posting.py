"""Writing entries of the settlement ledger down: the only way in for what was worked out in Python.

What follows from rows alone (issue, release, expiry, reversal) is posted by one statement each in `of_coupons`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from mallops.lib.sql import insert_new
from merchants.queries.directory import Directory

from . import accounts, books
from .accounts import Key
from .models import Entry

COLUMNS = (
    "mall_id", "kind", "source_id", "line", "debit_id", "credit_id", "amount_fen", "day", "month", "store_id",
    "rule_id", "coupon_id", "note", "posted_at",
)  # fmt: skip
ONCE = ("mall_id", "kind", "source_id", "line")


class Line(NamedTuple):
    """So many fen from one account to another, because of what `kind` (an EntryKind) says `source_id` is the id of, on
    a local day. Several lines of one source are numbered from 0."""

    kind: str
    source_id: int
    debit: Key
    credit: Key
    amount_fen: int
    day: date
    line: int = 0
    store_id: int | None = None
    rule_id: int | None = None
    coupon_id: int | None = None
    note: str = ""


def post(directory: Directory, lines: Sequence[Line], *, now: datetime) -> int:
    """Write lines down, each booked in the month of its day or, if that is closed, in the first open one. Inside a
    transaction, which holds the books until it ends. Lines of 0 fen are left out, and so are those posted before;
    returns how many were new. Below zero raises IntegrityError."""
    lines = [line for line in lines if line.amount_fen]
    if not lines:
        return 0
    ids = accounts.ids(directory, {key for line in lines for key in (line.debit, line.credit)})
    open_from = books.hold(directory)
    rows = [
        (
            directory.mall_id, line.kind, line.source_id, line.line, ids[line.debit], ids[line.credit],
            line.amount_fen, line.day, books.month_for(line.day, open_from), line.store_id, line.rule_id,
            line.coupon_id, line.note, now,
        )
        for line in lines
    ]  # fmt: skip
    return len(insert_new(Entry, COLUMNS, rows, conflict=ONCE))
