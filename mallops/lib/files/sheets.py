"""Tables as files. What the page shows, all pages of it: amounts as numbers in yuan, days as days, text no formula.

A column whose key ends in `_fen` holds fen.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpResponseBase

from mallops.lib.csvio import csv_lines
from mallops.lib.ui.tables import Column, Table

from .answers import attachment

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 100_000  # in a workbook, which is made before it is sent; CSV is sent as it comes
AT_ONCE = 2_000
WIDTH = 16  # of each column, in letters
LONGEST_TEXT, LONGEST_NAME = 32_767, 31  # that a cell and a sheet's tab may hold
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def answer(table: Table, name: str, kind: str) -> HttpResponseBase:
    """The table as a file called `name` (without ending), of the kind xlsx or else csv."""
    if kind == "xlsx":
        return attachment(workbook(table), f"{name}.xlsx", "xlsx")
    return attachment(csv_lines(lines(table)), f"{name}.csv", "csv")


def lines(table: Table) -> Iterator[list[Any]]:
    """Heads, then the values of each row."""
    columns = [column for column in table.columns if column.export]
    yield [str(column.label) for column in columns]
    rows = table.sorted_rows
    for row in rows.iterator(AT_ONCE) if isinstance(rows, QuerySet) else rows:
        yield [value_of(column, row) for column in columns]


def value_of(column: Column, row: Any) -> Any:
    raw = column.raw(row)
    if raw is None:
        return ""
    if column.key.endswith("_fen"):
        return Decimal(raw).scaleb(-2)
    if column.kind == "state":
        return str(raw[0])
    return raw if isinstance(raw, int | date) else str(column.format(raw) if column.format else raw)


def workbook(*tables: Table, above: Sequence[str] = ()) -> bytes:
    """A sheet for each table, of no more than MOST_ROWS rows; the first begins with some lines of text."""
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"constant_memory": True})
    money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
    head = book.add_format({"bold": True, "bottom": 1})
    tabs: list[str] = []
    for number, table in enumerate(tables):
        tabs.append(tab_name(str(table.label), tabs))
        page = book.add_worksheet(tabs[-1])
        first = _heading(page, () if number else above)
        page.freeze_panes(first + 1, 0)
        page.set_column(0, len(table.columns), WIDTH)
        for place, row in zip(range(MOST_ROWS + 1), lines(table), strict=False):
            for column, value in enumerate(row):
                _write(page, first + place, column, value, None if place else head, money, day)
    book.close()
    return out.getvalue()


def tab_name(label: str, taken: Sequence[str]) -> str:
    """Without what a tab may not hold, and unlike the others."""
    plain = _FORBIDDEN.sub(" ", label).strip().strip("'")[:LONGEST_NAME] or "–"
    lower, name, number = {each.lower() for each in taken}, plain, 1
    while name.lower() in lower or name.lower() == "history":
        number += 1
        name = f"{plain[: LONGEST_NAME - 4]} ({number})"
    return name


def _heading(page: "Worksheet", texts: Sequence[str]) -> int:
    """Lines above a table; returns the row that it begins in."""
    for row, text in enumerate(texts):
        page.write_string(row, 0, text)
    return len(texts) + 1 if texts else 0


def _write(page: "Worksheet", row: int, column: int, value: Any, head: Any, money: Any, day: Any) -> None:
    """By the method of its type: `write` itself would make formulas and links of some texts."""
    if isinstance(value, Decimal):
        page.write_number(row, column, float(value), money)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, int):
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, str(value)[:LONGEST_TEXT], head)
