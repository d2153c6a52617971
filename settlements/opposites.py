"""Entries that undo others, read from what they undo so that they never differ from it; one statement for any number.

Where there is nothing to undo (yet), it is nothing, and `backfill` makes up for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models

from coupons.models import CouponClosure, Redemption, Reversal

from . import books
from .models import Books, Entry, EntryKind
from .posting import COLUMNS

Statement = tuple[str, list[Any]]  # SQL and its parameters


class Opposite(NamedTuple):
    """Entries of a kind, because of rows of `source`, undo those of another, whose source its `column` names."""

    kind: EntryKind
    source: type[models.Model]
    undoes: EntryKind
    column: str


RELEASE = Opposite(EntryKind.RELEASE, Redemption, EntryKind.ISSUE, "coupon_id")
EXPIRY = Opposite(EntryKind.EXPIRY, CouponClosure, EntryKind.ISSUE, "coupon_id")
REVERSAL = Opposite(EntryKind.REVERSAL, Reversal, EntryKind.REDEMPTION, "redemption_id")
RENEWAL = Opposite(EntryKind.RENEWAL, Reversal, EntryKind.RELEASE, "redemption_id")


def statement(mall_id: int, opposite: Opposite, which: str, parameters: Sequence[Any], *, now: datetime) -> Statement:
    """One INSERT of the opposites of entries `e`, because of those rows `s` of the source that `which` is true of."""
    sql = (
        f"INSERT INTO {Entry._meta.db_table} ({', '.join(COLUMNS)})"
        " SELECT s.mall_id, %s, s.id, e.line, e.credit_id, e.debit_id, e.amount_fen, s.day,"
        f" {books.month_sql('s.day')}, e.store_id, e.rule_id, e.coupon_id, '', %s"
        f" FROM {opposite.source._meta.db_table} s"
        f" JOIN {Entry._meta.db_table} e"
        f" ON e.mall_id = s.mall_id AND e.kind = %s AND e.source_id = s.{opposite.column}"
        f" JOIN {Books._meta.db_table} b ON b.mall_id = s.mall_id"
        f" WHERE s.mall_id = %s AND {which} {books.held()} ON CONFLICT DO NOTHING"
    )
    moment = connection.ops.adapt_datetimefield_value(now)
    return sql, [str(opposite.kind), moment, str(opposite.undoes), mall_id, *parameters]


def among(mall_id: int, opposite: Opposite, column: str, ids: Sequence[int], *, now: datetime) -> Statement:
    """Because of the rows of the source whose `column` is one of these ids."""
    return statement(mall_id, opposite, f"s.{column} IN ({', '.join(['%s'] * len(ids))})", ids, now=now)
