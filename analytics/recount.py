"""Roll-ups computed anew from the ledger, to prove them and to rebuild them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from operator import add
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, F, Min, Model, QuerySet, Sum, Value, When
from pyroaring import BitMap64

from coupons.models import Coupon, CouponClosure, Redemption, Reversal
from coupons.models.coupon import CouponState
from mallops.lib.dates import clock, next_month
from merchants.models import Mall
from payments.models import Payment, Refund, Shopper

from . import visitors
from .models import Newness, RollupDelta, StoreDayMix
from .rollups import DELTA_COLUMNS, KEYS, MEASURES, Cell, Changes, add_changes, changes_of, measures_in, summed

READ_AT_ONCE = 20_000


@contextmanager
def one_snapshot(held: type[Model] | None = None) -> Iterator[None]:
    """A transaction whose statements all see the same committed state (on SQLite every one does).

    Nobody reads or writes the table of `held` from just before that state until the end.
    """
    fresh = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                if fresh:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                if held:
                    cursor.execute(f"LOCK TABLE {held._meta.db_table} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL cursor_tuple_fraction = 1")  # all rows are read, not just the first few
        yield


def ledger_changes(mall_id: int) -> Changes:
    """What the roll-ups of a mall must add up to, summed by the database from the ledger."""
    changes = Changes()
    _add_days(changes, mall_id)
    _add_shown(changes, mall_id)
    return changes


def _ledger_parts(mall_id: int) -> Iterator[Changes]:
    """The same month by month, because all cells of a large mall do not fit into memory; at last what was shown."""
    for month in _months(mall_id):
        changes = Changes()
        _add_days(changes, mall_id, day__gte=month, day__lt=next_month(month))
        yield changes
    changes = Changes()
    _add_shown(changes, mall_id)
    yield changes


def _months(mall_id: int) -> list[date]:
    """The first days of the months in which anything happened."""
    models = (Payment, Refund, Coupon, Redemption, Reversal, CouponClosure)
    return sorted({month for model in models for month in model.objects.for_mall(mall_id).dates("day", "month")})


def _add_days(changes: Changes, mall_id: int, **days: date) -> None:
    """Of all days, or those that fit the conditions."""
    _add_paid(changes, mall_id, **days)
    _add_who(changes, mall_id, **days)
    _add_coupons(changes, mall_id, **days)


def _add_paid(changes: Changes, mall_id: int, **days: date) -> None:
    payments, refunds = (model.objects.for_mall(mall_id).filter(**days) for model in (Payment, Refund))
    keys = {"store": "store_id", "day": "day", "hour": "hour", "channel": "channel", "newness": "newness"}
    _add(
        changes, payments.annotate(newness=_newness()), keys, {"payments": Count("id"), "gross_fen": Sum("amount_fen")}
    )
    refunds = refunds.annotate(newness=_newness("payment__"))
    _add(changes, refunds, keys, {"refunds": Count("id"), "refund_fen": Sum("amount_fen")})
    firsts = payments.filter(day=F("shopper__first_day")).order_by().values("shopper").annotate(first=Min("id"))
    first = payments.filter(pk__in=firsts.values("first")).annotate(newness=_newness())
    _add(changes, first, keys, {"new_shoppers": Count("id")})


def _newness(payment: str = "") -> Case:
    """Of a payment, or of the one at the end of a path."""
    first_day = F(f"{payment}shopper__first_day")
    return Case(
        When(**{f"{payment}shopper": None}, then=Value(Newness.UNKNOWN.value)),
        When(**{f"{payment}day": first_day}, then=Value(Newness.NEW.value)),
        default=Value(Newness.RETURNING.value),
    )


def _add_who(changes: Changes, mall_id: int, **days: date) -> None:
    paid = Payment.objects.for_mall(mall_id).filter(**days).exclude(shopper=None).order_by()
    for store_id, day, shopper_id in paid.values_list("store", "day", "shopper").iterator(READ_AT_ONCE):
        changes.shoppers[store_id, day].add(shopper_id)


def _add_coupons(changes: Changes, mall_id: int, **days: date) -> None:
    issued, redeemed, undone, closed = (
        model.objects.for_mall(mall_id).filter(**days) for model in (Coupon, Redemption, Reversal, CouponClosure)
    )
    _add(changes, issued, _coupon_keys("", "store"), {"issued": Count("id")})
    _add(
        changes, redeemed, _coupon_keys("coupon__", "store"),
        {"redeemed": Count("id"), "discount_fen": Sum("discount_fen"), "coupon_sales_fen": Sum("order_fen")},
    )  # fmt: skip
    sums = {
        "reversals": Count("id"),
        "reversed_fen": Sum("redemption__discount_fen"),
        "reversed_sales_fen": Sum("redemption__order_fen"),
    }
    _add(changes, undone, _coupon_keys("redemption__coupon__", "redemption__store"), sums)
    closed = closed.exclude(coupon__state=CouponState.REDEEMED)  # used in time, which became known later
    for kind in ("expired", "revoked"):
        _add(changes, closed.filter(kind=kind), _coupon_keys("coupon__", "coupon__store"), {kind: Count("id")})


def _coupon_keys(coupon: str, store: str) -> dict[str, str]:
    return {store: "store_id", "day": "day", "hour": "hour", f"{coupon}rule": "rule_id", f"{coupon}stock": "stock_id"}


def _add(changes: Changes, rows: QuerySet, keys: dict[str, str], measures: dict[str, Any]) -> None:
    """`keys` are the columns to group by with the fields of Cell they are."""
    grouped = rows.order_by().values_list(*keys).annotate(**{f"sum_{name}": sum_ for name, sum_ in measures.items()})
    fields = list(keys.values())
    for row in grouped.iterator(READ_AT_ONCE):
        cell = Cell(**dict(zip(fields, row, strict=False)))
        changes.add(cell, **dict(zip(measures, row[len(fields) :], strict=True)))


def _add_shown(changes: Changes, mall_id: int) -> None:
    """The local day and hour of a look are not kept: these few are cut anew."""
    local = clock(Mall.objects.values_list("time_zone", flat=True).get(pk=mall_id)).day_hour
    coupons = Coupon.objects.for_mall(mall_id).exclude(shown_at=None).only("store", "rule", "stock", "shown_at")
    for coupon in coupons.iterator(READ_AT_ONCE):
        changes.add_shown(coupon, *local(coupon.shown_at))


def rebuild(mall_id: int, *, first_days: bool = False) -> int:
    """Make the roll-ups of a mall anew from its ledger; returns how many cells it added. Payments go on meanwhile.

    With `first_days` each shopper's first day becomes the earliest on record, which it is not where older payments
    came in later; payments wait meanwhile. Raises OperationalError when a concurrent change made the snapshot stale;
    nothing was changed then.
    """
    with one_snapshot(held=Shopper if first_days else None):
        if first_days:
            _set_first_days(mall_id)
        for model in (RollupDelta, *KEYS, *visitors.KEYS):
            model.objects.for_mall(mall_id).delete()
        return sum(_add_part(mall_id, changes) for changes in _ledger_parts(mall_id))


def _add_part(mall_id: int, changes: Changes) -> int:
    add_changes(mall_id, changes)
    return len(changes.cells)


def _set_first_days(mall_id: int) -> None:
    shopper, payment = Shopper._meta.db_table, Payment._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {shopper} SET first_day = paid.day"
            f" FROM (SELECT shopper_id, MIN(day) AS day FROM {payment} WHERE mall_id = %s GROUP BY shopper_id) AS paid"
            f" WHERE mall_id = %s AND id = paid.shopper_id AND (first_day IS NULL OR first_day <> paid.day)",
            [mall_id, mall_id],
        )


def is_missing(mall_id: int) -> bool:
    """Whether the first payment of a mall is not in the roll-ups by channel: they are of a version without them."""
    with one_snapshot():
        first = Payment.objects.for_mall(mall_id).order_by("pk").first()
        if first is None:
            return False
        cell = {"store": first.store_id, "day": first.day, "channel": first.channel}
        return not any(model.objects.for_mall(mall_id).filter(**cell).exists() for model in (StoreDayMix, RollupDelta))


def differences(mall_id: int) -> list[str]:
    """Where roll-ups plus deltas are not what the ledger says: one line each, none if all is well."""
    with one_snapshot():
        wanted, deltas = ledger_changes(mall_id), _deltas(mall_id)
        all_wanted, all_deltas = summed(wanted.cells), summed(deltas.cells)
        lines = [
            line
            for model, keys in KEYS.items()
            for line in _compare(mall_id, model, keys, all_wanted[model], all_deltas[model])
        ]
        for model, keys in visitors.KEYS.items():
            sets = (visitors.grouped(changes.shoppers, model) for changes in (wanted, deltas))
            lines += _compare_sets(mall_id, model, keys, *sets)
        return lines


def _deltas(mall_id: int) -> Changes:
    return changes_of(RollupDelta.objects.for_mall(mall_id).values_list(*DELTA_COLUMNS).iterator(READ_AT_ONCE))


def _compare(mall_id: int, model, keys: tuple[str, ...], wanted: dict, deltas: dict) -> list[str]:
    measures = measures_in(model)
    places = [MEASURES.index(name) for name in measures]
    rows = model.objects.for_mall(mall_id).values_list(*keys, *measures)
    kept = {row[: len(keys)]: row[len(keys) :] for row in rows.iterator(READ_AT_ONCE)}
    nothing, none = (0,) * len(measures), [0] * len(MEASURES)
    lines = []
    for key in wanted.keys() | kept.keys() | deltas.keys():
        more, all_wanted = deltas.get(key, none), wanted.get(key, none)
        have = list(map(add, kept.get(key, nothing), [more[place] for place in places]))
        want = [all_wanted[place] for place in places]
        if have != want:
            off = [row for row in zip(measures, have, want, strict=True) if row[1] != row[2]]
            what = "; ".join(f"{name} is {ours}, the ledger says {theirs}" for name, ours, theirs in off)
            lines.append(f"{_named(model, keys, key)}: {what}")
    return sorted(lines)


def _compare_sets(
    mall_id: int, model, keys: tuple[str, ...], wanted: visitors.Sets, deltas: visitors.Sets
) -> list[str]:
    rows = model.objects.for_mall(mall_id).values_list(*keys, "shoppers")
    kept = {row[:-1]: visitors.unpacked(row[-1]) for row in rows.iterator(READ_AT_ONCE)}
    nobody, lines = BitMap64(), []
    for key in wanted.keys() | kept.keys() | deltas.keys():
        have, want = kept.get(key, nobody) | deltas.get(key, nobody), wanted.get(key, nobody)
        if have != want:
            off = f"{len(have - want)} shoppers too many, {len(want - have)} missing"
            lines.append(f"{_named(model, keys, key)}: {off}")
    return sorted(lines)


def _named(model, keys: tuple[str, ...], key: tuple) -> str:
    return f"{model.__name__} at {', '.join(f'{name} {value}' for name, value in zip(keys, key, strict=True))}"
