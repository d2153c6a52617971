"""Hours of the week as a table."""

from collections.abc import Callable, Sequence
from functools import partial

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.slots import Slots, hours_of
from mallops.lib.ui.tables import Column, Table

from .columns import MetricColumn
from .times import hour_text


def slot_table(choice: Choice, key: str, found: Slots, weekdays: Sequence[str], text: Callable, *, label: str) -> Table:
    """Hours down, weekdays across."""
    metric = METRICS[key]
    columns: list[Column] = [Column("hour", _("Hour"))]
    columns += [
        MetricColumn(str(number), name, align="end", format=partial(text, choice, metric),
                     metric=metric if metric.unit == "fen" else None)
        for number, name in enumerate(weekdays)
    ]  # fmt: skip
    rows = [
        {"hour": hour_text(hour)} | {str(day): _plain(found.get((day, hour))) for day in range(7)}
        for hour in hours_of(found)
    ]
    return Table(columns, rows, label=label, page_size=None)


def _plain(value):
    """An average of counts as a decimal number, for files."""
    return value if value is None or isinstance(value, int) else round(float(value), 2)
