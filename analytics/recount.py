"""Roll-ups computed anew from the ledger, to prove them and to rebuild them."""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import add

from django.db import connection, transaction
from django.db.models import Count, QuerySet, Sum

from coupons.models import Coupon, CouponClosure, Redemption, Reversal
from payments.models import Payment, Refund

from .models import RollupDelta
from .rollups import KEYS, MEASURES, Cell, Changes, add_cells, summed

READ_AT_ONCE = 20_000


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction whose statements all see the same committed state (on SQLite every one does)."""
    fresh = not connection.in_atomic_block
    with transaction.atomic():
        if fresh and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def ledger_cells(mall_id: int) -> dict[Cell, list[int]]:
    """What the roll-ups of a mall must add up to, summed by the database from the ledger."""
    changes = Changes()
    coupon = ("coupon__rule", "coupon__stock")
    for model, place, measures in (
        (Payment, (), {"payments": Count("id"), "gross_fen": Sum("amount_fen")}),
        (Refund, (), {"refunds": Count("id"), "refund_fen": Sum("amount_fen")}),
        (Coupon, ("rule", "stock"), {"issued": Count("id")}),
        (
            Redemption,
            coupon,
            {"redeemed": Count("id"), "discount_fen": Sum("discount_fen"), "coupon_sales_fen": Sum("order_fen")},
        ),
    ):
        _add(changes, model.objects.for_mall(mall_id), ("store", "day", "hour", *place), measures)
    _add(
        changes,
        Reversal.objects.for_mall(mall_id),
        ("redemption__store", "day", "hour", *(f"redemption__{name}" for name in coupon)),
        {
            "reversals": Count("id"),
            "reversed_fen": Sum("redemption__discount_fen"),
            "reversed_sales_fen": Sum("redemption__order_fen"),
        },
    )
    for kind in ("expired", "revoked"):
        closures = CouponClosure.objects.for_mall(mall_id).filter(kind=kind)
        _add(changes, closures, ("coupon__store", "day", "hour", *coupon), {kind: Count("id")})
    return changes.cells


def _add(changes: Changes, rows: QuerySet, keys: tuple[str, ...], measures: dict) -> None:
    grouped = rows.order_by().values(*keys).annotate(**{f"sum_{name}": sum_ for name, sum_ in measures.items()})
    for row in grouped.iterator(READ_AT_ONCE):
        cell = Cell(*(row[key] for key in keys))
        changes.add(cell, **{name: row[f"sum_{name}"] for name in measures})


def rebuild(mall_id: int) -> int:
    """Make the roll-ups of a mall anew from its ledger; returns the number of cells. Payments go on meanwhile.

    Raises OperationalError when a concurrent change made the snapshot stale; nothing was changed then.
    """
    with one_snapshot():
        cells = ledger_cells(mall_id)
        for model in (RollupDelta, *KEYS):
            model.objects.for_mall(mall_id).delete()
        add_cells(mall_id, cells)
    return len(cells)


def differences(mall_id: int) -> list[str]:
    """Where roll-ups plus deltas are not what the ledger says: one line each, none if all is well."""
    with one_snapshot():
        wanted = ledger_cells(mall_id)
        deltas = _deltas(mall_id)
        return [
            line
            for model, keys in KEYS.items()
            for line in _compare(mall_id, model, keys, summed(wanted, keys), summed(deltas, keys))
        ]


def _deltas(mall_id: int) -> dict[Cell, list[int]]:
    changes = Changes()
    rows = RollupDelta.objects.for_mall(mall_id).values_list("store", "day", "hour", "rule", "stock", *MEASURES)
    for row in rows.iterator(READ_AT_ONCE):
        changes.add(Cell(*row[:5]), **dict(zip(MEASURES, row[5:], strict=True)))
    return changes.cells


def _compare(mall_id: int, model, keys: tuple[str, ...], wanted: dict, deltas: dict) -> list[str]:
    rows = model.objects.for_mall(mall_id).values_list(*keys, *MEASURES)
    kept = {row[: len(keys)]: list(row[len(keys) :]) for row in rows.iterator(READ_AT_ONCE)}
    nothing = [0] * len(MEASURES)
    lines = []
    for key in wanted.keys() | kept.keys() | deltas.keys():
        have = list(map(add, kept.get(key, nothing), deltas.get(key, nothing)))
        want = wanted.get(key, nothing)
        if have != want:
            at = ", ".join(f"{name} {value}" for name, value in zip(keys, key, strict=True))
            off = [row for row in zip(MEASURES, have, want, strict=True) if row[1] != row[2]]
            what = "; ".join(f"{name} is {ours}, the ledger says {theirs}" for name, ours, theirs in off)
            lines.append(f"{model.__name__} at {at}: {what}")
    return sorted(lines)
