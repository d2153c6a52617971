"""Figures that set things beside one another: bars, heat maps, boxes in boxes, streams."""

from collections.abc import Sequence
from dataclasses import dataclass

from .base import Figure, plain


def bars(
    labels: Sequence[str], values: Sequence[float], texts: Sequence[str], *, clicks=None, roles=None, room: float = 0.6
) -> Figure:
    """Horizontal bars, the first on top; `clicks` are filters or addresses by bar, `roles` colours by bar; `room` is
    left for the texts behind the bars, as a share of the width of all."""
    trace = {
        "type": "bar", "orientation": "h", "x": list(values), "y": [plain(label) for label in labels],
        "text": list(texts), "textposition": "outside", "hovertemplate": "%{y}<br>%{text}<extra></extra>",
        "meta": {"role": "c1"} | ({"roles": list(roles)} if roles else {}),
    }  # fmt: skip
    if clicks:
        trace["customdata"] = [[click] for click in clicks]
    layout = {
        "xaxis": {"showticklabels": False, "showgrid": False, "range": _with_room(values, room)},
        "yaxis": {"autorange": "reversed", "showgrid": False},
    }
    return {"data": [trace], "layout": layout}


def _with_room(values: Sequence[float], room: float) -> list[float]:
    """The range of the axis, with room on the sides to which bars point."""
    low, high = min([0, *values]), max([0, *values])
    space = room * (high - low or 1)
    return [low - space if low else 0, high + space]


def heatmap(rows: Sequence[str], columns: Sequence[str], values, texts) -> Figure:
    """Rows from the top."""
    trace = {
        "type": "heatmap", "x": list(columns), "y": list(rows), "z": [list(row) for row in values],
        "text": [list(row) for row in texts], "hovertemplate": "%{y} %{x}<br>%{text}<extra></extra>",
        "meta": {"role": "seq"},
    }  # fmt: skip
    axes = {"xaxis": {"type": "category", "nticks": 8}, "yaxis": {"type": "category", "autorange": "reversed"}}
    return {"data": [trace], "layout": axes}


def difference(rows: Sequence[str], columns: Sequence[str], values, texts) -> Figure:
    """A heat map of moves up and down, with no move in the middle of the colours."""
    figure = heatmap(rows, columns, values, texts)
    most = max((abs(value) for row in values for value in row if value is not None), default=0) or 1
    figure["data"][0] |= {"meta": {"role": "div"}, "zmin": -most, "zmax": most}
    return figure


@dataclass(frozen=True, slots=True)
class Leaf:
    """A box of the treemap. `hover` is what the pointer shows after the label, `change` a ratio (0.05 is +5 %); `click`
    the filters that a click sets."""

    id: str
    label: str
    parent: str
    value: float
    text: str
    hover: str
    change: float | None = None
    click: dict[str, str] | None = None


def treemap(leaves: Sequence[Leaf]) -> Figure:
    """Boxes in boxes; a parent's value is what its own boxes leave over, so parents have 0."""
    trace = {
        "type": "treemap", "branchvalues": "remainder",
        "ids": [leaf.id for leaf in leaves], "labels": [plain(leaf.label) for leaf in leaves],
        "parents": [leaf.parent for leaf in leaves], "values": [leaf.value for leaf in leaves],
        "text": [leaf.text for leaf in leaves], "textinfo": "label+text",
        "hovertext": [leaf.hover for leaf in leaves], "hovertemplate": "%{label}: %{hovertext}<extra></extra>",
        "customdata": [[{"filter": leaf.click}] if leaf.click else [None] for leaf in leaves],
        "marker": {"colors": [leaf.change for leaf in leaves]}, "meta": {"role": "tree"},
    }  # fmt: skip
    layout = {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "uniformtext": {"mode": "hide", "minsize": 10}}
    return {"data": [trace], "layout": layout}


@dataclass(frozen=True, slots=True)
class Node:
    """Of a Sankey diagram. `hover` is what the pointer shows, `click` an address or filters as of a point."""

    label: str
    hover: str
    click: dict | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """From one node to another, by their places in the list of nodes."""

    source: int
    target: int
    value: float
    hover: str
    role: str = "c1"
    click: dict | None = None


def sankey(nodes: Sequence[Node], streams: Sequence[Stream]) -> Figure:
    """Streams between nodes, as wide as their values."""
    trace = {
        "type": "sankey", "arrangement": "fixed",
        "node": {
            "label": [plain(node.label) for node in nodes], "hovertemplate": "%{customdata[1]}<extra></extra>",
            "customdata": [[node.click, node.hover] for node in nodes],
        },
        "link": {
            "source": [stream.source for stream in streams], "target": [stream.target for stream in streams],
            "value": [stream.value for stream in streams], "hovertemplate": "%{customdata[1]}<extra></extra>",
            "customdata": [[stream.click, stream.hover] for stream in streams],
        },
        "meta": {"role": "flow", "roles": ["other"] * len(nodes), "links": [stream.role for stream in streams]},
    }  # fmt: skip
    return {"data": [trace], "layout": {"margin": {"l": 0, "r": 0, "t": 8, "b": 8}}}
