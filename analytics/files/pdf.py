"""A board as a document to print or to mail (A4, upright): heading, tiles, charts drawn anew, tables."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from analytics.boards import Board
from mallops.lib import format as fmt

from . import inks
from .drawings import painter

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

MARGIN = 36  # points: half an inch
EDGE = MARGIN - 6  # reportlab's frames pad their inside by as much


def document(board: Board) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    inks.know_chinese()
    out = BytesIO()
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=EDGE, rightMargin=EDGE, topMargin=EDGE, bottomMargin=EDGE + 14,
        title=f"{board.mall.name} – {board.title}", creator="MallOps", initialFontName=inks.LATIN,
    )  # fmt: skip
    template.build(list(story(board)), canvasmaker=_numbered(board))
    return out.getvalue()


def story(board: Board) -> Iterator[Any]:
    """The parts of the document, from the top."""
    from .paper import ChartPart, Heading, TilesPart
    from .paper_tables import TablePart

    yield Heading(board.title, lines(board))
    if empty := board.content.get("empty"):
        yield Heading(str(empty.title), [str(empty.text)])
        return
    if board.tiles:
        yield TilesPart(board.tiles)
    for title, moved in board.content.get("movers", ()):
        if moved:
            yield Heading(str(title), [f"{each.name}: {each.text} ({each.change.text})" for each in moved], size=11)
    drawn = [chart for chart in board.charts if painter(chart.figure)]
    yield from map(ChartPart, drawn)
    for table in board.content.get("tables", {}).values():
        yield TablePart(str(table.label), table)
    for chart in board.charts:
        if chart not in drawn and chart.table:
            yield TablePart(str(chart.title), chart.table)


def lines(board: Board) -> list[str]:
    """What the page says above its figures."""
    found = [f"{board.mall.name} · {board.range}" + (f" · {', '.join(board.filters)}" if board.filters else "")]
    if board.compared:
        found.append(_("compared with %(range)s") % {"range": board.compared})
    fresh = {"fresh": fmt.moment(board.made_at, board.mall.time_zone), "zone": board.mall.time_zone}
    if headline := board.content.get("headline"):
        found.append(str(headline))
    return [*found, _("Data up to %(fresh)s (mall time, %(zone)s)") % fresh]


def _numbered(board: Board):
    """A canvas that knows how many pages there are before it writes their numbers."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pages: list[dict] = []

        def showPage(self) -> None:
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, 1):
                self.__dict__.update(page)
                _foot(self, board, number, len(self.pages))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: "Canvas", board: Board, number: int, of: int) -> None:
    width = canvas._pagesize[0]
    inks.draw(canvas, MARGIN, MARGIN - 8, f"{board.mall.name} · {board.title} · {board.range}", 7, "muted")
    page = _("Page %(number)s of %(count)s") % {"number": number, "count": of}
    inks.draw(canvas, width - MARGIN, MARGIN - 8, page, 7, "muted", align="end")
