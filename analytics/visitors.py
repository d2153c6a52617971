"""Who paid, by day, four days and calendar month: sets of shoppers, for counts of different ones cannot be added up.

A set is kept as a 64-bit roaring bitmap of shopper ids (Lemire et al., "Roaring Bitmaps: Implementation of an
Optimized Software Library", Software: Practice and Experience 48.4, 2018), everywhere in the same form: one shopper
takes 30 bytes, all 200,000 of a mall about 25 KB.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q
from pyroaring import BitMap, BitMap64

from mallops.lib.sql import insert_new, overwrite

from .models import MallVisitors, Span, StoreVisitors, Visitors
from .spans import first_day

Sets = dict[tuple, BitMap64]
Loaded = BitMap | BitMap64  # only to be counted: the two do not mix
NARROW = BitMap64([0]).serialize()[:12]  # the head of a set whose ids are all below 2**32: one part, of high bits 0

# The days of which a set is kept, the longest first. In a large mall a day's set weighs as much as that of four days,
# which many weeks of a chart are made of; at a store months and days are enough.
SPANS: dict[type[Visitors], tuple[Span, ...]] = {
    MallVisitors: (Span.MONTH, Span.FOUR, Span.DAY),
    StoreVisitors: (Span.MONTH, Span.DAY),
}

# The roll-ups with the columns that name a row.
KEYS: dict[type[Visitors], tuple[str, ...]] = {
    MallVisitors: ("span", "day"),
    StoreVisitors: ("span", "day", "store_id"),
}


def unpacked(kept: bytes) -> BitMap64:
    """A set as it is kept (`serialize` makes that)."""
    return BitMap64.deserialize(bytes(kept))


def united(kept: Iterable[bytes]) -> BitMap64:
    """All shoppers of some sets as they are kept."""
    return BitMap64().union(*map(unpacked, kept))


def loaded(kept: bytes) -> Loaded:
    """A set as it is kept, to be counted with others. Nearly always all ids are below 2**32: then it is a bitmap of 32
    bits behind a short head, and is united in a third of the time."""
    kept = bytes(kept)
    return BitMap.deserialize(kept[len(NARROW) :]) if kept.startswith(NARROW) else BitMap64.deserialize(kept)


def counted(sets: Sequence[Loaded]) -> int:
    """How many different shoppers some sets have together."""
    if all(isinstance(one, BitMap) for one in sets):
        return len(BitMap().union(*sets))
    return len(BitMap64().union(*map(BitMap64, sets)))


def grouped(shoppers: Mapping[tuple[int, date], BitMap64], model: type[Visitors]) -> Sets:
    """Sets by store and day, united by what names a row of the roll-up."""
    found: Sets = defaultdict(BitMap64)
    for (store_id, day), some in shoppers.items():
        for span in SPANS[model]:
            key = (span.value, first_day(span, day))
            found[(*key, store_id) if "store_id" in KEYS[model] else key] |= some
    return found


def unite(mall_id: int, shoppers: Mapping[tuple[int, date], BitMap64]) -> None:
    """Add shoppers by store and day to the sets of the roll-ups.

    Rows that are missing are inserted, then those that were there are held, each in the order of their keys: two
    calls never lock each other out, and neither overwrites what the other added.
    """
    for model, keys in KEYS.items() if shoppers else ():
        sets = grouped(shoppers, model)
        rows = [(mall_id, *key, sets[key].serialize()) for key in sorted(sets)]
        columns = ("mall_id", *keys)
        new = insert_new(model, (*columns, "shoppers"), rows, conflict=columns, returning=("day", "span"))
        if len(new) < len(rows):
            _unite_held(mall_id, model, keys, sets)


def _unite_held(mall_id: int, model: type[Visitors], keys: tuple[str, ...], sets: Sets) -> None:
    """Unite sets with the rows that are there; a row that has all of them stays as it is."""
    grown = []
    for *key, kept in _held(mall_id, model, keys, sets):
        have, more = unpacked(kept), sets.get(tuple(key))
        if more and not more.issubset(have):
            grown.append((mall_id, *key, (have | more).serialize()))
    overwrite(model, ("mall_id", *keys), ["shoppers"], grown)


def _held(mall_id: int, model: type[Visitors], keys: tuple[str, ...], sets: Sets) -> list[tuple]:
    """The rows of the sets, nobody else's until the transaction ends."""
    spans: dict[str, set[date]] = defaultdict(set)
    for span, day, *_store in sets:
        spans[span].add(day)
    wanted = Q(*(Q(span=span, day__in=days) for span, days in spans.items()), _connector=Q.OR)
    rows = model.objects.for_mall(mall_id).filter(wanted)
    if "store_id" in keys:
        rows = rows.filter(store__in={store_id for _span, _day, store_id in sets})
    return list(rows.order_by(*keys).select_for_update().values_list(*keys, "shoppers"))
