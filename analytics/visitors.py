"""Who paid, by day and calendar month: sets of shoppers, for a count of different ones cannot be added up.

A set is kept as a 64-bit roaring bitmap of shopper ids (Lemire et al., "Roaring Bitmaps: Implementation of an
Optimized Software Library", Software: Practice and Experience 48.4, 2018), everywhere in the same form: one shopper
takes 30 bytes, all 200,000 of a mall about 25 KB.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q
from pyroaring import BitMap, BitMap64

from mallops.lib.dates import first_of_month
from mallops.lib.sql import insert_new, overwrite

from .models import MallVisitors, Span, StoreVisitors, Visitors

Sets = dict[tuple, BitMap64]
NARROW = BitMap64([0]).serialize()[:12]  # the head of a set whose ids are all below 2**32: one part, of high bits 0

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


def counted(kept: Iterable[bytes]) -> int:
    """How many different shoppers some sets have together.

    Nearly always all ids are below 2**32. Such sets are bitmaps of 32 bits behind a short head, which are united in a
    third of the time.
    """
    sets = list(map(bytes, kept))
    if all(one.startswith(NARROW) for one in sets):
        return len(BitMap().union(*(BitMap.deserialize(one[len(NARROW) :]) for one in sets)))
    return len(united(sets))


def grouped(shoppers: Mapping[tuple[int, date], BitMap64], keys: tuple[str, ...]) -> Sets:
    """Sets by store and day, united by span and day, and by store if `keys` name it."""
    found: Sets = defaultdict(BitMap64)
    for (store_id, day), some in shoppers.items():
        for key in ((Span.DAY.value, day), (Span.MONTH.value, first_of_month(day))):
            found[(*key, store_id) if "store_id" in keys else key] |= some
    return found


def unite(mall_id: int, shoppers: Mapping[tuple[int, date], BitMap64]) -> None:
    """Add shoppers by store and day to the sets of the roll-ups.

    Rows that are missing are inserted, then those that were there are held, each in the order of their keys: two
    calls never lock each other out, and neither overwrites what the other added.
    """
    for model, keys in KEYS.items() if shoppers else ():
        sets = grouped(shoppers, keys)
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
