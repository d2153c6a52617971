"""Some stores side by side, by day and by hour of the day; and days by category."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection

from analytics.metrics import measures_of
from analytics.models import RollupDelta, StoreDay, StoreDayMix, StoreHour
from merchants.models import Store

from .places import Choice
from .sums import Cells, sums


def days_of_stores(choice: Choice, stores: Iterable[Store], keys: Sequence[str]) -> Cells:
    """What some metrics need of each store in the period, by (0, store id, day)."""
    return _of_stores(choice, _of_days(choice), stores, keys, "day")


def hours_of_stores(choice: Choice, stores: Iterable[Store], keys: Sequence[str]) -> Cells:
    """What some metrics need of each store in the period, by (0, store id, hour of the day); of all payments."""
    return _of_stores(choice, StoreHour, stores, keys, "hour")


def _of_stores(choice: Choice, model, stores: Iterable[Store], keys: Sequence[str], by: str) -> Cells:
    (found,) = sums(
        mall_id=choice.place.mall.pk,
        model=model,
        periods=[choice.period],
        groupings=[("store_id", by)],
        measures=measures_of(keys),
        within={"store_id": [store.pk for store in stores]} | choice.served | _mixed(choice),
    )
    return found


def net_of_categories(choice: Choice) -> Cells:
    """What net sales need of the chosen stores in the period, by (0, category id, day). Amounts in fen.

    Joined in the database: the days of all stores would be many times the rows.
    """
    found: Cells = {}
    statement, parameters = _by_category(choice, measures_of(["net_sales"]))
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for category, day, gross, refunded in cursor.fetchall():
            sums = found.setdefault((0, category, _as_day(day)), {"gross_fen": 0, "refund_fen": 0})
            sums["gross_fen"] += gross
            sums["refund_fen"] += refunded
    return found


def _by_category(choice: Choice, measures: Sequence[str]) -> tuple[str, list]:
    """One SELECT for the roll-up and one for the work not yet folded into it."""
    within = choice.within | _mixed(choice)
    if not all(within.values()):
        return "SELECT 0, '', 0, 0 WHERE 1 = 0", []
    kept = "".join(f" AND cell.{column} IN ({', '.join(['%s'] * len(values))})" for column, values in within.items())
    shown = ", ".join(f"CAST(SUM(cell.{measure}) AS bigint)" for measure in measures)
    selects = [
        f"SELECT store.category_id, cell.day, {shown} FROM {model._meta.db_table} cell"
        f" JOIN {Store._meta.db_table} store ON store.id = cell.store_id"
        f" WHERE cell.mall_id = %s AND cell.day >= %s AND cell.day < %s{kept} GROUP BY store.category_id, cell.day"
        for model in (_of_days(choice), RollupDelta)
    ]
    wanted = [value for values in within.values() for value in values]
    return " UNION ALL ".join(selects), [choice.place.mall.pk, choice.period.start, choice.period.end, *wanted] * 2


def _of_days(choice: Choice) -> type[StoreDay | StoreDayMix]:
    return StoreDayMix if choice.mixed else StoreDay


def _mixed(choice: Choice) -> dict[str, Collection[Any]]:
    mixed = {"channel": choice.channel, "newness": choice.newness}
    return {column: [value] for column, value in mixed.items() if value}


def _as_day(value: date | str) -> date:
    """SQLite gives a date of a compound statement as its text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
