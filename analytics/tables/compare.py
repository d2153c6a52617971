"""Some stores side by side."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _

from analytics.metrics import METRICS, Sums, Value
from analytics.queries.choice import Choice
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Table, tick
from merchants.models import Store

from .columns import MetricColumn
from .times import hour_text, mark_column

FORM = "compare"  # id of the form that the boxes belong to


def box_column() -> Column:
    """A box to choose a store for comparing; it belongs to a form elsewhere on the page."""
    return Column("box", _("Compare"), kind="html", align="center", export=False, value=_box)


def _box(row: Mapping) -> str:
    store = row["store"]
    return tick("store", store.code, FORM, _("Compare %(store)s") % {"store": store.name})


def side_by_side(choice: Choice, keys: Sequence[str], figures: Mapping[int, tuple[Sums, Sums | None]]) -> Table:
    """A row for each metric, a column for each store; under the value how it moved."""
    columns = [Column("metric", _("Figure"), value=lambda row: METRICS[row["key"]].label)]
    columns += [_store_column(choice, store) for store in choice.place.stores]
    rows = [{"key": key} | {pk: _cell(key, *sums) for pk, sums in figures.items()} for key in keys]
    return Table(columns, rows, label=_("Stores side by side"), page_size=None)


def _cell(key: str, now: Sums, before: Sums | None) -> tuple[Value, fmt.Change | None]:
    metric = METRICS[key]
    value = metric.value(now)
    return value, None if before is None else metric.change(value, metric.value(before))


def _store_column(choice: Choice, store: Store) -> Column:
    """Files get the value as text: the units of the rows differ."""

    def text(row: Mapping) -> str:
        return METRICS[row["key"]].text(row[store.pk][0], choice.place.mall.currency)

    def moved(row: Mapping) -> str | None:
        change = row[store.pk][1]
        return change.text if change and change.arrow else None

    return Column(f"store-{store.pk}", store.name, align="end", value=text, sub=moved)


def lines_table(choice: Choice, key: str, label: str, values: Mapping[Store, Sequence[Value]]) -> Table:
    """Days (or weeks) down, stores across."""
    columns = [Column("day", _("Day"), format=lambda step: fmt.date_range(step.start, step.last))]
    columns += [_value_column(choice, key, store) for store in values]
    rows = [{"day": step} | _at(values, number) for number, step in enumerate(choice.steps())]
    return Table(columns + mark_column(choice, rows), rows, label=label, page_size=None)


def hours_table(choice: Choice, key: str, label: str, hours: Sequence[int], values: Mapping[Store, Sequence]) -> Table:
    columns = [Column("hour", _("Hour")), *(_value_column(choice, key, store) for store in values)]
    rows = [{"hour": hour_text(hour)} | _at(values, number) for number, hour in enumerate(hours)]
    return Table(columns, rows, label=label, page_size=None)


def _at(values: Mapping[Store, Sequence[Value]], number: int) -> dict[str, Value]:
    return {str(store.pk): found[number] for store, found in values.items()}


def _value_column(choice: Choice, key: str, store: Store) -> Column:
    metric = METRICS[key]
    text: Callable = partial(metric.text, currency=choice.place.mall.currency)
    return MetricColumn(str(store.pk), store.name, align="end", format=text, metric=metric)
