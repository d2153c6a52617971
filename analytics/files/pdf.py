"""A board as a document to print or to mail (A4, upright): heading, tiles, charts drawn anew, tables."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from analytics.boards import Board
from mallops.lib import format as fmt
from mallops.lib.files import pdf

from .drawings import painter


def document(board: Board) -> bytes:
    title, foot = f"{board.mall.name} – {board.title}", f"{board.mall.name} · {board.title} · {board.range}"
    return pdf.document(story(board), title=title, foot=foot)


def story(board: Board) -> Iterator[Any]:
    """The parts of the document, from the top."""
    from mallops.lib.files.paper import Heading, TablePart, TilesPart

    from .paper import ChartPart

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
