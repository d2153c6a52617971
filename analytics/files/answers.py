"""Which files a board offers, and the answers that hold them. File names say mall, content and days."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from analytics.boards import Board
from mallops.lib.files.answers import attachment

PAGE = "page"  # in place of a table's name: all of the board


class Offer(NamedTuple):
    """One line of the menu: what, and of each kind of file its name and address."""

    label: str
    links: list[tuple[str, str]]


def menu(board: Board, address: Callable[..., str]) -> list[Offer]:
    """`address` makes an address of the board with some parameters changed (`BoardForm.address`)."""
    tables = board.tables
    if not tables:
        return []
    kinds = [("PDF", "pdf"), ("XLSX", "xlsx")]
    offers = [Offer(_("The whole page"), [(label, address(export=PAGE, **{"as": kind})) for label, kind in kinds])]
    for name, table in tables.items():
        links = [("CSV", address(export=name)), ("XLSX", address(export=name, **{"as": "xlsx"}))]
        offers.append(Offer(str(table.label), links))
    return offers


def file_of(board: Board, name: str, kind: str) -> HttpResponseBase:
    """The table `name` as csv or xlsx, or the whole page as xlsx or pdf. Raises Http404 for anything else."""
    if name == PAGE and kind in ("pdf", "xlsx"):
        return attachment(content_of(board, kind), file_name(board, name, kind), kind)
    if name not in board.tables or kind not in ("csv", "xlsx"):
        raise Http404
    if kind == "csv":
        from .csv import lines

        return attachment("".join(lines(board, name)), file_name(board, name, kind), kind)
    from .xlsx import workbook

    return attachment(workbook(board, [name]), file_name(board, name, kind), kind)


def content_of(board: Board, kind: str) -> bytes:
    """The whole page as a file: ``pdf`` or ``xlsx``."""
    if kind == "pdf":
        from .pdf import document

        return document(board)
    from .xlsx import workbook

    return workbook(board, list(board.tables))


def file_name(board: Board, name: str, kind: str) -> str:
    period = board.choice.period
    return f"{board.mall.slug}-{name}-{period.start.isoformat()}-{period.last.isoformat()}.{kind}"
