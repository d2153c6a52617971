"""Roll-ups of the ledger by hour, by store and day, by store and hour, and by rule, stock, store and day.

A transaction that changes the ledger adds what it changed as RollupDelta rows, or, for a large batch, straight to
the roll-ups. A worker folds deltas into the roll-ups, in one transaction that deletes what it adds: at any moment
roll-up plus deltas is exactly what has been committed, and no watermark can miss a payment that commits late.
"""

from collections.abc import Iterable
from datetime import date
from operator import add
from typing import NamedTuple

from django.db import connection, transaction

from coupons.issuing import Issued
from coupons.models import Coupon, Redemption
from coupons.redeeming import Undone
from mallops.lib.sql import Writes, add_to
from payments.ledger import Recorded, RecordedRefund

from .models import CouponDay, MallHour, Measures, RollupDelta, StoreDay, StoreHour

MEASURES = tuple(field.name for field in Measures._meta.get_fields())
_PLACE = {name: place for place, name in enumerate(MEASURES)}
FOLD_AT_ONCE = 1_000  # cells from which a batch goes straight to the roll-ups
FOLD_BATCH = 5_000


class Cell(NamedTuple):
    """Where a change counts: the store and its local day and hour; rule and stock if it is about a coupon."""

    store_id: int
    day: date
    hour: int
    rule_id: int | None = None
    stock_id: int | None = None


class Changes:
    """Sums by cell, gathered while a batch goes through the pipeline."""

    def __init__(self) -> None:
        self.cells: dict[Cell, list[int]] = {}

    def add(self, cell: Cell, **measures: int) -> None:
        sums = self.cells.get(cell)
        if sums is None:
            sums = self.cells[cell] = [0] * len(MEASURES)
        for name, amount in measures.items():
            sums[_PLACE[name]] += amount

    def add_payments(self, payments: Iterable[Recorded]) -> None:
        cells, count, gross = self.cells, _PLACE["payments"], _PLACE["gross_fen"]
        for _id, event, _shopper, day, hour in payments:
            cell = (event.store_id, day, hour, None, None)
            sums = cells.get(cell)
            if sums is None:
                sums = cells[Cell(*cell)] = [0] * len(MEASURES)
            sums[count] += 1
            sums[gross] += event.amount_fen

    def add_refunds(self, refunds: Iterable[RecordedRefund]) -> None:
        for refund in refunds:
            cell = Cell(refund.payment.store_id, refund.day, refund.hour)
            self.add(cell, refunds=1, refund_fen=refund.event.amount_fen)

    def add_issued(self, coupons: Iterable[Issued], day: date, hour: int) -> None:
        for coupon in coupons:
            self.add(Cell(coupon.store_id, day, hour, coupon.rule_id, coupon.stock_id), issued=1)

    def add_redemption(self, redemption: Redemption) -> None:
        coupon = redemption.coupon
        self.add(
            Cell(redemption.store_id, redemption.day, redemption.hour, coupon.rule_id, coupon.stock_id),
            redeemed=1,
            discount_fen=redemption.discount_fen,
            coupon_sales_fen=redemption.order_fen,
        )

    def add_reversal(self, undone: Undone) -> None:
        reversal, redemption = undone.reversal, undone.redemption
        coupon = redemption.coupon
        self.add(
            Cell(redemption.store_id, reversal.day, reversal.hour, coupon.rule_id, coupon.stock_id),
            reversals=1,
            reversed_fen=redemption.discount_fen,
            reversed_sales_fen=redemption.order_fen,
        )

    def add_closed(self, coupons: Iterable[Coupon], kind: str, day: date, hour: int) -> None:
        for coupon in coupons:
            self.add(Cell(coupon.store_id, day, hour, coupon.rule_id, coupon.stock_id), **{kind: 1})


def post(mall_id: int, changes: Changes, writes: Writes) -> None:
    """Write changes down, inside the transaction that made them."""
    if len(changes.cells) > FOLD_AT_ONCE:
        add_cells(mall_id, changes.cells)
    elif changes.cells:
        used = [place for place in range(len(MEASURES)) if any(sums[place] for sums in changes.cells.values())]
        columns = ("mall_id", *Cell._fields, *(MEASURES[place] for place in used))
        rows = [(mall_id, *cell, *(sums[place] for place in used)) for cell, sums in changes.cells.items()]
        writes.insert(RollupDelta, columns, rows)


def fold(mall_id: int) -> int:
    """Fold deltas of a mall into its roll-ups, some at a time; returns how many there were. Any number of workers."""
    with transaction.atomic():
        taken = _take_deltas(mall_id)
        cells: dict[Cell, list[int]] = {}
        for store_id, day, hour, rule_id, stock_id, *measures in taken:
            cell = Cell(store_id, _as_day(day), hour, rule_id, stock_id)
            cells[cell] = list(map(add, cells[cell], measures)) if cell in cells else measures
        add_cells(mall_id, cells)
    return len(taken)


def _take_deltas(mall_id: int) -> list[tuple]:
    table = RollupDelta._meta.db_table
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            # The rows are chosen once, in WITH: PostgreSQL may run a subquery with a LIMIT again for each row.
            f"WITH chosen AS (SELECT id FROM {table} WHERE mall_id = %s ORDER BY id LIMIT {FOLD_BATCH} {skip})"
            f" DELETE FROM {table} WHERE mall_id = %s AND id IN (SELECT id FROM chosen)"
            f" RETURNING store_id, day, hour, rule_id, stock_id, {', '.join(MEASURES)}",
            [mall_id, mall_id],
        )
        return cursor.fetchall()


def _as_day(value: date | str) -> date:
    """RETURNING on SQLite gives a date as its text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


# The roll-ups, coarse to fine, with the columns that name a row. A cell without a rule is none of the last.
KEYS: dict[type[Measures], tuple[str, ...]] = {
    MallHour: ("day", "hour"),
    StoreDay: ("day", "store_id"),
    StoreHour: ("day", "store_id", "hour"),
    CouponDay: ("day", "stock_id", "rule_id", "store_id"),
}


def add_cells(mall_id: int, cells: dict[Cell, list[int]]) -> None:
    """Add cells to the roll-ups, these and their rows always in the same order: two calls never lock each other out."""
    for model, keys in KEYS.items():
        rows = [(mall_id, *key, *sums) for key, sums in summed(cells, keys).items()]
        add_to(model, ("mall_id", *keys), MEASURES, rows)


def summed(cells: dict[Cell, list[int]], keys: tuple[str, ...]) -> dict[tuple, list[int]]:
    """Cells summed over all but the named columns."""
    place = [Cell._fields.index(key) for key in keys]
    of_coupons = "rule_id" in keys
    rows: dict[tuple, list[int]] = {}
    for cell, sums in cells.items():
        if of_coupons and cell[3] is None:
            continue
        key = tuple([cell[i] for i in place])
        have = rows.get(key)
        rows[key] = sums if have is None else list(map(add, have, sums))
    return rows
