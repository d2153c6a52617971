"""Charts with an upright scale as vector drawings: lines, areas and bars over days or other steps, with the holidays,
launches and notes marked on their days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from html import unescape
from math import floor, log10
from typing import TYPE_CHECKING, Any

from mallops.lib import format as fmt
from mallops.lib.files import inks

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

SMALL = 7  # points: the letters of axes
TICKS = 7  # named steps below an axis
LEFT, BASE, TOP = 34, 16, 12  # room for the scale, the steps, the words of marks


@dataclass(frozen=True)
class Series:
    """A trace with its heights, and on what each stands: 0, or what is stacked below it."""

    trace: Mapping
    heights: Sequence[float | None]
    floors: Sequence[float]

    @property
    def role(self) -> str:
        return self.trace.get("meta", {}).get("role", "c1")


@dataclass(frozen=True)
class Plot:
    """The rectangle that series are drawn into."""

    canvas: "Canvas"
    figure: Mapping
    width: float
    height: float

    @cached_property
    def series(self) -> list[Series]:
        layout, stacked, found = self.figure.get("layout", {}), {}, []
        for trace in filter(is_shown, self.figure["data"]):
            if layout.get("barmode") != "stack" and "stackgroup" not in trace:
                stacked = {}
            floors = [stacked.get(x, 0) for x in trace["x"]]
            heights = [None if y is None else y + at for y, at in zip(trace["y"], floors, strict=False)]
            stacked = {x: at if y is None else y for x, y, at in zip(trace["x"], heights, floors, strict=False)}
            found.append(Series(trace, heights, floors))
        return found

    @cached_property
    def steps(self) -> list[Any]:
        return list(dict.fromkeys(x for series in self.series for x in series.trace["x"]))

    @cached_property
    def each(self) -> float:
        return (self.width - LEFT - 8) / max(len(self.steps), 1)

    @cached_property
    def place(self) -> dict[Any, float]:
        """The middle of each step."""
        return {step: LEFT + self.each * (number + 0.5) for number, step in enumerate(self.steps)}

    @cached_property
    def ends(self) -> tuple[float, float]:
        known = [height for series in self.series for height in series.heights if height is not None]
        return min(0, *known, 0), nice(max(known, default=0) or 1)

    def up(self, value: float) -> float:
        low, top = self.ends
        return BASE + (self.height - TOP - BASE) * (value - low) / (top - low)

    def points(self, series: Series) -> list[tuple[float, float]]:
        found = zip(series.trace["x"], series.heights, strict=False)
        return [(self.place[x], self.up(y)) for x, y in found if y is not None]

    def at(self, moment: Any) -> float | None:
        """Where a day, or a moment of one, lies beside the first of the days; None on other axes."""
        try:
            first, second = ([date.fromisoformat(step) for step in self.steps[:2]] * 2)[:2]
            when = datetime.fromisoformat(str(moment))
        except (ValueError, TypeError):
            return None
        hours = (when - datetime(first.year, first.month, first.day)).total_seconds() / 3600
        return self.place[self.steps[0]] + self.each * hours / 24 / ((second - first).days or 1)


def is_shown(trace: Mapping) -> bool:
    """Marks are signs above the lines, not heights."""
    return trace.get("meta", {}).get("role") != "mark"


def nice(value: float) -> float:
    """The next round number: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10, 20) if step * power >= value * 0.999)


def draw_scale(plot: Plot) -> None:
    low, top = plot.ends
    plot.canvas.setStrokeColor(inks.colour("line"))
    plot.canvas.setLineWidth(0.5)
    for number in range(5):
        value = low + (top - low) * number / 4
        plot.canvas.line(LEFT, plot.up(value), plot.width, plot.up(value))
        inks.draw(plot.canvas, LEFT - 4, plot.up(value) - 2.5, f"{value:,.6g}", SMALL, "muted", align="end")


def draw_steps(canvas: "Canvas", place: Mapping[Any, float]) -> None:
    """The names of some of the steps, evenly."""
    every = max(1, -(-len(place) // TICKS))
    for step in list(place)[::every]:
        inks.draw(canvas, place[step], 4, _step_text(step), SMALL, "muted", align="center")


def _step_text(step: Any) -> str:
    """A day, the minute of a moment, or a name."""
    try:
        moment = datetime.fromisoformat(str(step))
    except ValueError:
        return inks.fit(unescape(str(step)), 60, SMALL)
    return f"{moment:%H:%M}" if len(str(step)) > 10 else fmt.day_label(moment.date())


def draw_marks(plot: Plot) -> None:
    """Bands behind the days of marks, dotted lines where something began, and what each says."""
    for shape in plot.figure.get("layout", {}).get("shapes", ()):
        start, end = plot.at(shape.get("x0")), plot.at(shape.get("x1"))
        if start is not None and end is not None:
            _mark(plot, str(shape.get("name")), start, end)
    for trace in plot.figure["data"]:
        if not is_shown(trace):
            _words(plot, trace)


def _mark(plot: Plot, name: str, start: float, end: float) -> None:
    canvas, top = plot.canvas, plot.height - TOP
    if end - start < 0.01:
        canvas.setStrokeColor(inks.of_role(name))
        canvas.setLineWidth(0.7)
        canvas.setDash([1, 2])
        canvas.line(start, BASE, start, top)
        canvas.setDash([])
    else:
        canvas.setFillColor(inks.blend(inks.ROLES.get(name, name), 0.14))
        canvas.rect(start, BASE, end - start, top - BASE, stroke=0, fill=1)


def _words(plot: Plot, trace: Mapping) -> None:
    """What marks say, where they begin and as far as there is room."""
    free, sizes, last = 0.0, trace.get("marker", {}).get("size"), max(plot.place.values(), default=0)
    for number, (x, text) in enumerate(zip(trace["x"], trace.get("text", ()), strict=False)):
        begins = sizes[number] if isinstance(sizes, list) else True
        words = inks.fit(unescape(str(text).replace("<br>", ", ")), 96, SMALL)
        start = min(plot.place.get(x, 0) - 2, last - inks.width(words, SMALL) + 6)
        if begins and x in plot.place and start >= free:
            inks.draw(plot.canvas, start, plot.height - TOP + 4, words, SMALL, "muted")
            free = start + inks.width(words, SMALL) + 6
