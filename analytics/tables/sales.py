"""Stores and categories with their sales."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from analytics.metrics import METRICS, Sums
from analytics.queries.choice import Choice
from analytics.queries.sales import Sales
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Category, Store

from .columns import Row, metric_row, sales_columns, spark_column, unsortable, with_shares

IN_STORE_TABLE = ("net_sales", "transactions", "average_ticket", "refund_rate", "redeemed")


def store_rows(
    choice: Choice, sales: Sales, stores: Iterable[Store] | None = None, shoppers: Mapping[int, int] | None = None
) -> Sequence[Row]:
    """One for each chosen store (or of some of them), those without sales included; `shoppers` by store id."""
    keys, counts = (IN_STORE_TABLE, {}) if shoppers is None else ((*IN_STORE_TABLE, "shoppers"), shoppers)
    rows = [
        metric_row(
            keys, {**sales.stores.get((0, store.pk), {}), "shoppers": counts.get(store.pk)},
            _before(choice, sales, [store.pk]),
            store=store, name=store.name, unit=store.unit, category=store.category.name,
        )
        for store in (choice.stores if stores is None else stores)
    ]  # fmt: skip
    return with_shares(rows)


def store_table(
    choice: Choice, rows: Sequence[Row], params: Mapping[str, str] | None = None, *, link: Callable[[Store], str],
    extra: Sequence[Column] = (), top: int | None = None, keys: Sequence[str] = IN_STORE_TABLE,
) -> Table:  # fmt: skip
    """With `params` sorted and paged by the URL; `top` cuts after the best."""
    columns = [
        Column("name", _("Store"), sortable=True, sub=lambda row: row["unit"],
               url=lambda row: link(row["store"])),
        Column("category", _("Category"), sortable=True, hide_on_phone=True),
        *extra,
        *sales_columns(choice, keys),
    ]  # fmt: skip
    if top:
        rows = sorted(rows, key=lambda row: -row["net_sales"])[:top]
    if params is None:
        columns = unsortable(columns)
    return Table(
        columns, rows, params or {}, label=_("Stores"), default_sort="-net_sales" if params is not None else "",
        target="board", page_size=25 if params is not None else None, empty=Empty(_("No store fits the filters")),
    )  # fmt: skip


IN_CATEGORY_TABLE = ("net_sales", "transactions", "average_ticket", "refund_rate", "redeemed")


def category_rows(choice: Choice, sales: Sales, categories: Iterable[Category]) -> list[Row]:
    """One for each category, with all below it; the share is of the chosen stores together."""
    whole = METRICS["net_sales"].value(sales.total())
    rows = []
    for category in categories:
        stores = [store.pk for store in choice.stores_in(category)]
        row = metric_row(
            IN_CATEGORY_TABLE, sales.of_stores(stores), _before(choice, sales, stores),
            category=category, name=category.name, depth=category.depth, stores=len(stores),
        )  # fmt: skip
        row["share"] = Fraction(row["net_sales"], whole) if whole > 0 else None
        rows.append(row)
    return rows


def category_table(
    choice: Choice, rows: Sequence[Row], params: Mapping[str, str], *,
    down: Callable[[Category], str], link: Callable[[Category], str],
) -> Table:  # fmt: skip
    """The name leads `down` the tree, the number of stores to the page of the category."""
    columns = [
        Column("name", _("Category"), value=lambda row: "\u2003" * row["depth"] + row["name"],
               url=lambda row: down(row["category"])),
        Column("stores", _("Stores"), align="end", sortable=True, url=lambda row: link(row["category"])),
        spark_column(),
        *sales_columns(choice, IN_CATEGORY_TABLE),
    ]  # fmt: skip
    return Table(
        columns, rows, params, label=_("Categories"), target="board", page_size=None,
        empty=Empty(_("No category yet")),
    )  # fmt: skip


def category_bars_table(choice: Choice, rows: Sequence[Row]) -> Table:
    columns = unsortable([Column("name", _("Category")), *sales_columns(choice, [])])
    return Table(columns, rows, label=_("Net sales by category"), page_size=None)


def _before(choice: Choice, sales: Sales, stores: Iterable[int]) -> Sums | None:
    return sales.of_stores(stores, side=1) if choice.before else None
