"""Figures as charts write and scale them."""

from collections.abc import Iterable
from fractions import Fraction

from django.utils.translation import gettext as _

from analytics import figures
from analytics.metrics import Metric, Value
from analytics.queries.choice import Choice
from mallops.lib import format as fmt


def title_over_time(choice: Choice, metric: Metric) -> str:
    return (_("%(metric)s by week") if choice.weekly else _("%(metric)s by day")) % {"metric": metric.label}


def scale(choice: Choice, metric: Metric, values: Iterable[Value]) -> fmt.Axis:
    """Of an axis for some values: money in the mall's currency, rates in percent, counts as they are."""
    if metric.unit == "rate":
        return fmt.Axis(Fraction(1, 100), "%")
    if metric.unit != "fen":
        return fmt.Axis(1, "")
    largest = max((abs(value) for value in values if value is not None), default=0)
    return fmt.axis_money(largest, symbol=choice.place.mall.currency)


def heights(values: Iterable[Value], axis: fmt.Axis) -> list[float | None]:
    """Values as they lie on an axis."""
    return [None if value is None else round(float(value) / axis.divisor, 3) for value in values]


def money(choice: Choice, fen: int) -> str:
    return figures.plain(fmt.money(fen, choice.place.mall.currency))


def short(choice: Choice, fen: int) -> str:
    return fmt.money_short(fen, symbol=choice.place.mall.currency)
