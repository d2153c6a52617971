"""Figures over the days of a period, with what happened on them; and curves over words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.marks import Mark

from .base import Figure, plain

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
