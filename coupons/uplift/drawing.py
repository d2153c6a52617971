"""Intervals drawn one above the other. Lengths are units of the picture, 200 wide."""

from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, MARGIN = 200, 8


class Drawn(NamedTuple):
    """Places from the left: no effect, the ends of the interval, the difference."""

    zero: float
    low: float
    high: float
    difference: float


def draw(outcomes: list[dict[str, Any]]) -> list[Drawn]:
    """The outcomes of one report; those of one unit share a scale, with no effect in the same place."""
    scales = {row["unit"]: _scale([each for each in outcomes if each["unit"] == row["unit"]]) for row in outcomes}
    return [_place(row, *scales[row["unit"]]) for row in outcomes]


def _scale(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """The lowest value drawn, and the units of a value of 1."""
    low, high = min(0, *(row["low"] for row in rows)), max(0, *(row["high"] for row in rows))
    return low, (WIDTH - 2 * MARGIN) / (high - low) if high > low else 0


def _place(row: dict[str, Any], lowest: float, unit: float) -> Drawn:
    if not unit:
        return Drawn(*[WIDTH / 2] * 4)
    values = (0, row["low"], row["high"], row["difference"])
    return Drawn(*(round(MARGIN + (value - lowest) * unit, 1) for value in values))


def picture(drawn: Drawn, label: str) -> SafeString:
    """The interval as a line with its ends, a dot for the difference, and an upright line for no effect."""
    return format_html(
        '<svg class="interval" viewBox="0 0 {0} 20" role="img" aria-label="{5}">'
        '<line class="interval-zero" x1="{1}" y1="0" x2="{1}" y2="20"/>'
        '<line x1="{2}" y1="10" x2="{3}" y2="10"/><line x1="{2}" y1="6" x2="{2}" y2="14"/>'
        '<line x1="{3}" y1="6" x2="{3}" y2="14"/><circle cx="{4}" cy="10" r="4"/></svg>',
        WIDTH, drawn.zero, drawn.low, drawn.high, drawn.difference, label,
    )  # fmt: skip
