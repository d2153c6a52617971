"""Tables as CSV: what the page shows, all pages of it, amounts and rates as bare numbers, the zone said on top."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from analytics.queries.places import Choice
from analytics.tables.columns import MetricColumn
from mallops.lib import format as fmt
from mallops.lib.csvio import csv_lines
from mallops.lib.ui.tables import Column, Table


def csv_response(table: Table, choice: Choice, name: str) -> StreamingHttpResponse:
    """UTF-8 with byte-order mark; text that a spreadsheet would run as a formula is defused."""
    response = StreamingHttpResponse(csv_lines(rows(table, choice)), content_type="text/csv; charset=utf-8")
    period, slug = choice.period, choice.place.mall.slug
    filename = f"{slug}-{name}-{period.start.isoformat()}-{period.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def rows(table: Table, choice: Choice) -> Iterator[list[Any]]:
    """A line that says what and when, the head, then the rows in the order shown."""
    mall, columns = choice.place.mall, [column for column in table.columns if column.export]
    period = fmt.date_range(choice.period.start, choice.period.last)
    yield [f"{mall.name} – {table.label}", period, _("days of %(zone)s") % {"zone": mall.time_zone}]
    yield [text for column in columns for text in heads(column, mall.currency)]
    for row in table.sorted_rows:
        yield [value for column in columns for value in cells(column, row)]


def heads(column: Column, currency: str) -> list[str]:
    metric = column.metric if isinstance(column, MetricColumn) else None
    unit = {"fen": currency, "rate": "%"}.get(metric.unit) if metric else None
    if column.kind in ("change", "share"):
        unit = "%"
    label = f"{column.label} ({unit})" if unit else str(column.label)
    return [label, _("%(column)s: detail") % {"column": column.label}] if column.sub else [label]


def cells(column: Column, row: Any) -> list[Any]:
    value = cell(column, column.raw(row))
    return [value, column.sub(row) or ""] if column.sub else [value]


def cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(column, MetricColumn) and column.metric:
        return column.metric.plain(value)
    if isinstance(value, fmt.Change):
        return value.text.split("%")[0].split(" ")[0].replace(",", "").replace(fmt.NONE, "")
    if column.kind == "share":
        return fmt.percent(value).rstrip("%")
    return value.isoformat() if isinstance(value, date) else value
