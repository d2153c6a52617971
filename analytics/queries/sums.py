"""Sums of a roll-up and of the work not yet folded into it, in one statement: one snapshot, exact at any moment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from analytics.models import CouponDay, MallHour, RollupDelta, StoreDay, StoreHour
from mallops.lib.dates import Period

Key = tuple[Any, ...]
Cells = dict[Key, dict[str, int]]  # (number of the period, values of the grouping) -> measure -> sum

_TYPES = {"day": "date"}  # of the columns one can group by; the others are whole numbers


def sums(
    *,
    mall_id: int,
    model: type[MallHour | StoreHour | StoreDay | CouponDay],
    periods: Sequence[Period],
    groupings: Sequence[tuple[str, ...]],
    measures: Sequence[str],
    within: Mapping[str, Collection[int]] | None = None,
) -> list[Cells]:
    """For each grouping (columns, such as ``("day",)``) the sums of some measures over each period of local days.

    `within` keeps only cells whose column (``store_id``, ``stock_id``, ``rule_id``) has one of the values. Cells
    without a row are left out. Amounts in fen. Reads roll-ups only: the cost does not grow with the ledger.
    """
    found: list[Cells] = [{} for _ in groupings]
    within = within or {}
    if not periods or not all(within.values()):
        return found
    columns = tuple(dict.fromkeys(column for grouping in groupings for column in grouping))
    cells, parameters = _cells(mall_id, model, periods, columns, measures, within)
    statement = " UNION ALL ".join(
        _grouped(number, grouping, columns, measures, cells) for number, grouping in enumerate(groupings)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters * len(groupings))
        for number, side, *values in cursor.fetchall():
            keys = dict(zip(columns, values, strict=False))
            key = (side, *(_plain(column, keys[column]) for column in groupings[number]))
            found[number][key] = dict(zip(measures, values[len(columns) :], strict=True))
    return found


def of_side(cells: Cells, side: int) -> Cells:
    """The cells of one of the periods."""
    return {key: row for key, row in cells.items() if key[0] == side}


def _cells(mall_id: int, model: type, periods, columns, measures, within) -> tuple[str, list]:
    """The SELECT of all cells of all periods, from the roll-up and from the deltas, and its parameters."""
    kept = "".join(f" AND {column} IN ({', '.join(['%s'] * len(values))})" for column, values in within.items())
    allowed = [value for values in within.values() for value in values]
    branches, parameters = [], []
    for side, period in enumerate(periods):
        for source in (model, RollupDelta):
            of_coupons = " AND rule_id IS NOT NULL" if source is RollupDelta and model is CouponDay else ""
            branches.append(
                f"SELECT {', '.join((f'{side} AS side', *columns, *measures))} FROM {source._meta.db_table}"
                f" WHERE mall_id = %s AND day >= %s AND day < %s{of_coupons}{kept}"
            )
            parameters += [mall_id, period.start, period.end, *allowed]
    return " UNION ALL ".join(branches), parameters


def _grouped(number: int, grouping, columns, measures, cells: str) -> str:
    """One grouping; the columns it does not group by are NULL, so that groupings can be put under one another."""
    shown = [column if column in grouping else f"CAST(NULL AS {_TYPES.get(column, 'bigint')})" for column in columns]
    summed = [f"CAST(SUM({measure}) AS bigint)" for measure in measures]
    return (
        f"SELECT {', '.join((f'{number} AS part', 'side', *shown, *summed))} FROM ({cells}) AS cells{number}"
        f" GROUP BY {', '.join(('side', *grouping))}"
    )


def _plain(column: str, value: Any) -> Any:
    """A computed date comes from SQLite as its text."""
    return date.fromisoformat(value) if column == "day" and isinstance(value, str) else value
