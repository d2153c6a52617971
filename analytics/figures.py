"""Small frames and rows to Plotly figures: plain lists, no template, no colours but roles (see docs/ui.md).

Texts (hover, ticks) come formatted; the browser formats nothing. Plain dictionaries cost a thirtieth of Plotly's own
objects; the tests pass each through those, so a wrong property does not get far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import Any

from analytics.marks import Mark

Figure = dict[str, Any]
MARK_AXIS = {"overlaying": "y", "range": [0, 1], "visible": False}
DAY = 86_400_000  # milliseconds, the measure of bars over days
MOST_TOLD = 5  # marks of one day that the pointer tells; the table has them all


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


def lines(days: Sequence[date], series: Sequence[Line], marks: Sequence[Mark] = ()) -> Figure:
    """Lines over the days of the period (or the first days of its weeks); those of other periods are laid over them by
    position. `marks` are drawn behind; the pointer tells them with the day."""
    x = [day.isoformat() for day in days]
    layout: Figure = {"yaxis": {"tickformat": ","}}
    data = [_line(x, line) for line in series]
    if marks and len(x) > 1:  # signs would leave room beside the lines
        layout["xaxis"] = {"range": [x[0], x[-1]]}
    if marks:
        data.append(_told(days, marks))
        layout |= {"shapes": [_shape(mark, days) for mark in marks], "yaxis2": MARK_AXIS}
    return {"data": data, "layout": layout}


def _shape(mark: Mark, days: Sequence[date]) -> dict:
    """A band over the days of a mark, cut where the chart ends; a launch is a line."""
    if mark.kind == "launch":
        return {"name": "launch", "x0": mark.first_day.isoformat(), "x1": mark.first_day.isoformat()}
    first, last = max(mark.first_day, days[0]), min(mark.last_day, _end(days))
    noon = f"{(first - timedelta(days=1)).isoformat()}T12:00"
    return {"name": mark.kind, "x0": noon, "x1": f"{last.isoformat()}T12:00"}


def _told(days: Sequence[date], marks: Sequence[Mark]) -> dict:
    """Signs on top of the days on which marks begin, and their texts for every day they touch."""
    touched = [(day, [mark for mark in marks if mark.first_day < end and mark.last_day >= day])
               for day, end in zip(days, [*days[1:], _end(days) + timedelta(days=1)], strict=True)]  # fmt: skip
    found = [(day, here) for day, here in touched if here]
    begun = [day == days[0] or any(mark.first_day >= day for mark in here) for day, here in found]
    return {
        "type": "scatter", "mode": "markers", "yaxis": "y2", "cliponaxis": False,
        "x": [day.isoformat() for day, _here in found], "y": [1] * len(found),
        "text": [_texts(here) for _day, here in found], "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": [7 if begins else 0 for begins in begun]},
        "meta": {"role": "mark", "roles": [here[-1].kind for _day, here in found]},
    }  # fmt: skip


def _texts(marks: Sequence[Mark]) -> str:
    more = [f"+{len(marks) - MOST_TOLD}"] if len(marks) > MOST_TOLD else []
    return "<br>".join([*(plain(mark.text) for mark in marks[:MOST_TOLD]), *more])


def _end(days: Sequence[date]) -> date:
    """The last day of the last step."""
    return days[-1] + (days[-1] - days[-2] if len(days) > 1 else timedelta(days=1)) - timedelta(days=1)


def _line(x: list[str], line: Line) -> dict:
    shown = slice(len(x))
    trace = {
        "type": "scatter", "mode": "lines" if len(x) > 1 else "markers", "x": x,
        "y": list(line.values[shown]), "text": list(line.texts[shown]),
        "hovertemplate": "%{text}<extra></extra>", "meta": {"role": line.role},
    }  # fmt: skip
    return trace | ({"fill": "tozeroy"} if line.fill else {})


def shares(days: Sequence[date], series: Sequence[Line], marks: Sequence[Mark] = ()) -> Figure:
    """Areas on top of one another that make up the whole; values are percent of it."""
    figure = lines(days, series, marks)
    for trace in figure["data"][: len(series)]:
        trace |= {"stackgroup": "all"}
    figure["layout"] |= {"yaxis": {"range": [0, 100], "ticksuffix": "%"}}
    return figure


def curves(labels: Sequence[str], series: Sequence[Line]) -> Figure:
    """Lines over words, such as hours of the day."""
    layout = {"xaxis": {"type": "category", "nticks": 8}, "yaxis": {"tickformat": ","}}
    return {"data": [_line(list(labels), line) for line in series], "layout": layout}


def stacked(days: Sequence[date], series: Sequence[Line], marks: Sequence[Mark] = ()) -> Figure:
    """Bars over the days of the period (or the first days of its weeks), those of one day on one another."""
    figure = lines(days, [], marks)
    x = [day.isoformat() for day in days]
    lengths = [(end - day).days for day, end in zip(days, [*days[1:], _end(days) + timedelta(days=1)], strict=True)]
    shape = {"width": [0.7 * DAY * length for length in lengths], "offset": [-0.35 * DAY] * len(days)}
    found = [
        {"type": "bar", "x": x, "y": list(line.values), "text": list(line.texts), "textposition": "none",
         "hovertemplate": "%{text}<extra></extra>", "meta": {"role": line.role}} | shape
        for line in series
    ]  # fmt: skip
    first, last = days[0] - timedelta(days=1), _end(days)
    axis = {"range": [f"{first.isoformat()}T12:00", f"{last.isoformat()}T12:00"]}  # else the last bar is cut
    return {"data": found + figure["data"], "layout": figure["layout"] | {"barmode": "stack", "xaxis": axis}}


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
    return [min(0, *values) * 1.6, (max(0, *values) or 1) * 1.6]


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
