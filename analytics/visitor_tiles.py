"""Tiles of different shoppers: counts of sets, so each is asked for by itself."""

from collections.abc import Mapping
from datetime import date

from analytics.queries import visitors
from analytics.queries.choice import Choice
from analytics.tiles import tile
from mallops.lib.ui.parts import Tile

SHOPPERS_AT = 3  # the place of their tile among the others: behind sales, payments and their size


def shopper_tile(choice: Choice, by_day: Mapping[date, int]) -> Tile:
    """How many different shoppers paid; with their number by day, where that is known."""
    now, before = ({"shoppers": visitors.shoppers(choice, side)} for side in (0, 1))
    spark = [by_day.get(day, 0) for day in choice.period] if by_day else ()
    return tile(choice, "shoppers", now, before, spark)


def by_day(choice: Choice) -> dict[date, int]:
    """Different shoppers by day; empty where charts draw weeks, whose shoppers are not the sum of their days'."""
    return {} if choice.weekly else visitors.by_day(choice)
