"""Categories over time."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Table

from .columns import MetricColumn, metric_column
from .times import mark_column


def shares_table(choice: Choice, label: str, course: Mapping[str, Sequence[int]]) -> Table:
    """Net sales of each category by day (or week)."""
    net, currency = METRICS["net_sales"], choice.place.mall.currency
    columns = [Column("day", _("Day"), format=lambda step: fmt.date_range(step.start, step.last))]
    columns += [
        MetricColumn(str(number), name, align="end", format=metric_column("net_sales", currency).format, metric=net)
        for number, name in enumerate(course)
    ]
    rows = [
        {"day": step} | {str(number): values[at] for number, values in enumerate(course.values())}
        for at, step in enumerate(choice.steps())
    ]
    return Table(columns + mark_column(choice, rows), rows, label=label, page_size=None)
