"""How many different shoppers paid: counts of sets, never sums of counts.

Each function asks once: roll-ups and the work not yet folded into them in one snapshot, exact at any moment. Whole
calendar months are read as one set each, the days around them one by one. A refund does not make a visit undone.

Sets are not kept by channel or newness: under such a filter there is no count (None, or nothing).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from pyroaring import BitMap64

from analytics.models import MallVisitors, RollupDelta, Span, StoreVisitors
from analytics.visitors import counted, united
from mallops.lib.dates import Period, as_day
from mallops.lib.sql import fetch_binary
from merchants.models import Mall, Store

from .places import Choice
from .spans import next_month, spans
from .windows import SERVED, condition, one_of


class Kept(NamedTuple):
    """A set as it is kept, of one store or (None) of the mall."""

    store_id: int | None
    day: date
    shoppers: bytes


def shoppers(choice: Choice, side: int = 0) -> int | None:
    """How many different shoppers paid at the chosen stores in the period (side 1: in the compared days)."""
    if choice.mixed:
        return None
    if side >= len(choice.periods):
        return 0
    return counted(row.shoppers for row in _read(choice, choice.periods[side]))


def by_day(choice: Choice, side: int = 0) -> dict[date, int]:
    """How many different shoppers paid on each day of the period; days without any are left out."""
    if choice.mixed or side >= len(choice.periods):
        return {}
    found: dict[date, list[bytes]] = defaultdict(list)
    for row in _read(choice, choice.periods[side], by_day=True):
        found[row.day].append(row.shoppers)
    return {day: counted(sets) for day, sets in sorted(found.items())}


def by_step(choice: Choice, side: int = 0) -> list[int | None]:
    """How many different shoppers paid in each step of a chart over time (`Choice.steps`), a day or a week."""
    steps = choice.steps(side)
    if choice.mixed:
        return [None] * len(steps)
    starts, found = [step.start for step in steps], [[] for _ in steps]
    for row in _read(choice, choice.periods[side], by_day=True):
        found[bisect_right(starts, row.day) - 1].append(row.shoppers)
    return [counted(sets) for sets in found]


def by_store(choice: Choice, stores: Iterable[Store], side: int = 0) -> dict[int, int]:
    """How many different shoppers paid at each store, by its id; 0 for a store without any."""
    if choice.mixed:
        return {}
    found: dict[int, list[bytes]] = {store.pk: [] for store in stores}
    if found and side < len(choice.periods):
        for row in _read_stores(choice, choice.periods[side], list(found)):
            found[row.store_id].append(row.shoppers)
    return {store_id: counted(sets) for store_id, sets in found.items()}


def frequency(choice: Choice) -> list[int] | None:
    """How many shoppers paid at the chosen stores on one day of the period, on two, and on three or more."""
    if choice.mixed:
        return None
    days: dict[date, list[bytes]] = defaultdict(list)
    for row in _read(choice, choice.period, by_day=True):
        days[row.day].append(row.shoppers)
    once, twice, more = BitMap64(), BitMap64(), BitMap64()
    for sets in days.values():
        here = united(sets)
        more |= twice & here
        twice |= once & here
        once |= here
    return [len(once) - len(twice), len(twice) - len(more), len(more)]


def of_months(mall: Mall, months: Sequence[date]) -> list[BitMap64]:
    """Who paid in the mall in each of some calendar months, named by their first days."""
    found: dict[date, list[bytes]] = {month: [] for month in months}
    if months:
        period = Period(min(months), next_month(max(months)))
        for row in _read_mall(mall.pk, period):
            if (month := row.day.replace(day=1)) in found:
                found[month].append(row.shoppers)
    return [united(found[month]) for month in months]


def _read(choice: Choice, period: Period, *, by_day: bool = False) -> list[Kept]:
    """The sets of the whole mall, or of the chosen stores."""
    if choice.within:
        return _read_stores(choice, period, list(choice.within["store_id"]), by_day=by_day)
    return _read_mall(choice.place.mall.pk, period, by_day=by_day)


def _read_mall(mall_id: int, period: Period, *, by_day: bool = False) -> list[Kept]:
    return _fetch(MallVisitors, mall_id, period, by_day=by_day, store="CAST(NULL AS bigint)")


def _read_stores(choice: Choice, period: Period, stores: list[int], *, by_day: bool = False) -> list[Kept]:
    """Where not all days may be read, whole months cannot be used."""
    if not stores:
        return []
    served, days = condition(choice.served.get(SERVED), period)
    return _fetch(
        StoreVisitors, choice.place.mall.pk, period, by_day=by_day or bool(served), store="store_id",
        within=f" AND {one_of('store_id', stores)}{served}", wanted=[*stores, *days],
    )  # fmt: skip


def _fetch(
    model, mall_id: int, period: Period, *, by_day: bool, store: str, within: str = "", wanted: Sequence = ()
) -> list[Kept]:
    """One SELECT for each run of days and months, and one for the deltas, put under one another.

    `store` is the column of the store, `within` SQL that keeps only some rows, with the parameters `wanted`.
    """
    selects, parameters = [], []
    for span, start, end in [(Span.DAY, period.start, period.end)] if by_day else spans(period):
        selects.append(
            f"SELECT {store}, day, shoppers FROM {model._meta.db_table}"
            f" WHERE mall_id = %s AND span = %s AND day >= %s AND day < %s{within}"
        )
        parameters += [mall_id, span.value, start, end, *wanted]
    selects.append(
        f"SELECT store_id, day, shoppers FROM {RollupDelta._meta.db_table}"
        f" WHERE mall_id = %s AND day >= %s AND day < %s AND shoppers IS NOT NULL{within}"
    )
    parameters += [mall_id, period.start, period.end, *wanted]
    rows = fetch_binary(" UNION ALL ".join(selects), parameters, ("int8", "date", "bytea"))
    return [Kept(store_id, as_day(day), kept) for store_id, day, kept in rows]
