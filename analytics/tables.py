"""Columns and rows of tables of metrics; sortable and exportable, every figure with its definition on hover."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import METRICS, Metric, Sums
from analytics.queries.places import Choice
from analytics.queries.sales import Sales
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Category, Store

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MetricColumn(Column):
    metric: Metric | None = None


def metric_column(key: str, currency: str, *, sortable: bool = True) -> MetricColumn:
    metric = METRICS[key]
    return MetricColumn(
        key, metric.label, align="end", format=partial(metric.text, currency=currency), sortable=sortable,
        title=metric.help, metric=metric,
    )  # fmt: skip


def change_column(key: str) -> Column:
    return Column(
        f"{key}_change", _("Change"), align="end", kind="change", sortable=f"{key}_ratio",
        title=_("Against the compared days"),
    )  # fmt: skip


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


# --- Stores and categories ---

IN_STORE_TABLE = ("net_sales", "transactions", "average_ticket", "refund_rate", "issued", "redeemed")


def store_rows(choice: Choice, sales: Sales) -> Sequence[Row]:
    """One for each chosen store, those without sales included."""
    rows = [
        metric_row(
            IN_STORE_TABLE, sales.stores.get((0, store.pk), {}), _before(choice, sales, [store.pk]),
            store=store, name=store.name, unit=store.unit, category=store.category.name,
        )
        for store in choice.stores
    ]  # fmt: skip
    return with_shares(rows)


def _before(choice: Choice, sales: Sales, stores: Iterable[int]) -> Sums | None:
    return sales.of_stores(stores, side=1) if choice.before else None


def sales_columns(choice: Choice, keys: Sequence[str]) -> list[Column]:
    """Net sales with its change and share, then other metrics."""
    currency = choice.place.mall.currency
    columns = [metric_column("net_sales", currency)]
    if choice.before:
        columns.append(change_column("net_sales"))
    return [*columns, share_column(), *(metric_column(key, currency) for key in keys if key != "net_sales")]


def store_table(
    choice: Choice, rows: Sequence[Row], params: Mapping[str, str] | None = None, *, query: str = "",
    extra: Sequence[Column] = (), top: int | None = None,
) -> Table:  # fmt: skip
    """With `params` sorted and paged by the URL; `top` cuts after the best; `query` goes into links to stores."""
    mall = choice.place.mall
    columns = [
        Column("name", _("Store"), sortable=True, sub=lambda row: row["unit"],
               url=lambda row: store_url(mall, row["store"]) + query),
        Column("category", _("Category"), sortable=True, hide_on_phone=True),
        *extra,
        *sales_columns(choice, IN_STORE_TABLE),
    ]  # fmt: skip
    if top:
        rows = sorted(rows, key=lambda row: -row["net_sales"])[:top]
    return Table(
        columns, rows, params or {}, label=_("Stores"), default_sort="-net_sales",
        target="board" if params is not None else "", page_size=25 if params is not None else None,
        empty=Empty(_("No store fits the filters")),
    )  # fmt: skip


def store_url(mall, store: Store) -> str:
    return reverse("analytics:store_detail", args=[mall.slug, store.code])


def category_url(mall, category: Category) -> str:
    return reverse("analytics:category_detail", args=[mall.slug, category.code])


IN_CATEGORY_TABLE = ("net_sales", "transactions", "average_ticket", "refund_rate", "redeemed")


def category_rows(choice: Choice, sales: Sales, categories: Iterable[Category]) -> list[Row]:
    """One for each category, with all below it; the share is of the chosen stores together."""
    whole = METRICS["net_sales"].value(sales.total())
    rows = []
    for category in categories:
        stores = [store.pk for store in choice.place.stores_in(category)]
        row = metric_row(
            IN_CATEGORY_TABLE, sales.of_stores(stores), _before(choice, sales, stores),
            category=category, name=category.name, depth=category.depth, stores=len(stores),
        )  # fmt: skip
        row["share"] = Fraction(row["net_sales"], whole) if whole > 0 else None
        rows.append(row)
    return rows


def category_table(choice: Choice, rows: Sequence[Row], params: Mapping[str, str], *, query: str = "") -> Table:
    mall = choice.place.mall
    columns = [
        Column("name", _("Category"), value=lambda row: "\u2003" * row["depth"] + row["name"],
               url=lambda row: category_url(mall, row["category"]) + query),
        Column("stores", _("Stores"), align="end", sortable=True),
        *sales_columns(choice, IN_CATEGORY_TABLE),
    ]  # fmt: skip
    return Table(
        columns, rows, params, label=_("Categories"), target="board", page_size=None,
        empty=Empty(_("No category yet")),
    )  # fmt: skip


# --- The numbers beside charts ---


def mix_rows(choice: Choice, rows: Sequence[Row], room: int) -> list[Row]:
    """Stores with sales by `branch` of the category tree, largest branch and store first; of each branch some, in
    proportion to the `room` for all, and the others as one row without `store`."""
    branch_of = choice.place.branch_of(choice.category)
    by_branch: dict[Category, list[Row]] = {}
    for row in sorted(rows, key=lambda row: -row["net_sales"]):
        if row["net_sales"] > 0:
            by_branch.setdefault(branch_of[row["store"].category_id], []).append(row)
    each = max(room // max(len(by_branch), 1), 4)
    found = []
    for branch, inside in by_branch.items():
        shown, rest = (inside, []) if len(inside) <= each + 1 else (inside[:each], inside[each:])
        found += [row | {"branch": branch} for row in shown]
        if rest:
            label = ngettext("%(count)s more store", "%(count)s more stores", len(rest)) % {"count": len(rest)}
            found.append(_together(choice, rest, branch=branch, store=None, name=label))
    return list(with_shares(found))


def _together(choice: Choice, rows: Sequence[Row], **fields: Any) -> Row:
    now = sum(row["net_sales"] for row in rows)
    row = fields | {"net_sales": now}
    if choice.before:
        before = sum(row["net_sales_before"] for row in rows)
        row |= {"net_sales_change": METRICS["net_sales"].change(now, before), "net_sales_ratio": ratio(now, before)}
    return row


def mix_table(choice: Choice, rows: Sequence[Row]) -> Table:
    columns = [Column("branch", _("Category"), value=lambda row: row["branch"].name), Column("name", _("Store"))]
    columns += sales_columns(choice, [])
    unsorted = [replace(column, sortable=False) for column in columns]
    return Table(unsorted, rows, label=_("Where sales come from"), page_size=None)



def day_table(choice: Choice, key: str, now: Iterable, before: Iterable | None) -> Table:
    """Values of one metric by day, beside those of the compared days in the same place."""
    metric, currency = METRICS[key], choice.place.mall.currency
    columns = [Column("day", _("Day"), format=_day_text), metric_column(key, currency, sortable=False)]
    rows = [{"day": day, key: value} for day, value in zip(choice.period, now, strict=True)]
    if choice.before:
        compared = list(zip(choice.before, before, strict=True))
        for row, (day, value) in zip(rows, compared, strict=False):
            row |= {"then": day, "before": value, f"{key}_change": metric.change(row[key], value)}
        columns += [
            Column("then", _("Compared day"), format=_day_text),
            MetricColumn("before", _("%(metric)s then") % {"metric": metric.label}, align="end",
                         format=partial(metric.text, currency=currency), metric=metric),
            Column(f"{key}_change", _("Change"), align="end", kind="change"),
        ]  # fmt: skip
    return Table(columns, rows, label=_("%(metric)s by day") % {"metric": metric.label}, page_size=None)


def _day_text(day) -> str:
    return day.isoformat()


def hour_table(choice: Choice, frame, weekdays: Sequence[str]) -> Table:
    """Hours down, weekdays across."""
    net, currency = METRICS["net_sales"], choice.place.mall.currency
    columns = [Column("hour", _("Hour"))] + [
        MetricColumn(str(number), name, align="end", format=partial(net.text, currency=currency), metric=net)
        for number, name in enumerate(weekdays)
    ]
    rows = [
        {"hour": hour_text(hour)} | {str(number): int(frame.at[number, hour]) for number in range(7)}
        for hour in frame.columns
    ]
    return Table(columns, rows, label=_("Average net sales by weekday and hour"), page_size=None)


def hour_text(hour: int) -> str:
    return f"{hour:02d}:00"

