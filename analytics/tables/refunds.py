"""Refunds by category and by store."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.queries.choice import Choice
from analytics.queries.sales import Sales
from analytics.refunds import standing_out
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Category, Store

from .columns import Row, change_column, metric_column, metric_row

KEYS = ("refunded", "refunds", "refund_rate", "refund_frequency", "average_refund")


def store_rows(choice: Choice, sales: Sales) -> list[Row]:
    """One for each chosen store with payments or refunds."""
    sums = {store.pk: sales.of_stores([store.pk]) for store in choice.stores}
    out = standing_out({pk: {"payments": 0, "refunds": 0} | dict(found) for pk, found in sums.items()})
    return [
        _row(choice, sales, [store.pk], store=store, name=store.name, unit=store.unit, high=store.pk in out)
        for store in choice.stores
        if any(sums[store.pk].values())
    ]


def category_rows(choice: Choice, sales: Sales, categories: Iterable[Category]) -> list[Row]:
    """Each category with all below it, as far as its chosen stores sold or gave back anything."""
    within = {category: [store.pk for store in choice.stores_in(category)] for category in categories}
    return [
        _row(choice, sales, stores, category=category, name=category.name)
        for category, stores in within.items()
        if any(sales.of_stores(stores).values())
    ]


def _row(choice: Choice, sales: Sales, stores: Sequence[int], **fields) -> Row:
    before = sales.of_stores(stores, side=1) if choice.before else None
    return metric_row(KEYS, sales.of_stores(stores), before, **fields)


def store_table(choice: Choice, rows: Sequence[Row], params: Mapping[str, str], link: Callable[[Store], str]) -> Table:
    columns = [
        Column("name", _("Store"), sortable=True, sub=lambda row: row["unit"], url=lambda row: link(row["store"])),
        *_columns(choice),
        Column("high", _("Against the others"), kind="state", value=_said, sortable="high",
               title=_("Refunds per payment against all other stores shown; the method stands above the table.")),
    ]  # fmt: skip
    return _table(columns, rows, params, _("Refunds by store"), prefix="store_", page_size=25)


def category_table(
    choice: Choice, rows: Sequence[Row], params: Mapping[str, str], link: Callable[[Category], str]
) -> Table:
    columns = [
        Column("name", _("Category"), sortable=True, url=lambda row: link(row["category"]),
               value=lambda row: "\u2003" * row["category"].depth + row["name"]),
        *_columns(choice),
    ]  # fmt: skip
    return _table(columns, rows, params, _("Refunds by category"), prefix="category_", page_size=None, default="")


def _columns(choice: Choice) -> list[Column]:
    columns = [metric_column(key, choice.place.mall.currency) for key in KEYS]
    return [columns[0], change_column("refunded"), *columns[1:]] if choice.before else columns


def _said(row: Row) -> tuple[str, str]:
    if row["high"]:
        return pgettext("refunds", "More often"), "warn"
    return pgettext("refunds", "Nothing unusual"), "off"


def _table(
    columns: Sequence[Column], rows: Sequence[Row], params: Mapping[str, str], label: str, *, prefix: str,
    page_size: int | None, default: str = "-refunded",
) -> Table:  # fmt: skip
    return Table(
        columns, rows, params, label=label, target="board", prefix=prefix, page_size=page_size, default_sort=default,
        empty=Empty(_("No store fits the filters")),
    )  # fmt: skip
