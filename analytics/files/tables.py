"""The heads and values of a table as files need them: what the page shows, all pages of it, numbers with their unit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext as _

from analytics.boards import Board
from analytics.metrics import Metric
from analytics.tables.columns import MetricColumn
from mallops.lib import format as fmt
from mallops.lib.dates import Period
from mallops.lib.files.plain import text_of
from mallops.lib.ui.tables import Column, Table

Unit = Literal["text", "fen", "count", "rate", "change", "points", "day", "moment"]
UNITS: dict[Callable, Unit] = {
    fmt.money: "fen", fmt.money_short: "fen", fmt.count: "count", fmt.count_short: "count", fmt.percent: "rate",
}  # fmt: skip

_CHANGE = re.compile(r"[+-][\d,]+\.\d(%| pp| 个百分点)")


class Value(NamedTuple):
    """`raw` is fen, a whole number, a ratio (rate, change), percentage points, a day, a moment, or text."""

    unit: Unit
    raw: Any


EMPTY = Value("text", "")


@dataclass(frozen=True)
class Sheet:
    """One table of a board."""

    board: Board
    table: Table

    @property
    def title(self) -> str:
        return f"{self.board.mall.name} – {self.table.label}"

    @property
    def about(self) -> list[str]:
        """The days, and whose days they are; filters and the days compared with where there are any."""
        board = self.board
        found = [board.range, _("days of %(zone)s") % {"zone": board.mall.time_zone}, *board.filters]
        return [*found, _("compared with %(range)s") % {"range": board.compared}] if board.compared else found

    @property
    def columns(self) -> list[Column]:
        return [column for column in self.table.columns if column.export and column.kind != "spark"]

    @property
    def heads(self) -> list[str]:
        return [text for column in self.columns for text in heads(column, self.board.mall.currency)]

    @property
    def rows(self) -> Iterator[list[Value]]:
        """In the order shown, of all pages."""
        columns, zone = self.columns, self.board.mall.time_zone
        for row in self.table.sorted_rows:
            yield [value for column in columns for value in values(column, row, zone)]


def heads(column: Column, currency: str) -> list[str]:
    unit = {"fen": currency, "rate": "%"}.get(unit_of(column), "")
    if column.kind in ("change", "share"):
        unit = "%"
    label = f"{column.label} ({unit})" if unit else str(column.label)
    return [label, _("%(column)s: detail") % {"column": column.label}] if column.sub else [label]


def unit_of(column: Column) -> Unit | None:
    """The unit of a column's numbers, as far as its way of writing them tells."""
    if isinstance(column, MetricColumn) and column.metric:
        return column.metric.unit
    write = column.format
    while isinstance(write, partial):
        write = write.func
    metric = getattr(write, "__self__", None)
    return metric.unit if isinstance(metric, Metric) else UNITS.get(write)


def values(column: Column, row: Any, zone: str) -> list[Value]:
    found = value_of(column, column.raw(row), zone)
    return [found, detail_of(column.sub(row))] if column.sub else [found]


def detail_of(raw: Any) -> Value:
    """What a cell says in small below its value; a change is a number all the same."""
    text = raw.text if isinstance(raw, fmt.Change) else text_of(raw or "")
    return change_of(text) if _CHANGE.fullmatch(text) else Value("text", text)


def value_of(column: Column, raw: Any, zone: str) -> Value:
    if raw is None or raw == "":
        return EMPTY
    if isinstance(raw, fmt.Change):
        return change_of(raw.text)
    if isinstance(raw, tuple | list):
        return Value("text", text_of(raw[0]) if raw else "")  # a state: text and tone
    if isinstance(raw, bool):
        return Value("text", _("Yes") if raw else _("No"))
    if isinstance(raw, Period):
        return Value("day", raw.start) if raw.days == 1 else Value("text", fmt.date_range(raw.start, raw.last))
    if isinstance(raw, datetime):
        return Value("moment", fmt.moment(raw, zone))
    if isinstance(raw, date):
        return Value("day", raw)
    return number_of(column, raw) if isinstance(raw, int | float | Fraction | Decimal) else Value("text", text_of(raw))


def number_of(column: Column, raw: int | float | Fraction | Decimal) -> Value:
    """With its unit; where the column writes it in a way of its own, as that text."""
    unit = "rate" if column.kind == "share" else unit_of(column)
    if unit is None and column.format:
        return Value("text", text_of(column.format(raw)))
    return Value(unit or "count", raw)


def change_of(text: str) -> Value:
    """``+12.3%`` as a ratio, ``+1.4 pp`` in percentage points."""
    try:
        number = Decimal(text.split("%")[0].split(" ")[0].replace(",", ""))
    except InvalidOperation:
        return EMPTY
    return Value("change", number / 100) if text.endswith("%") else Value("points", number)
