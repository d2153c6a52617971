"""On which days the figures of a store may be read: a provider's, within its agreements with the store."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from mallops.lib.dates import Period

SERVED = "served"  # the name of this condition among those on cells (`Choice.within`)
Days = tuple[date, date | None]  # from, until (excluded; None: no end)
Windows = Mapping[int, Iterable[Days]]  # by store id; agreements of one store may overlap


def inside(days: Iterable[Days], period: Period) -> tuple[Period, ...]:
    """The parts of a period that lie within some days, in order, joined where they touch."""
    found: list[Period] = []
    for start, until in sorted(days, key=lambda one: one[0]):
        begin, end = max(start, period.start), min(until or period.end, period.end)
        if begin >= end:
            continue
        if found and begin <= found[-1].end:
            found[-1] = Period(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Period(begin, end))
    return tuple(found)


def one_of(column: str, values: Collection) -> str:
    """SQL that keeps cells with one of some values (at least one), which are its parameters."""
    return f"{column} IN ({', '.join(['%s'] * len(values))})"


def condition(windows: Windows | None, period: Period) -> tuple[str, list]:
    """SQL that keeps the cells (`store_id`, `day`) of a period within the windows, and its parameters.

    Empty without windows, or if each of their stores may be read on all days of the period.
    """
    if windows is None:
        return "", []
    stores: dict[Period, list[int]] = {}
    for store_id, days in windows.items():
        for part in inside(days, period):
            stores.setdefault(part, []).append(store_id)
    if len(stores.get(period, ())) == len(windows):
        return "", []
    terms = [f"(day >= %s AND day < %s AND {one_of('store_id', found)})" for found in stores.values()]
    parameters = [value for part, found in stores.items() for value in (part.start, part.end, *found)]
    return f" AND ({' OR '.join(terms) or '1 = 0'})", parameters
