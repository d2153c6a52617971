"""Stores by branch of the category tree: what the treemap draws."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import METRICS
from analytics.queries.places import Choice
from mallops.lib.ui.tables import Column, Table
from merchants.models import Category

from .columns import Row, ratio, sales_columns, unsortable, with_shares


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
    return Table(unsortable(columns), rows, label=_("Where sales come from"), page_size=None)
