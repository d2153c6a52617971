"""One metric by day."""

from collections.abc import Iterable, Sequence
from functools import partial

from django.utils.translation import gettext as _

from analytics.marks import texts
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from mallops.lib.ui.tables import Column, Table

from .columns import MetricColumn, Row, change_label, day_column, metric_column


def day_table(choice: Choice, key: str, now: Iterable, before: Iterable | None) -> Table:
    """Values of one metric by day (of a long period, by week), beside those of the compared days in the same place,
    and what happened then."""
    metric, currency = METRICS[key], choice.place.mall.currency
    columns = [day_column("day", _("Day")), metric_column(key, currency, sortable=False)]
    rows = [{"day": step.start, key: value} for step, value in zip(choice.steps(), now, strict=True)]
    if choice.before:
        compared = list(zip(choice.steps(1), before, strict=True))
        for row, (step, value) in zip(rows, compared, strict=False):
            row |= {"then": step.start, "before": value, f"{key}_change": metric.change(row[key], value)}
        columns += [
            day_column("then", _("Compared day")),
            MetricColumn("before", _("%(metric)s then") % {"metric": metric.label}, align="end",
                         format=partial(metric.text, currency=currency), metric=metric),
            Column(f"{key}_change", change_label(), align="end", kind="change"),
        ]  # fmt: skip
    columns += mark_column(choice, rows)
    return Table(columns, rows, label=_("%(metric)s by day") % {"metric": metric.label}, page_size=None)


def mark_column(choice: Choice, rows: Sequence[Row]) -> list[Column]:
    """What happened on the days of some rows (of one step of the period each); no column if nothing did."""
    if not choice.marks:
        return []
    for row, text in zip(rows, texts(choice.marks, choice.steps()), strict=True):
        row["marks"] = text
    return [Column("marks", _("Events"))]


def hour_text(hour: int) -> str:
    return f"{hour:02d}:00"
