"""Amounts as charts write them."""

from analytics import figures
from analytics.queries.places import Choice
from mallops.lib import format as fmt


def axis(currency: str) -> fmt.Axis:
    """The scale of money axes, in the mall's currency."""
    scale = fmt.axis_money()
    if currency == "¥":
        return scale
    return fmt.Axis(scale.divisor, f"{currency} {'万' if fmt.is_chinese() else 'K'}")


def money(choice: Choice, fen: int) -> str:
    return figures.plain(fmt.money(fen, choice.place.mall.currency))


def short(choice: Choice, fen: int) -> str:
    return fmt.money_short(fen, symbol=choice.place.mall.currency)
