"""Tables as a workbook, one sheet each: numbers are numbers in their format, text is never a formula."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analytics.boards import Board
from mallops.lib import format as fmt
from mallops.lib.files.sheets import LONGEST_TEXT, tab_name

from .tables import Sheet, Unit, Value

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

HEAD = 3  # rows above the values: what, when, heads
WIDEST = 44  # letters
FORMATS: dict[Unit, str] = {
    "fen": "#,##0.00", "count": "#,##0", "rate": "0.0%", "change": "+0.0%;-0.0%;0.0%",
    "points": "+0.0{0};-0.0{0};0.0{0}", "day": "yyyy-mm-dd",
}  # fmt: skip


def workbook(board: Board, names: Sequence[str]) -> bytes:
    """The tables of some names, in their order; memory holds one row at a time, beside the file itself."""
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"constant_memory": True})
    book.set_properties({"title": f"{board.mall.name} – {board.title}", "comments": fmt.moment(board.made_at, "UTC")})
    points = '" 个百分点"' if fmt.is_chinese() else '" pp"'
    formats = {unit: book.add_format({"num_format": text.format(points)}) for unit, text in FORMATS.items()}
    tabs: list[str] = []
    for name in names:
        sheet = Sheet(board, board.tables[name])
        tabs.append(tab_name(str(sheet.table.label), tabs))
        write_sheet(book, book.add_worksheet(tabs[-1]), sheet, formats)
    if not names:
        book.add_worksheet()
    book.close()
    return out.getvalue()


def write_sheet(book: "Workbook", page: "Worksheet", sheet: Sheet, formats: dict[str, "Format"]) -> None:
    bold, head = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True, "bottom": 1})
    page.write_string(0, 0, sheet.title, bold)
    page.write_string(1, 0, " · ".join(sheet.about))
    heads = sheet.heads
    for column, text in enumerate(heads):
        page.write_string(2, column, text, head)
    widths, last = [len(text) for text in heads], HEAD - 1
    for last, row in enumerate(sheet.rows, HEAD):
        for column, value in enumerate(row):
            write(page, last, column, value, formats)
            widths[column] = max(widths[column], _width(value))
    finish(page, widths, last)


def finish(page: "Worksheet", widths: Sequence[int], last: int) -> None:
    """Heads stay in sight, columns are as wide as what they hold."""
    page.freeze_panes(HEAD, 1)
    if widths:
        page.autofilter(HEAD - 1, 0, max(last, HEAD - 1), len(widths) - 1)
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, WIDEST) + 3)


def write(page: "Worksheet", row: int, column: int, value: Value, formats: dict[str, "Format"]) -> None:
    """Always by the method of its type: `write` itself would make formulas and links of some texts."""
    unit, raw = value
    if unit == "day":
        page.write_datetime(row, column, raw, formats["day"])
    elif unit in FORMATS:
        page.write_number(row, column, number(unit, raw), formats[unit])
    elif raw != "":
        page.write_string(row, column, str(raw)[:LONGEST_TEXT])


def number(unit: str, raw: Any) -> float | int:
    return raw / 100 if unit == "fen" else raw if isinstance(raw, int) else float(raw)


def _width(value: Value) -> int:
    """About how many letters a value takes; Chinese ones count twice."""
    text = fmt.money(value.raw, "") if value.unit == "fen" else str(value.raw) if value.unit == "text" else "0000-00-00"
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
