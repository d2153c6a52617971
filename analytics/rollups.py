"""Roll-ups of the ledger by hour, by store and hour, day or month, and by rule, stock, store and day.

A transaction that changes the ledger adds what it changed as RollupDelta rows, or, for a large batch, straight to
the roll-ups. A worker folds deltas into the roll-ups, in one transaction that deletes what it adds: at any moment
roll-up plus deltas is exactly what has been committed, and no watermark can miss a payment that commits late.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from operator import add, itemgetter
from typing import NamedTuple

from django.db import connection, transaction
from pyroaring import BitMap64

from coupons.issuing import Issued
from coupons.models import Coupon, CouponClosure
from coupons.redeeming import Redeemed, Undone
from mallops.lib.dates import as_day, first_of_month
from mallops.lib.sql import Writes, add_to
from payments.ledger import Recorded, RecordedRefund

from . import visitors
from .models import (
    CouponDay,
    MallHour,
    MallHourMix,
    MallMonthMix,
    Measures,
    PaidMeasures,
    RollupDelta,
    StoreDay,
    StoreDayMix,
    StoreHour,
    StoreMonth,
)

MEASURES = tuple(field.name for field in Measures._meta.get_fields())
PAID = tuple(field.name for field in PaidMeasures._meta.get_fields() if field.name in MEASURES)
_PLACE = {name: place for place, name in enumerate(MEASURES)}
FOLD_AT_ONCE = 1_000  # cells from which a batch goes straight to the roll-ups
FOLD_BATCH = 5_000


class Cell(NamedTuple):
    """Where a change counts: the store and its local day and hour; rule and stock if it is about a coupon, channel
    and newness if it is about a payment or refund."""

    store_id: int
    day: date
    hour: int
    rule_id: int | None = None
    stock_id: int | None = None
    channel: str = ""
    newness: str = ""


Cells = dict[Cell, list[int]]
Sums = dict[tuple, Sequence[int]]  # by the columns of a cell, or some of them


class Changes:
    """Sums by cell, and who paid by store and day, gathered while a batch goes through the pipeline."""

    def __init__(self) -> None:
        self.cells: Cells = {}
        self.shoppers: dict[tuple[int, date], BitMap64] = defaultdict(BitMap64)

    def add(self, cell: Cell, **measures: int) -> None:
        sums = self.cells.get(cell)
        if sums is None:
            sums = self.cells[cell] = [0] * len(MEASURES)
        for name, amount in measures.items():
            sums[_PLACE[name]] += amount

    def add_payments(self, payments: Iterable[Recorded]) -> None:
        cells, count, gross, new = self.cells, _PLACE["payments"], _PLACE["gross_fen"], _PLACE["new_shoppers"]
        for _id, event, shopper, day, hour, first_day, first in payments:
            store_id = event.store_id
            cell = (store_id, day, hour, None, None, event.channel, newness(day, first_day))
            sums = cells.get(cell)
            if sums is None:
                sums = cells[Cell(*cell)] = [0] * len(MEASURES)
            sums[count] += 1
            sums[gross] += event.amount_fen
            sums[new] += first
            if shopper is not None:
                self.shoppers[store_id, day].add(shopper)

    def add_refunds(self, refunds: Iterable[RecordedRefund]) -> None:
        """A refund counts as new or returning as its payment did."""
        for refund in refunds:
            payment = refund.payment
            kind = newness(payment.day, payment.shopper and payment.shopper.first_day)
            cell = Cell(payment.store_id, refund.day, refund.hour, channel=refund.event.channel, newness=kind)
            self.add(cell, refunds=1, refund_fen=refund.event.amount_fen)

    def add_issued(self, coupons: Iterable[Issued], day: date, hour: int) -> None:
        for coupon in coupons:
            self.add(Cell(coupon.store_id, day, hour, coupon.rule_id, coupon.stock_id), issued=1)

    def add_redemption(self, redeemed: Redeemed) -> None:
        redemption, coupon = redeemed.redemption, redeemed.redemption.coupon
        self.add(
            Cell(redemption.store_id, redemption.day, redemption.hour, coupon.rule_id, coupon.stock_id),
            redeemed=1,
            discount_fen=redemption.discount_fen,
            coupon_sales_fen=redemption.order_fen,
        )
        if redeemed.closure:
            self._add_expired(coupon, redeemed.closure, -1)

    def add_reversal(self, undone: Undone) -> None:
        reversal, redemption = undone.reversal, undone.redemption
        coupon = redemption.coupon
        self.add(
            Cell(redemption.store_id, reversal.day, reversal.hour, coupon.rule_id, coupon.stock_id),
            reversals=1,
            reversed_fen=redemption.discount_fen,
            reversed_sales_fen=redemption.order_fen,
        )
        if undone.closure:
            self._add_expired(coupon, undone.closure, 1)

    def _add_expired(self, coupon: Coupon, closure: CouponClosure, number: int) -> None:
        """A coupon closed as expired counts as such, on the day of its closure, unless it was used in time."""
        self.add(Cell(coupon.store_id, closure.day, closure.hour, coupon.rule_id, coupon.stock_id), expired=number)

    def add_closed(self, coupons: Iterable[Coupon], kind: str, day: date, hour: int) -> None:
        for coupon in coupons:
            self.add(Cell(coupon.store_id, day, hour, coupon.rule_id, coupon.stock_id), **{kind: 1})

    def add_shown(self, coupon: Coupon, day: date, hour: int) -> None:
        self.add(Cell(coupon.store_id, day, hour, coupon.rule_id, coupon.stock_id), shown=1)


def newness(day: date, first_day: date | None) -> str:
    """Of a payment on a day, by the first day of its shopper, if it has one."""
    if first_day is None:
        return ""
    return "new" if day == first_day else "returning"


def post(mall_id: int, changes: Changes, writes: Writes) -> None:
    """Write changes down, inside the transaction that made them."""
    if len(changes.cells) > FOLD_AT_ONCE:
        add_changes(mall_id, changes)
    elif changes.cells:
        used = _used(changes.cells)
        columns = ("mall_id", *Cell._fields, "shoppers", *(MEASURES[place] for place in used))
        writes.insert(RollupDelta, columns, list(_delta_rows(mall_id, changes, used)))


def _used(cells: Cells) -> list[int]:
    """The places of the measures that are not 0 in all cells."""
    return [place for place, column in enumerate(zip(*cells.values(), strict=True)) if any(column)]


def _narrowed(cells: Cells, used: list[int]) -> Sums:
    """Only the measures at some places."""
    if len(used) < 2:
        return {cell: [sums[place] for place in used] for cell, sums in cells.items()}
    return dict(zip(cells, map(itemgetter(*used), cells.values()), strict=True))  # much faster


def _delta_rows(mall_id: int, changes: Changes, used: list[int]) -> Iterable[tuple]:
    """Who paid at a store and day stands in the first of its cells with payments."""
    kept = {place: shoppers.serialize() for place, shoppers in changes.shoppers.items()}
    for cell, sums in changes.cells.items():
        shoppers = kept.pop(cell[:2], None) if cell.channel and kept else None
        yield (mall_id, *cell, shoppers, *[sums[place] for place in used])


def fold(mall_id: int) -> int:
    """Fold deltas of a mall into its roll-ups, some at a time; returns how many there were. Any number of workers."""
    with transaction.atomic():
        taken = _take_deltas(mall_id)
        add_changes(mall_id, changes_of(taken))
    return len(taken)


DELTA_COLUMNS = (*Cell._fields, "shoppers", *MEASURES)


def changes_of(deltas: Iterable[tuple]) -> Changes:
    """Rows of DELTA_COLUMNS, summed."""
    changes = Changes()
    cells = changes.cells
    for store_id, day, *rest in deltas:
        cell = Cell(store_id, as_day(day), *rest[:5])
        shoppers, measures = rest[5], rest[6:]
        cells[cell] = list(map(add, cells[cell], measures)) if cell in cells else measures
        if shoppers is not None:
            changes.shoppers[cell[:2]] |= visitors.unpacked(shoppers)
    return changes


def _take_deltas(mall_id: int) -> list[tuple]:
    table = RollupDelta._meta.db_table
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            # The rows are chosen once, in WITH: PostgreSQL may run a subquery with a LIMIT again for each row.
            f"WITH chosen AS (SELECT id FROM {table} WHERE mall_id = %s ORDER BY id LIMIT {FOLD_BATCH} {skip})"
            f" DELETE FROM {table} WHERE mall_id = %s AND id IN (SELECT id FROM chosen)"
            f" RETURNING {', '.join(DELTA_COLUMNS)}",
            [mall_id, mall_id],
        )
        return cursor.fetchall()


# The roll-ups with the columns that name a row, each after one that it may be summed from (FINER; if not named there,
# the cells themselves). Of coupons is what names a rule, of payments and refunds what names a channel.
KEYS: dict[type[Measures] | type[PaidMeasures], tuple[str, ...]] = {
    StoreHour: ("day", "store_id", "hour"),
    StoreDay: ("day", "store_id"),
    StoreDayMix: ("day", "store_id", "channel", "newness"),
    MallHour: ("day", "hour"),
    MallHourMix: ("day", "hour", "channel", "newness"),
    CouponDay: ("day", "stock_id", "rule_id", "store_id"),
    StoreMonth: ("day", "store_id"),
    MallMonthMix: ("day", "channel", "newness"),
}
FINER = {StoreDay: StoreHour, MallHour: StoreHour, StoreMonth: StoreDay, MallMonthMix: MallHourMix}
OF_MONTHS = (StoreMonth, MallMonthMix)


def measures_in(model: type[Measures] | type[PaidMeasures]) -> tuple[str, ...]:
    return PAID if issubclass(model, PaidMeasures) else MEASURES


def add_changes(mall_id: int, changes: Changes) -> None:
    """Add changes to the roll-ups, these and their rows always in the same order: two calls never lock each other out.
    What many share comes late: whole months, their sets last."""
    used = _used(changes.cells)
    for model, sums in summed(_narrowed(changes.cells, used)).items():
        kept = [place for place, measure in enumerate(used) if MEASURES[measure] in measures_in(model)]
        rows = [(mall_id, *key, *[row[place] for place in kept]) for key, row in sums.items()]
        if rows and kept:
            add_to(model, ("mall_id", *KEYS[model]), [MEASURES[used[place]] for place in kept], rows)
    visitors.unite(mall_id, changes.shoppers)


def summed(cells: Cells) -> dict[type[Measures] | type[PaidMeasures], Sums]:
    """What cells add to each roll-up, by the columns that name its rows."""
    found: dict[type[Measures] | type[PaidMeasures], Sums] = {}
    for model, keys in KEYS.items():
        finer = FINER.get(model)
        rows, columns = (found[finer].items(), KEYS[finer]) if finer else (cells.items(), Cell._fields)
        if model in OF_MONTHS:
            rows = (((first_of_month(day), *rest), sums) for (day, *rest), sums in rows)
        found[model] = _summed(rows, columns, keys)
    return found


def _summed(cells: Iterable[tuple[tuple, Sequence[int]]], columns: tuple[str, ...], keys: tuple[str, ...]) -> Sums:
    """Cells named by `columns`, summed over all but `keys`."""
    key_of = itemgetter(*map(columns.index, keys))
    needed = next((columns.index(name) for name in ("rule_id", "channel") if name in keys), None)
    found: Sums = {}
    for cell, sums in cells:
        if needed is None or cell[needed]:
            key = key_of(cell)
            have = found.get(key)
            found[key] = sums if have is None else list(map(add, have, sums))
    return found
