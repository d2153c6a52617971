"""A table as CSV: amounts and rates as bare numbers, so that any program reads them."""

from collections.abc import Iterator
from typing import Any

from analytics.boards import Board
from mallops.lib import format as fmt
from mallops.lib.csvio import csv_lines
from mallops.lib.money import yuan

from .tables import Sheet, Value


def lines(board: Board, name: str) -> Iterator[str]:
    """UTF-8 with byte-order mark; text that a spreadsheet would run as a formula is defused."""
    return csv_lines(rows(Sheet(board, board.tables[name])))


def rows(sheet: Sheet) -> Iterator[list[Any]]:
    """A line that says what and when, the head, then the rows."""
    yield [sheet.title, *sheet.about]
    yield sheet.heads
    for row in sheet.rows:
        yield [plain(value) for value in row]


def plain(value: Value) -> Any:
    """Yuan with two decimals, percent and its changes with one."""
    unit, raw = value
    if unit == "fen":
        return yuan(raw)
    if unit == "rate":
        return fmt.percent(raw).rstrip("%").replace(",", "")
    if unit in ("change", "points"):
        number = raw * 100 if unit == "change" else raw
        return f"{number:+.1f}" if number else "0.0"
    return raw.isoformat() if unit == "day" else raw
