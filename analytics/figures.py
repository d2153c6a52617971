"""Small frames and rows to Plotly figures: plain lists, no template, no colours but roles (see docs/ui.md).

Texts (hover, ticks) come formatted; the browser formats nothing. Plain dictionaries cost a thirtieth of Plotly's own
objects; the tests pass each through those, so a wrong property does not get far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """`values` are heights on the axis, `texts` what the pointer shows."""

    values: Sequence[float | int | None]
    texts: Sequence[str]
    role: str = "c1"
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A box of the treemap. `change` is a ratio (0.05 is +5 %); `click` the filters that a click sets."""

    id: str
    label: str
    parent: str
    value: float
    text: str
    hover: str
    change: float | None = None
    click: dict[str, str] | None = None


def plain(text: str) -> str:
    """Text as Plotly shall show it: it takes some tags for markup."""
    return escape(text, quote=False)


def lines(days: Sequence[date], series: Sequence[Line]) -> Figure:
    """Lines over the days of the period; those of other periods are laid over them by position."""
    x = [day.isoformat() for day in days]
    return {"data": [_line(x, line) for line in series], "layout": {"yaxis": {"tickformat": ","}}}


def _line(x: list[str], line: Line) -> dict:
    shown = slice(len(x))
    trace = {
        "type": "scatter", "mode": "lines" if len(x) > 1 else "markers", "x": x,
        "y": list(line.values[shown]), "text": list(line.texts[shown]),
        "hovertemplate": "%{text}<extra></extra>", "meta": {"role": line.role},
    }  # fmt: skip
    return trace | ({"fill": "tozeroy"} if line.fill else {})


def bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str], *, clicks=None, roles=None) -> Figure:
    """Horizontal bars, the first on top; `clicks` are filters or addresses by bar, `roles` colours by bar."""
    trace = {
        "type": "bar", "orientation": "h", "x": list(values), "y": [plain(label) for label in labels],
        "text": list(texts), "textposition": "outside", "hovertemplate": "%{y}<br>%{text}<extra></extra>",
        "meta": {"role": "c1"} | ({"roles": list(roles)} if roles else {}),
    }  # fmt: skip
    if clicks:
        trace["customdata"] = [[click] for click in clicks]
    layout = {
        "xaxis": {"showticklabels": False, "showgrid": False, "range": _with_room(values)},
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    return {"data": [trace], "layout": layout}


def _with_room(values: Sequence[float]) -> list[float]:
    """The range of an axis that leaves room for a text behind the longest bar."""
    return [min(0, *values) * 1.4, (max(0, *values) or 1) * 1.4]


def heatmap(rows: Sequence[str], columns: Sequence[str], values, texts) -> Figure:
    """Rows from the top."""
    trace = {
        "type": "heatmap", "x": list(columns), "y": list(rows), "z": [list(row) for row in values],
        "text": [list(row) for row in texts], "hovertemplate": "%{y} %{x}<br>%{text}<extra></extra>",
        "meta": {"role": "seq"},
    }  # fmt: skip
    axes = {"xaxis": {"type": "category", "nticks": 8}, "yaxis": {"type": "category", "autorange": "reversed"}}
    return {"data": [trace], "layout": axes}


def treemap(leaves: Sequence[Leaf]) -> Figure:
    """Boxes in boxes; a parent's value is what its own boxes leave over, so parents have 0."""
    trace = {
        "type": "treemap", "branchvalues": "remainder",
        "ids": [leaf.id for leaf in leaves], "labels": [plain(leaf.label) for leaf in leaves],
        "parents": [leaf.parent for leaf in leaves], "values": [leaf.value for leaf in leaves],
        "text": [leaf.text for leaf in leaves],
        "texttemplate": ["%{label}<br>%{text}" if leaf.text else "%{label}" for leaf in leaves],
        "hovertext": [leaf.hover for leaf in leaves], "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[{"filter": leaf.click}] if leaf.click else [None] for leaf in leaves],
        "marker": {"colors": [leaf.change for leaf in leaves]}, "meta": {"role": "tree"},
    }  # fmt: skip
    layout = {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "uniformtext": {"mode": "hide", "minsize": 10}}
    return {"data": [trace], "layout": layout}
