"""How many different shoppers paid: counts of sets, never sums of counts.

Each function asks once: roll-ups and the work not yet folded into them in one snapshot, exact at any moment. Whole
calendar months are read as one set each, the days around them as few sets as there are (`analytics.visitors.SPANS`). A
refund does not make a visit undone.

Sets are not kept by channel or newness: under such a filter there is no count (None, or nothing).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pyroaring import BitMap64

from analytics.models import MallVisitors, RollupDelta, Span, StoreVisitors
from analytics.periods import steps
from analytics.spans import cut
from analytics.visitors import SPANS, Loaded, counted, loaded, united
from mallops.lib.dates import Period, as_day, first_of_month, next_month
from mallops.lib.sql import stream_binary
from merchants.models import Mall, Store

from .choice import Choice
from .windows import SERVED, condition, one_of


class Kept(NamedTuple):
    """A set as it is kept, of one store or (None) of the mall, with the first of its days."""

    store_id: int | None
    day: date
    shoppers: bytes


def shoppers(choice: Choice, side: int = 0) -> int | None:
    """How many different shoppers paid at the chosen stores in the period (side 1: in the compared days)."""
    if choice.mixed:
        return None
    if side >= len(choice.periods):
        return 0
    return counted([loaded(row.shoppers) for row in _read(choice, [choice.periods[side]])])


def by_day(choice: Choice, side: int = 0) -> dict[date, int]:
    """How many different shoppers paid on each day of the period; days without any are left out."""
    if choice.mixed or side >= len(choice.periods):
        return {}
    found: dict[date, list[Loaded]] = defaultdict(list)
    for row in _read(choice, steps(choice.periods[side], weekly=False)):
        found[row.day].append(loaded(row.shoppers))
    return {day: counted(sets) for day, sets in sorted(found.items())}


def by_step(choice: Choice, side: int = 0) -> list[int | None]:
    """How many different shoppers paid in each step of a chart over time (`Choice.steps`), a day or a week."""
    parts = choice.steps(side)
    if choice.mixed:
        return [None] * len(parts)
    starts, found = [part.start for part in parts], [[] for _ in parts]
    for row in _read(choice, parts):
        found[bisect_right(starts, row.day) - 1].append(loaded(row.shoppers))
    return [counted(sets) for sets in found]


def by_store(choice: Choice, stores: Iterable[Store], side: int = 0) -> dict[int, int]:
    """How many different shoppers paid at each store, by its id; 0 for a store without any."""
    if choice.mixed:
        return {}
    found: dict[int, list[Loaded]] = {store.pk: [] for store in stores}
    if found and side < len(choice.periods):
        for row in _read_stores(choice, [choice.periods[side]], list(found)):
            if row.store_id in found:  # a store may have been added just now
                found[row.store_id].append(loaded(row.shoppers))
    return {store_id: counted(sets) for store_id, sets in found.items()}


def frequency(choice: Choice) -> list[int] | None:
    """How many shoppers paid at the chosen stores on one day of the period, on two, and on three or more."""
    if choice.mixed:
        return None
    days: dict[date, list[bytes]] = defaultdict(list)
    for row in _read(choice, steps(choice.period, weekly=False)):
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
        for row in _read_mall(mall.pk, [period]):
            if (month := first_of_month(row.day)) in found:
                found[month].append(row.shoppers)
    return [united(found[month]) for month in months]


def _read(choice: Choice, parts: Sequence[Period]) -> Iterator[Kept]:
    """The sets of the whole mall, or of the chosen stores, each within one of some consecutive periods."""
    if choice.within:
        return _read_stores(choice, parts, list(choice.within["store_id"]))
    return _read_mall(choice.place.mall.pk, parts)


def _read_mall(mall_id: int, parts: Sequence[Period]) -> Iterator[Kept]:
    return _fetch(MallVisitors, mall_id, parts, SPANS[MallVisitors], store="CAST(NULL AS bigint)")


def _read_stores(choice: Choice, parts: Sequence[Period], stores: list[int]) -> Iterator[Kept]:
    """Where not all days may be read, whole months cannot be used. The stores of a whole mall are not named: to look up
    each day of each would take longer than to read them all."""
    if not stores:
        return iter(())
    named = [] if choice.place.whole and len(stores) == len(choice.place.stores) else stores
    only = f" AND {one_of('store_id', named)}" if named else ""
    served, days = condition(choice.served.get(SERVED), Period(parts[0].start, parts[-1].end))
    return _fetch(
        StoreVisitors, choice.place.mall.pk, parts, (Span.DAY,) if served else SPANS[StoreVisitors], store="store_id",
        within=only + served, wanted=[*named, *days],
    )  # fmt: skip


def _fetch(
    model, mall_id: int, parts: Sequence[Period], spans: Sequence[Span], *, store: str, within: str = "",
    wanted: Sequence = (),
) -> Iterator[Kept]:  # fmt: skip
    """One SELECT for each kind of row, and one for the deltas, put under one another.

    `store` is the column of the store, `within` SQL that keeps only some rows, with the parameters `wanted`.
    """
    selects, parameters = [], []
    for span, days in cut(parts, spans).items():
        selects.append(
            f"SELECT {store}, day, shoppers FROM {model._meta.db_table}"
            f" WHERE mall_id = %s AND span = %s AND {one_of('day', days)}{within}"
        )
        parameters += [mall_id, span.value, *days, *wanted]
    selects.append(
        f"SELECT store_id, day, shoppers FROM {RollupDelta._meta.db_table}"
        f" WHERE mall_id = %s AND day >= %s AND day < %s AND shoppers IS NOT NULL{within}"
    )
    parameters += [mall_id, parts[0].start, parts[-1].end, *wanted]
    for store_id, day, kept in stream_binary(" UNION ALL ".join(selects), parameters, ("int8", "date", "bytea")):
        yield Kept(store_id, as_day(day), kept)
