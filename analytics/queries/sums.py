"""Sums of a roll-up and of the work not yet folded into it, in one statement: one snapshot, exact at any moment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, product
from operator import add
from typing import Any

from django.db import connection

from analytics.models import (
    CouponDay,
    MallHour,
    MallHourMix,
    MallMonthMix,
    RollupDelta,
    Span,
    StoreDay,
    StoreDayMix,
    StoreHour,
    StoreMonth,
)
from analytics.periods import WEEK
from analytics.spans import cut
from mallops.lib.dates import Period, as_day
from merchants.models import Store

from .windows import SERVED, Windows, condition, one_of

Key = tuple[Any, ...]
Cells = dict[Key, dict[str, int | None]]  # (number of the period, values of the grouping) -> measure -> sum

DAYS = ("day", "week")  # columns whose values are days

# Of columns to group by; others are whole numbers.
_TYPES = {"day": "date", "week": "date", "channel": "text", "newness": "text"}

# Gives cells the column `category_id`, and no other that they have.
_CATEGORIES = f" JOIN (SELECT id AS store_id, category_id FROM {Store._meta.db_table}) AS store USING (store_id)"

# Which deltas are of a roll-up; if not named, all.
_DELTAS = {
    CouponDay: " AND rule_id IS NOT NULL",
    StoreDayMix: " AND channel <> ''",
    MallHourMix: " AND channel <> ''",
}

# The roll-up of the whole mall that has the same, in fewer rows, where stores do not matter.
_OF_MALL = {StoreDay: MallHour, StoreDayMix: MallHourMix}

# The same of whole months, where days do not matter.
_OF_MONTHS = {StoreDay: StoreMonth, MallHourMix: MallMonthMix}


def sums(
    *,
    mall_id: int,
    model: type[MallHour | StoreHour | StoreDay | CouponDay | MallHourMix | StoreDayMix],
    periods: Sequence[Period],
    groupings: Sequence[tuple[str, ...]],
    measures: Sequence[str],
    within: Mapping[str, Collection[int | str] | Windows] | None = None,
) -> list[Cells]:
    """For each grouping (columns, such as ``("day",)``) the sums of some measures over each period of local days.

    Columns are ``day``, ``week`` (the last day of one; weeks are counted back from the end of the period), ``hour``,
    ``store_id``, ``category_id`` (of the store), ``rule_id``, ``stock_id``, ``channel`` and ``newness``, as far as the
    roll-up has them. `within` keeps only cells whose column has one of the values (``category_id`` cannot be named
    there), and under ``served`` those of days that may be read (`queries.windows`).
    Cells without a row are left out. Amounts in fen. Reads roll-ups only: the cost does not grow with the ledger.
    """
    found: list[Cells] = [{} for _ in groupings]
    within = within or {}
    if not periods or not all(within.values()):
        return found
    columns = tuple(dict.fromkeys(column for grouping in groupings for column in grouping))
    places = [[columns.index(column) for column in grouping] for grouping in groupings]
    days = [place for place, column in enumerate(columns) if column in DAYS]
    statement, parameters = _statement(mall_id, model, periods, groupings, columns, measures, within)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for number, side, *values in cursor.fetchall():
            key = (side, *[as_day(values[place]) if place in days else values[place] for place in places[number]])
            _add(found[number], key, measures, values[len(columns) :])
    return found


def _add(cells: Cells, key: Key, measures: Sequence[str], amounts: Sequence[int]) -> None:
    cell = cells.get(key)
    cells[key] = dict(zip(measures, amounts if cell is None else map(add, cell.values(), amounts), strict=True))


def of_side(cells: Cells, side: int) -> Cells:
    """The cells of one of the periods."""
    return {key: row for key, row in cells.items() if key[0] == side}


def _statement(mall_id: int, model, periods, groupings, columns, measures, within) -> tuple[str, list]:
    """One SELECT for each grouping, period and source, put under one another; and the parameters.

    Each sums by itself: an outer sum over their union would make the database sort every cell.
    """
    selects, parameters = [], []
    for (part, grouping), (side, period) in product(enumerate(groupings), enumerate(periods)):
        shown = (f"{part} AS part", f"{side} AS side", *_shown(grouping, columns, measures, period))
        joined = _CATEGORIES if "category_id" in grouping else ""
        kept, values = _kept(within, period)
        for source, days, which in _sources(model, grouping, within, period):
            selects.append(
                f"SELECT {', '.join(shown)} FROM {source._meta.db_table}{joined}"
                f" WHERE mall_id = %s AND {days[0]}{kept}{which} {_group_by(grouping)}"
            )
            parameters += [mall_id, *days[1], *values]
    return " UNION ALL ".join(selects), parameters


def _sources(model, grouping: tuple[str, ...], within, period: Period) -> Iterator[tuple[type, tuple[str, list], str]]:
    """What to read for a period: roll-ups and the deltas, of each the days (SQL with its parameters) and which rows."""
    by_store = {"store_id", "category_id", SERVED} & {*grouping, *within}
    source = model if by_store else _OF_MALL.get(model, model)
    days = "day >= %s AND day < %s", [period.start, period.end]
    if source in _OF_MONTHS and not {*DAYS, "hour", SERVED} & {*grouping, *within}:
        for span, firsts in cut([period], (Span.MONTH, Span.DAY)).items():
            yield _OF_MONTHS[source] if span == Span.MONTH else source, (one_of("day", firsts), firsts), ""
    else:
        yield source, days, ""
    yield RollupDelta, days, _DELTAS.get(model, "")


def _kept(within: Mapping[str, Collection | Windows], period: Period) -> tuple[str, list]:
    """SQL that keeps the cells meant, and its parameters."""
    listed = {column: values for column, values in within.items() if column != SERVED}
    served, days = condition(within.get(SERVED), period)
    terms = "".join(f" AND {one_of(column, values)}" for column, values in listed.items())
    return terms + served, [*chain.from_iterable(listed.values()), *days]


def _shown(grouping, columns, measures, period: Period) -> list[str]:
    """Columns not grouped by are NULL, so that all groupings have the same columns."""
    keys = [column if column in grouping else f"CAST(NULL AS {_TYPES.get(column, 'bigint')})" for column in columns]
    keys = [f"{_week(period)} AS week" if key == "week" else key for key in keys]
    return [*keys, *(f"CAST(SUM({measure}) AS bigint)" for measure in measures)]


def _week(period: Period) -> str:
    if connection.vendor == "postgresql":
        return f"day + (DATE '{period.last}' - day) %% {WEEK}"
    return f"date(day, (CAST(julianday('{period.last}') - julianday(day) AS INTEGER) %% {WEEK}) || ' days')"


def _group_by(grouping: tuple[str, ...]) -> str:
    """Without columns, a sum over no cells must not be a row of NULLs."""
    return f"GROUP BY {', '.join(grouping)}" if grouping else "HAVING COUNT(*) > 0"
