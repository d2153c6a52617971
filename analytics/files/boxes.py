"""A treemap: boxes in boxes, as near to squares as they come (squarified: Bruls, Huizing, van Wijk, 2000)."""

from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple

from mallops.lib.files import inks

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

HEAD = 12  # points for the name of a group
LIMIT = 0.1  # the change that gets the strongest colour, as in mall-chart.js


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def treemap(canvas: "Canvas", figure: Mapping, width: float, height: float) -> None:
    (trace,) = figure["data"]
    below: dict[str, list[int]] = {}
    for number, parent in enumerate(trace["parents"]):
        below.setdefault(parent, []).append(number)
    _fill(canvas, trace, below, "", Box(0, 0, width, height))


def _fill(canvas: "Canvas", trace: Mapping, below: Mapping[str, list[int]], parent: str, room: Box) -> None:
    """The boxes below a parent; of groups the name stands above what is in them."""
    numbers = sorted(below.get(parent, ()), key=lambda number: -_weight(trace, below, number))
    weights = [_weight(trace, below, number) for number in numbers]
    for number, box in zip(numbers, squares(weights, room), strict=False):
        if trace["ids"][number] in below:
            if box.height > HEAD + 4:
                name = inks.fit(unescape(trace["labels"][number]), box.width - 6, 7, bold=True)
                inks.draw(canvas, box.x + 3, box.y + box.height - 8.5, name, 7, bold=True)
            inner = Box(box.x, box.y, box.width, max(box.height - HEAD, 1))
            _fill(canvas, trace, below, trace["ids"][number], inner)
        else:
            _leaf(canvas, trace, number, box)


def _weight(trace: Mapping, below: Mapping[str, list[int]], number: int) -> float:
    inside = below.get(trace["ids"][number], ())
    return float(trace["values"][number] or 0) + sum(_weight(trace, below, child) for child in inside)


def _leaf(canvas: "Canvas", trace: Mapping, number: int, box: Box) -> None:
    changes = trace.get("marker", {}).get("colors") or []
    canvas.setFillColor(_colour(changes[number] if number < len(changes) else None))
    canvas.rect(box.x + 0.6, box.y + 0.6, max(box.width - 1.2, 0.1), max(box.height - 1.2, 0.1), stroke=0, fill=1)
    if box.height < 10 or box.width < 24:
        return
    label = inks.fit(unescape(trace["labels"][number]), box.width - 6, 6.5)
    inks.draw(canvas, box.x + 3, box.y + box.height - 8.5, label, 6.5)
    if box.height > 20 and trace.get("text"):
        inks.draw(canvas, box.x + 3, box.y + box.height - 17, trace["text"][number] or "", 6, "muted")


def _colour(change: float | None) -> Any:
    if change is None:
        return inks.colour("div-2")
    step = sum(change / LIMIT > edge for edge in (-0.5, -0.05, 0.05, 0.5))
    return inks.colour(f"div-{step}")


def squares(weights: Sequence[float], room: Box) -> Iterator[Box]:
    """A box for each weight (largest first, all above zero or left out), which together fill the room."""
    rest = [weight for weight in weights if weight > 0]
    while rest:
        short, whole = min(room.width, room.height), sum(rest)
        scale = room.width * room.height / whole
        count = 1
        while count < len(rest) and _worst(rest[: count + 1], scale, short) <= _worst(rest[:count], scale, short):
            count += 1
        row, rest = rest[:count], rest[count:]
        share = sum(row) / whole
        yield from _row(row, room, share)
        room = _beside(room, share)


def _worst(row: Sequence[float], scale: float, short: float) -> float:
    """The least square of the boxes in a row: the longer side by the shorter."""
    area = sum(row) * scale
    if not area or not short:
        return float("inf")
    return max(short**2 * max(row) * scale / area**2, area**2 / (short**2 * min(row) * scale))


def _row(row: Sequence[float], room: Box, share: float) -> Iterator[Box]:
    """Boxes along the shorter side: from the top, or from the left."""
    whole, done = sum(row), 0.0
    for weight in row:
        part = weight / whole
        if room.width >= room.height:
            tall = room.height * part
            yield Box(room.x, room.y + room.height * (1 - done) - tall, room.width * share, tall)
        else:
            deep = room.height * share
            yield Box(room.x + room.width * done, room.y + room.height - deep, room.width * part, deep)
        done += part


def _beside(room: Box, share: float) -> Box:
    if room.width >= room.height:
        return Box(room.x + room.width * share, room.y, room.width * (1 - share), room.height)
    return Box(room.x, room.y, room.width, room.height * (1 - share))
