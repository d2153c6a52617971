"""Groups of parts that several boards show."""

from collections.abc import Sequence

from analytics import charts, frames
from analytics.queries.places import Choice
from analytics.queries.sales import Sales, hours
from analytics.tiles import tiles


def key_figures(choice: Choice, sales: Sales, keys: Sequence[str]) -> list:
    days = frames.by_day(sales.days, choice.period, keys)
    return tiles(choice, keys, sales.total(), sales.total(side=1), days)


def by_day_and_hour(choice: Choice, sales: Sales) -> dict:
    return {"sales": charts.by_day(choice, sales.days), "hours": charts.busy_hours(choice, hours(choice))}
