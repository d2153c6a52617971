"""Columns and rows of metrics: sortable, exportable, every figure with its definition on hover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.metrics import METRICS, Metric, Sums
from analytics.queries.choice import Choice
from mallops.lib.ui.tables import Column

Row = dict[str, Any]
CHANGE = "change"  # of net sales, where else the key of a metric is chosen


@dataclass(frozen=True, slots=True)
class MetricColumn(Column):
    metric: Metric | None = None


def metric_column(key: str, currency: str, *, sortable: bool = True, brief: bool = False) -> MetricColumn:
    metric = METRICS[key]
    return MetricColumn(
        key,
        metric.short_label if brief else metric.label,
        align="end",
        format=partial(metric.text, currency=currency),
        sortable=sortable,
        title=metric.help,
        metric=metric,
    )


def day_column(key: str, label: str) -> Column:
    return Column(key, label, format=lambda day: day.isoformat())


def change_column(key: str) -> Column:
    return Column(
        f"{key}_change", change_label(), align="end", kind="change", sortable=f"{key}_ratio",
        title=_("Against the compared days"),
    )  # fmt: skip


def change_label() -> str:
    return pgettext("of a figure", "Change")


def spark_column() -> Column:
    return Column("spark", _("By day"), kind="spark", hide_on_phone=True, export=False, title=_("Net sales by day"))


def share_column() -> Column:
    return Column("share", _("Share"), kind="share", sortable=True, title=_("Of the net sales of all rows"))


def metric_row(keys: Iterable[str], now: Sums, before: Sums | None = None, **fields: Any) -> Row:
    """The values of some metrics; with `before`, also what they were, how they moved and by which ratio."""
    row = dict(fields)
    for key in keys:
        metric = METRICS[key]
        row[key] = metric.value(now)
        if before is not None:
            row[f"{key}_before"] = was = metric.value(before)
            row[f"{key}_change"] = metric.change(row[key], was)
            row[f"{key}_ratio"] = ratio(row[key], was)
    return row


def ratio(now, before) -> Fraction | None:
    """The move as a share of what was; None without a base."""
    return Fraction(now - before) / abs(before) if before and now is not None else None


def with_shares(rows: Sequence[Row], key: str = "net_sales") -> Sequence[Row]:
    """Each row with its `share` of the sum of all; none where the sum is not above zero."""
    whole = sum(row[key] for row in rows)
    for row in rows:
        row["share"] = Fraction(row[key], whole) if whole > 0 else None
    return rows


def sales_columns(choice: Choice, keys: Sequence[str]) -> list[Column]:
    """Net sales with its change and share, then other metrics."""
    currency = choice.place.mall.currency
    columns = [metric_column("net_sales", currency)]
    if choice.before:
        columns.append(change_column("net_sales"))
    return [*columns, share_column(), *(metric_column(key, currency, brief=True) for key in keys if key != "net_sales")]


def unsortable(columns: Sequence[Column]) -> list[Column]:
    """For rows that come in an order of their own."""
    return [replace(column, sortable=False) for column in columns]
