"""Stores of a floor plan with the figure that colours them."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.sales import Sales
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Store

from .columns import CHANGE, Row, change_column, change_label, metric_column, metric_row


def plan_rows(choice: Choice, sales: Sales, key: str, extra: Mapping[int, Mapping[str, int]]) -> list[Row]:
    """One for each chosen store that was open on the last day: the figure as `value`, its `text` and its `label`.

    `extra` are measures by store id that sales do not hold, such as shoppers.
    """
    return [_row(choice, sales, key, store, extra.get(store.pk, {})) for store in choice.stores if _open(choice, store)]


def _open(choice: Choice, store: Store) -> bool:
    last = choice.period.last
    return (store.closed_on is None or store.closed_on > last) and (store.opened_on is None or store.opened_on <= last)


def _row(choice: Choice, sales: Sales, key: str, store: Store, extra: Mapping[str, int]) -> Row:
    metric = METRICS["net_sales" if key == CHANGE else key]
    now = {**sales.stores.get((0, store.pk), {}), **extra}
    before = sales.stores.get((1, store.pk), {}) if choice.before else None
    floor = store.floor.code if store.floor else ""
    row = metric_row([metric.key], now, before, store=store, name=store.name, unit=store.unit, floor=floor)
    if key == CHANGE:
        moved = row.get("net_sales_change")
        return row | {
            "value": row.get("net_sales_ratio"),
            "text": moved.text if moved else "–",
            "label": change_label(),
        }
    value = row[key]
    return row | {"value": value, "text": metric.short(value, choice.place.mall.currency), "label": metric.label}


def plan_table(
    choice: Choice, rows: Sequence[Row], key: str, params: Mapping[str, str], *, link: Callable[[Store], str]
) -> Table:
    metric = "net_sales" if key == CHANGE else key
    columns = [
        Column("name", _("Store"), sortable=True, url=lambda row: link(row["store"])),
        Column("floor", _("Floor"), sortable=True, hide_on_phone=True),
        Column("unit", _("Unit"), sortable=True),
        metric_column(metric, choice.place.mall.currency),
    ]
    if choice.before and key != "shoppers":
        columns.append(change_column(metric))
    return Table(
        columns, rows, params, label=_("Stores on the plan"), target="board", page_size=25,
        default_sort=f"-{metric}", empty=Empty(_("No store fits the filters")),
    )  # fmt: skip
