"""The parts of a document: heading, key figures, a chart; tables are in `paper_tables`. Sizes in points."""

from collections.abc import Sequence

from reportlab.platypus import Flowable

from mallops.lib.ui.parts import Chart, Tile

from . import inks
from .drawings import painter

GAP = 14  # below each part
HEIGHTS = {"sm": 110, "": 150, "lg": 190}


class Part(Flowable):
    """As wide as the page; `tall(width)` says how high."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.tall(width)
        return width, self.height

    def tall(self, width: float) -> float:
        raise NotImplementedError


class Heading(Part):
    """A title of some size with lines below it."""

    def __init__(self, title: str, lines: Sequence[str], size: float = 18) -> None:
        super().__init__()
        self.title, self.lines, self.size = title, lines, size

    def tall(self, width: float) -> float:
        self.shown = [part for line in self.lines for part in inks.broken(line, width, 9)]
        return self.size + 8 + 12 * len(self.shown) + GAP

    def draw(self) -> None:
        top = self.height - self.size
        title = inks.fit(self.title, self.width, self.size, bold=True)
        inks.draw(self.canv, 0, top, title, self.size, bold=True)
        for number, line in enumerate(self.shown):
            inks.draw(self.canv, 0, top - 16 - 12 * number, line, 9, "muted")


class TilesPart(Part):
    """Key figures side by side, five in a row at most, the rows about as long as each other."""

    each = 52

    def __init__(self, tiles: Sequence[Tile]) -> None:
        super().__init__()
        self.tiles = tiles
        rows = -(-len(tiles) // 5)
        self.across = -(-len(tiles) // rows)

    def tall(self, width: float) -> float:
        return -(-len(self.tiles) // self.across) * self.each + GAP

    def draw(self) -> None:
        wide = self.width / self.across
        for number, tile in enumerate(self.tiles):
            row, column = divmod(number, self.across)
            self._tile(tile, column * wide, self.height - (row + 1) * self.each, wide - 6)

    def _tile(self, tile: Tile, x: float, y: float, wide: float) -> None:
        self.canv.setFillColor(inks.colour("bg"))
        self.canv.roundRect(x, y + 4, wide, self.each - 6, 4, stroke=0, fill=1)
        inks.draw(self.canv, x + 6, y + 37, inks.fit(str(tile.label), wide - 12, 7.5), 7.5, "muted")
        inks.draw(self.canv, x + 6, y + 22, inks.fit(str(tile.value), wide - 12, 13, bold=True), 13, bold=True)
        if tile.change:
            tone = tile.change.tone if tile.change.tone in inks.COLOURS else "muted"
            inks.draw(self.canv, x + 6, y + 10, tile.change.text, 7, tone)
            at = x + 10 + inks.width(tile.change.text, 7)
            inks.draw(self.canv, at, y + 10, inks.fit(str(tile.was), x + wide - 4 - at, 7), 7, "muted")


class ChartPart(Part):
    """A chart with its title, its legend and, drawn anew, its picture."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart = chart

    def tall(self, width: float) -> float:
        self.above = 26 if self.chart.sub else 16
        return self.above + self._picture() + GAP

    def _picture(self) -> float:
        trace = self.chart.figure["data"][0]
        if trace.get("type") == "bar" and trace.get("orientation") == "h":
            return min(max(len(trace["y"]) * 16, 40), 560)
        if trace.get("type") == "heatmap":
            return min(max(len(trace["y"]) * 16 + 14, 80), 560)
        return HEIGHTS[self.chart.size]

    def draw(self) -> None:
        top = self.height - 11
        inks.draw(self.canv, 0, top, inks.fit(str(self.chart.title), self.width * 0.6, 11, bold=True), 11, bold=True)
        if self.chart.sub:
            inks.draw(self.canv, 0, top - 11, inks.fit(str(self.chart.sub), self.width, 8), 8, "muted")
        self._legend(top)
        self.canv.saveState()
        self.canv.translate(0, GAP)
        painter(self.chart.figure)(self.canv, self.chart.figure, self.width, self.height - self.above - GAP)
        self.canv.restoreState()

    def _legend(self, y: float) -> None:
        x = self.width
        if self.chart.ramp:
            ends = f"{self.chart.ramp.low} – {self.chart.ramp.high}"
            inks.draw(self.canv, x, y, ends, 7.5, "muted", align="end")
        for key in reversed(self.chart.keys):
            x -= inks.width(str(key.label), 7.5) + 16
            self.canv.setFillColor(inks.of_role(key.role))
            self.canv.rect(x, y, 8, 2 if key.line or key.dash else 7, stroke=0, fill=1)
            inks.draw(self.canv, x + 11, y, str(key.label), 7.5, "muted")
