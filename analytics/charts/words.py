"""Amounts as charts write them."""

from collections.abc import Iterable

from analytics import figures
from analytics.queries.places import Choice
from mallops.lib import format as fmt


def axis(choice: Choice, values: Iterable[int | None]) -> fmt.Axis:
    """The scale of a money axis for some amounts in fen, in the mall's currency."""
    largest = max((abs(value) for value in values if value is not None), default=0)
    return fmt.axis_money(largest, symbol=choice.place.mall.currency)


def money(choice: Choice, fen: int) -> str:
    return figures.plain(fmt.money(fen, choice.place.mall.currency))


def short(choice: Choice, fen: int) -> str:
    return fmt.money_short(fen, symbol=choice.place.mall.currency)
