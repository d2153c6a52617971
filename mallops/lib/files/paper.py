"""The parts of a document: heading, key figures, a table that goes on over pages. Sizes in points."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from reportlab.platypus import Flowable

from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Table

from . import inks
from .plain import written

GAP = 14  # below each part
MOST_ROWS = 400  # of one table, unless more are asked for: beyond, a spreadsheet serves better


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


class TablePart(Part):
    """The rows of a table, its head repeated on each page that it goes on to."""

    each, size = 13, 7.5

    def __init__(
        self, label: str, table: Table, rows: Sequence[Any] | None = None, *, more: int = 0, most: int = MOST_ROWS
    ) -> None:
        """`more` rows are left out beforehand, and those beyond `most`."""
        super().__init__()
        self.label, self.table, self.more, self.most = label, table, more, most
        self.columns = [column for column in table.columns if column.export and column.kind not in ("spark", "html")]
        self.rows = self._texts() if rows is None else rows

    def _texts(self) -> list[list[str]]:
        """The first rows of all pages, as the page writes them."""
        whole = replace(self.table, page_size=None)
        self.more += max(whole.page.paginator.count - self.most, 0)
        kept = set(map(id, self.columns))
        rows = islice(whole.body, self.most)
        return [[written(cell) for cell in row if id(cell.column) in kept] for row in rows]

    def tall(self, width: float) -> float:
        empty = 0 if self.rows else self.each
        return 20 + self.each * (len(self.rows) + 1) + empty + (self.each if self.more else 0) + GAP

    def split(self, width: float, height: float) -> list[Flowable]:
        """What fits on the page, and the rest; none of it if not even five rows fit."""
        fits = int((height - 20 - GAP) // self.each) - 1
        if not self.rows or fits < min(5, len(self.rows)):
            return []
        first = TablePart(self.label, self.table, self.rows[:fits])
        return [first, TablePart(self.label, self.table, self.rows[fits:], more=self.more)]

    def draw(self) -> None:
        y = self.height - 11
        inks.draw(self.canv, 0, y, inks.fit(self.label, self.width, 11, bold=True), 11, bold=True)
        y -= 9
        widths = self._widths()
        self._row([str(column.label) for column in self.columns], widths, y - self.each, head=True)
        for number, row in enumerate(self.rows, 2):
            self._row(row, widths, y - self.each * number)
        below = y - self.each * (len(self.rows) + 1)
        if not self.rows:
            inks.draw(self.canv, 3, below - 9, str(self.table.empty.title), self.size, "muted")
        if self.more:
            inks.draw(self.canv, 3, below - 9, f"+ {self.more:,}", self.size, "muted")

    def _widths(self) -> list[float]:
        """By what stands in them, the widest giving way where it is too much."""
        wanted = [inks.width(str(column.label), self.size, bold=True) + 8 for column in self.columns]
        for row in self.rows[:60]:
            wanted = [max(inks.width(text, self.size) + 8, wide) for text, wide in zip(row, wanted, strict=True)]
        while sum(wanted) > self.width:
            widest = wanted.index(max(wanted))
            wanted[widest] *= 0.92
        spare = (self.width - sum(wanted)) / max(len(wanted), 1)
        return [each + spare for each in wanted]

    def _row(self, texts: Sequence[str], widths: Sequence[float], y: float, head: bool = False) -> None:
        x = 0.0
        for column, text, wide in zip(self.columns, texts, widths, strict=True):
            end = column.align == "end" or column.kind == "share"
            at = x + wide - 4 if end else x + 3
            shown = inks.fit(text, wide - 6, self.size, bold=head)
            inks.draw(self.canv, at, y + 4, shown, self.size, align="end" if end else "start", bold=head)
            x += wide
        self.canv.setStrokeColor(inks.colour("control" if head else "line"))
        self.canv.setLineWidth(0.5)
        self.canv.line(0, y, self.width, y)
