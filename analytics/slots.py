"""Hours of the week: what an average Monday at 10, Monday at 11 and so on was like. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from analytics.metrics import METRICS, Value, add
from analytics.queries.sums import Cells
from mallops.lib.dates import Period

FAIR_PART = 50  # an hour of the day with less than one part in so many is not looked at for quiet hours
Slot = tuple[int, int]  # weekday from Monday (0), hour
Slots = dict[Slot, Value]


def slots(cells: Cells, period: Period, key: str, side: int = 0) -> Slots:
    """The value of a metric in each hour of the week, from sums by (side, day, hour).

    What is added up is averaged over all such weekdays of the period, days without sales included (fen rounded half
    up, counts exact); a quotient such as the average ticket is that of all those hours together. Slots without
    anything are left out.
    """
    found: dict[Slot, list] = {}
    for (which, day, hour), sums in cells.items():
        if which == side:
            found.setdefault((day.weekday(), hour), []).append(sums)
    metric, days = METRICS[key], _weekdays(period)
    together = {slot: metric.value(add(rows)) for slot, rows in found.items()}
    if metric.per:
        return together
    return {slot: _average(value, days[slot[0]], metric.unit) for slot, value in together.items()}


def _weekdays(period: Period) -> list[int]:
    """How often each weekday comes."""
    return [sum(day.weekday() == number for day in period) for number in range(7)]


def _average(value: Value, days: int, unit: str) -> Value:
    if value is None or not days:
        return None
    return (2 * value + days) // (2 * days) if unit == "fen" else Fraction(value, days)


def hours_of(*found: Slots) -> range:
    """From the first to the last hour with anything."""
    hours = [hour for slots in found for _weekday, hour in slots]
    return range(min(hours), max(hours) + 1) if hours else range(0)


def by_weekday(found: Slots) -> list[list[Value]]:
    """Seven rows from Monday, a column for each of those hours; None in slots left out."""
    hours = hours_of(found)
    return [[found.get((weekday, hour)) for hour in hours] for weekday in range(7)]


def filled(found: Slots) -> Slots:
    """With zero in the slots left out, between the first and the last hour with anything."""
    return {slot: found.get(slot, 0) for slot in product(range(7), hours_of(found))}


def differences(now: Slots, before: Slots, *, both: bool) -> Slots:
    """By how much slots moved: those known now and before, or if not `both` all, with zero for what is not there."""
    known = now.keys() & before.keys() if both else now.keys() | before.keys()
    return {slot: (now.get(slot) or 0) - (before.get(slot) or 0) for slot in sorted(known)}


def opening(found: Slots) -> Slots:
    """The slots of hours of the day that hold a fair part of the whole: a late cleaning bill is no quiet hour."""
    by_hour: dict[int, Value] = {}
    for (_weekday, hour), value in found.items():
        by_hour[hour] = by_hour.get(hour, 0) + (value or 0)
    least = Fraction(sum(by_hour.values()), FAIR_PART)
    return {slot: value for slot, value in found.items() if by_hour[slot[1]] >= least}


def extremes(found: Mapping[Slot, Value], number: int = 3) -> tuple[list[Slot], list[Slot]]:
    """The slots with the largest and with the smallest values, the most extreme first."""
    ordered = sorted((slot for slot, value in found.items() if value is not None), key=lambda slot: (found[slot], slot))
    return ordered[::-1][:number], ordered[:number]
