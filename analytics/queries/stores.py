"""Some stores side by side, by step of the period and by hour of the day; and steps by category."""

from collections.abc import Iterable, Sequence
from typing import Any

from analytics.metrics import measures_of
from analytics.models import StoreHour
from merchants.models import Store

from .choice import Choice
from .sales import of_days
from .sums import Cells, sums


def steps_of_stores(choice: Choice, stores: Iterable[Store], keys: Sequence[str]) -> Cells:
    """What some metrics need of each store in the period, by (0, store id, last day of a step)."""
    within = _only(choice, stores) | choice.mix
    return _of_period(choice, of_days(choice), ("store_id", choice.step), keys, within)


def hours_of_stores(choice: Choice, stores: Iterable[Store], keys: Sequence[str]) -> Cells:
    """What some metrics need of each store in the period, by (0, store id, hour of the day); of all payments."""
    return _of_period(choice, StoreHour, ("store_id", "hour"), keys, _only(choice, stores))


def net_of_categories(choice: Choice) -> Cells:
    """What net sales need of the chosen stores in the period, by (0, category id, last day of a step). Amounts in fen.

    Added up in the database: the days of all stores would be many times the rows.
    """
    within = choice.within | choice.mix
    return _of_period(choice, of_days(choice), ("category_id", choice.step), ["net_sales"], within)


def _only(choice: Choice, stores: Iterable[Store]) -> dict[str, Any]:
    return {"store_id": [store.pk for store in stores]} | choice.served


def _of_period(choice: Choice, model, grouping: tuple[str, str], keys: Sequence[str], within: dict[str, Any]) -> Cells:
    (found,) = sums(
        mall_id=choice.place.mall.pk,
        model=model,
        periods=[choice.period],
        groupings=[grouping],
        measures=measures_of(keys),
        within=within,
    )
    return found
