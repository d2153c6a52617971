"""The figures of charts (`analytics.figures`) as vector drawings; treemaps are in `boxes`.

Each function draws into a rectangle with its lower left corner at the origin, in points.
"""

from collections.abc import Callable, Mapping
from html import unescape
from typing import TYPE_CHECKING, Any

from mallops.lib.files import inks

from .boxes import treemap
from .plots import SMALL, Plot, Series, draw_marks, draw_scale, draw_steps, is_shown

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

Painter = Callable[["Canvas", Mapping, float, float], None]


def painter(figure: Mapping[str, Any] | None) -> Painter | None:
    """What draws a figure; None where only its table can be shown."""
    traces = [trace for trace in figure["data"] if is_shown(trace)] if figure else []
    kinds = {trace.get("type", "scatter") for trace in traces}
    if kinds == {"bar"} and len(traces) == 1 and traces[0].get("orientation") == "h":
        return bars
    known: dict[str, Painter] = {"scatter": lines, "bar": columns, "heatmap": heatmap, "treemap": treemap}
    return known.get(kinds.pop()) if len(kinds) == 1 else None


def lines(canvas: "Canvas", figure: Mapping, width: float, height: float) -> None:
    """Lines over days or other steps; areas where they stand on each other."""
    plot = Plot(canvas, figure, width, height)
    draw_marks(plot)
    draw_scale(plot)
    for draw in (_area, _line):  # no area hides a line
        for series in reversed(plot.series):
            if plot.points(series):
                draw(plot, series)
    draw_steps(canvas, plot.place)


def _area(plot: Plot, series: Series) -> None:
    stacked = "stackgroup" in series.trace
    if not stacked and series.trace.get("fill") != "tozeroy":
        return
    points = plot.points(series)
    path = plot.canvas.beginPath()
    path.moveTo(points[0][0], plot.up(0))
    for point in points:
        path.lineTo(*point)
    path.lineTo(points[-1][0], plot.up(0))
    path.close()
    plot.canvas.setFillColor(inks.blend(series.role, 0.45 if stacked else 0.1))
    plot.canvas.drawPath(path, stroke=0, fill=1)


def _line(plot: Plot, series: Series) -> None:
    canvas, points, mode = plot.canvas, plot.points(series), series.trace.get("mode", "lines")
    if "lines" in mode:
        canvas.setStrokeColor(inks.of_role(series.role))
        canvas.setLineWidth(0.9 if series.role == "muted" else 1.4)
        canvas.setDash([2, 2] if series.role == "muted" else [])
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        canvas.drawPath(path)
        canvas.setDash([])
    if len(points) == 1 or "markers" in mode:
        canvas.setFillColor(inks.of_role(series.role))
        for x, y in points:
            canvas.circle(x, y, 1.8, stroke=0, fill=1)


def columns(canvas: "Canvas", figure: Mapping, width: float, height: float) -> None:
    """Upright bars; those of several series stand beside each other, or on each other."""
    plot = Plot(canvas, figure, width, height)
    draw_marks(plot)
    draw_scale(plot)
    beside = 1 if figure.get("layout", {}).get("barmode") == "stack" else len(plot.series)
    thick = plot.each * 0.7 / beside
    for number, series in enumerate(plot.series):
        canvas.setFillColor(inks.blend("other", 0.45) if series.role == "muted" else inks.of_role(series.role))
        for x, top, low in zip(series.trace["x"], series.heights, series.floors, strict=False):
            start = plot.place[x] - plot.each * 0.35 + thick * (number % beside)
            canvas.rect(start, plot.up(low), thick, plot.up(top or low) - plot.up(low), stroke=0, fill=1)
    draw_steps(canvas, plot.place)


def bars(canvas: "Canvas", figure: Mapping, width: float, height: float) -> None:
    """Horizontal bars, the first on top, each with its text."""
    (trace,) = figure["data"]
    values, meta = [value or 0 for value in trace["x"]], trace.get("meta", {})
    names = [unescape(str(name)) for name in trace["y"]]
    texts = trace.get("text") or [f"{value:,}" for value in values]
    roles = meta.get("roles") or [meta.get("role", "c1")] * len(values)
    left = min(max((inks.width(name, SMALL + 1) for name in names), default=0), width / 3) + 8
    room, largest, each = width - left - 110, max(map(abs, values), default=0) or 1, height / max(len(values), 1)
    thick = min(each * 0.66, 16)
    for number, (name, value, text, role) in enumerate(zip(names, values, texts, roles, strict=False)):
        y, long = height - (number + 0.5) * each, room * abs(value) / largest
        inks.draw(canvas, left - 6, y - 2.5, inks.fit(name, left - 8, SMALL + 1), SMALL + 1, align="end")
        canvas.setFillColor(inks.of_role(role))
        canvas.rect(left, y - thick / 2, max(long, 0.5), thick, stroke=0, fill=1)
        inks.draw(canvas, left + long + 5, y - 2.5, unescape(str(text)), SMALL, "muted")


def heatmap(canvas: "Canvas", figure: Mapping, width: float, height: float) -> None:
    """Rows from the top; the darkest cell is the highest."""
    (trace,) = figure["data"]
    rows, heads, values = trace["y"], trace["x"], trace["z"]
    left = min(max((inks.width(unescape(str(name)), SMALL) for name in rows), default=0), width / 3) + 6
    known = [abs(value) for row in values for value in row if value is not None]
    ramp, high = trace.get("meta", {}).get("role", "seq"), max(known, default=0) or 1
    wide, tall = (width - left) / max(len(heads), 1), (height - 14) / max(len(rows), 1)
    for number, (name, row) in enumerate(zip(rows, values, strict=False)):
        y = height - (number + 1) * tall
        label = inks.fit(unescape(str(name)), left, SMALL)
        inks.draw(canvas, left - 4, y + tall / 2 - 2.5, label, SMALL, "muted", align="end")
        for column, value in enumerate(row):
            canvas.setFillColor(inks.colour("bg") if value is None else _heat(ramp, value / high))
            canvas.rect(left + column * wide + 0.5, y + 0.5, wide - 1, tall - 1, stroke=0, fill=1)
    draw_steps(canvas, {head: left + (column + 0.5) * wide for column, head in enumerate(heads)})


def _heat(ramp: str, share: float) -> Any:
    """`share` is of the highest value; of moves, with ``div``, from -1 to 1."""
    steps, at = (4, (share + 1) * 2) if ramp == "div" else (5, max(share, 0) * 5)
    step = min(int(at), steps - 1)
    return inks.mixed(f"{ramp}-{step}", f"{ramp}-{step + 1}", at - step)
