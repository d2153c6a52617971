"""Where the units lie: on each floor two rows along one passage, and from there their places on the map.

A square of a floor's plan is a metre; the middle of the plan is the middle of the mall.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import cos, pi, radians, sqrt

from coupons.geo import EARTH_M, Position
from mallops.lib.money import split_fen
from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH
from merchants.plans import Box

from . import plan

DEPTH = 24  # squares of a row; the passage lies between the two


def plots(stores: Sequence[plan.StorePlan]) -> dict[str, Box]:
    """The plots of a mall's stores by code."""
    floors: dict[str, list[plan.StorePlan]] = {}
    for store in sorted(stores, key=lambda store: store.unit):
        floors.setdefault(store.floor, []).append(store)
    return {code: plot for units in floors.values() for code, plot in _floor(units).items()}


def _floor(units: list[plan.StorePlan]) -> dict[str, Box]:
    """In the order of their units up the northern row and down the southern one."""
    half = -(-len(units) // 2)
    return _row(units[:half], 0) | _row(units[half:][::-1], PLAN_HEIGHT - DEPTH)


def _row(units: list[plan.StorePlan], y: int) -> dict[str, Box]:
    """From west to east, wider where more people go."""
    widths = split_fen(PLAN_WIDTH, [round(100 * sqrt(unit.pull)) for unit in units]) if units else []
    starts = [sum(widths[:place]) for place in range(len(widths))]
    rows = zip(units, starts, widths, strict=True)
    return {unit.code: Box(x, y, width, DEPTH) for unit, x, width in rows}


def on_map(middle: Position, plot: Box) -> Position:
    """The middle of a plot of a mall."""
    north_m = PLAN_HEIGHT / 2 - (plot.y + plot.height / 2)
    return moved(middle, north_m, plot.x + plot.width / 2 - PLAN_WIDTH / 2)


def moved(spot: Position, north_m: float, east_m: float) -> Position:
    """A position so many metres away; good enough for short ways."""
    metres = EARTH_M * pi / 180  # of a degree
    return Position(spot.latitude + north_m / metres, spot.longitude + east_m / metres / cos(radians(spot.latitude)))


def degrees(value: float) -> Decimal:
    """As stores keep them, to a tenth of a metre."""
    return Decimal(f"{value:.6f}")
