"""Small frames and rows to Plotly figures: plain lists, no template, no colours but roles (see docs/ui.md).

Texts (hover, ticks) come formatted; the browser formats nothing. Plain dictionaries cost a thirtieth of Plotly's own
objects; the tests pass each through those, so a wrong property does not get far.
"""

from .base import Figure, plain
from .courses import DAY, Line, curves, lines, shares, stacked
from .parts import Leaf, Node, Stream, bars, difference, heatmap, sankey, treemap

__all__ = [
    "DAY", "Figure", "Leaf", "Line", "Node", "Stream", "bars", "curves", "difference", "heatmap", "lines", "plain",
    "sankey", "shares", "stacked", "treemap",
]  # fmt: skip
