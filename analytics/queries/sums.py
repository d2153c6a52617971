"""Sums of a roll-up and of the work not yet folded into it, in one statement: one snapshot, exact at any moment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

from django.db import connection

from analytics.models import CouponDay, MallHour, MallHourMix, RollupDelta, StoreDay, StoreDayMix, StoreHour
from mallops.lib.dates import Period

from .windows import SERVED, Windows, condition

Key = tuple[Any, ...]
Cells = dict[Key, dict[str, int | None]]  # (number of the period, values of the grouping) -> measure -> sum

_TYPES = {
    "day": "date",
    "channel": "text",
    "newness": "text",
}  # of columns to group by; others are whole numbers

# Which deltas are of a roll-up; if not named, all.
_DELTAS = {
    CouponDay: " AND rule_id IS NOT NULL",
    StoreDayMix: " AND channel <> ''",
    MallHourMix: " AND channel <> ''",
}


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

    `within` keeps only cells whose column (``store_id``, ``stock_id``, ``rule_id``, ``channel``, ``newness``) has one
    of the values, and under ``served`` those of days that may be read (`queries.windows`). Cells without a row are left
    out. Amounts in fen. Reads roll-ups only: the cost does not grow with the ledger.
    """
    found: list[Cells] = [{} for _ in groupings]
    within = within or {}
    if not periods or not all(within.values()):
        return found
    columns = tuple(dict.fromkeys(column for grouping in groupings for column in grouping))
    statement, parameters = _statement(mall_id, model, periods, groupings, columns, measures, within)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for number, side, *values in cursor.fetchall():
            keys = dict(zip(columns, values, strict=False))
            key = (side, *(_plain(column, keys[column]) for column in groupings[number]))
            _add(found[number].setdefault(key, dict.fromkeys(measures, 0)), values[len(columns) :])
    return found


def _add(sums: dict[str, int], more: Sequence[int]) -> None:
    for measure, amount in zip(sums, more, strict=True):
        sums[measure] += amount


def of_side(cells: Cells, side: int) -> Cells:
    """The cells of one of the periods."""
    return {key: row for key, row in cells.items() if key[0] == side}


def _statement(mall_id: int, model, periods, groupings, columns, measures, within) -> tuple[str, list]:
    """One SELECT for each grouping, period and source, put under one another; and the parameters.

    Each sums by itself: an outer sum over their union would make the database sort every cell.
    """
    listed = {column: values for column, values in within.items() if column != SERVED}
    kept = "".join(f" AND {column} IN ({', '.join(['%s'] * len(values))})" for column, values in listed.items())
    allowed = [value for values in listed.values() for value in values]
    selects, parameters = [], []
    for part, side, source in product(enumerate(groupings), enumerate(periods), (model, RollupDelta)):
        (number, grouping), (which, period) = part, side
        shown = (f"{number} AS part", f"{which} AS side", *_shown(grouping, columns, measures))
        deltas = _DELTAS.get(model, "") if source is RollupDelta else ""
        served, days = condition(within.get(SERVED), period)
        selects.append(
            f"SELECT {', '.join(shown)} FROM {source._meta.db_table}"
            f" WHERE mall_id = %s AND day >= %s AND day < %s{kept}{served}{deltas} {_group_by(grouping)}"
        )
        parameters += [mall_id, period.start, period.end, *allowed, *days]
    return " UNION ALL ".join(selects), parameters


def _shown(grouping, columns, measures) -> list[str]:
    """Columns not grouped by are NULL, so that all groupings have the same columns."""
    keys = [column if column in grouping else f"CAST(NULL AS {_TYPES.get(column, 'bigint')})" for column in columns]
    return [*keys, *(f"CAST(SUM({measure}) AS bigint)" for measure in measures)]


def _group_by(grouping: tuple[str, ...]) -> str:
    """Without columns, a sum over no cells must not be a row of NULLs."""
    return f"GROUP BY {', '.join(grouping)}" if grouping else "HAVING COUNT(*) > 0"


def _plain(column: str, value: Any) -> Any:
    """A computed date comes from SQLite as its text."""
    return date.fromisoformat(value) if column == "day" and isinstance(value, str) else value
