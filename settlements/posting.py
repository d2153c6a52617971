"""Writing entries of the settlement ledger down: the only way in for what was worked out in Python.

What is the opposite of other entries (release, expiry, reversal, renewal) is posted by one statement in `opposites`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from mallops.lib.sql import Writes, insert_new
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
    ids = _accounts(directory, lines)
    rows = _rows(directory, lines, ids, books.hold(directory), now)
    return len(insert_new(Entry, COLUMNS, rows, conflict=ONCE))


def add(directory: Directory, lines: Sequence[Line], writes: Writes, *, now: datetime) -> None:
    """The same for lines of what is new in this transaction, with its other `writes`: without a round trip of its own.
    Flushing them raises BooksMoved if a month was closed since the directory was read."""
    lines = [line for line in lines if line.amount_fen]
    if lines:
        ids = _accounts(directory, lines)
        writes.insert(Entry, COLUMNS, _rows(directory, lines, ids, books.open_from(directory), now))
        books.prove(directory, writes)


def _accounts(directory: Directory, lines: Iterable[Line]) -> Mapping[Key, int]:
    return accounts.ids(directory, {key for line in lines for key in (line.debit, line.credit)})


def _rows(
    directory: Directory, lines: Iterable[Line], ids: Mapping[Key, int], open_from: date | None, now: datetime
) -> list[tuple]:
    return [
        (
            directory.mall_id, line.kind, line.source_id, line.line, ids[line.debit], ids[line.credit],
            line.amount_fen, line.day, books.month_for(line.day, open_from), line.store_id, line.rule_id,
            line.coupon_id, line.note, now,
        )
        for line in lines
    ]  # fmt: skip
