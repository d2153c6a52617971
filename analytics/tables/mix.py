"""Stores by branch of the category tree: what the treemap draws."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from mallops.lib.ui.tables import Column, Table
from merchants.models import Category

from .columns import Row, ratio, sales_columns, unsortable, with_shares


def mix_rows(choice: Choice, rows: Sequence[Row], room: int) -> list[Row]:
    """Stores with sales by `branch` of the category tree, largest branch and store first.

    As many stores as there is room for stand by themselves; the others of a branch are one row without `store`. Where
    that would be the largest of its branch, the branch is told by the categories below it (`part`) instead.
    """
    branch_of = choice.place.branch_of(choice.category)
    by_branch: dict[Category, list[Row]] = {}
    sold = sorted((row for row in rows if row["net_sales"] > 0), key=lambda row: -row["net_sales"])
    alone = {row["store"].pk for row in sold[:room]}
    for row in sold:
        by_branch.setdefault(branch_of[row["store"].category_id], []).append(row)
    found = [box for branch, inside in by_branch.items() for box in _boxes(choice, branch, inside, alone)]
    return list(with_shares(found))


def _boxes(choice: Choice, branch: Category, inside: Sequence[Row], alone: Collection[int]) -> list[Row]:
    shown = [row | {"branch": branch} for row in inside if row["store"].pk in alone]
    rest = [row for row in inside if row["store"].pk not in alone]
    if not rest:
        return shown
    label = ngettext("%(count)s more store", "%(count)s more stores", len(rest)) % {"count": len(rest)}
    other = _together(choice, rest, branch=branch, store=None, name=label)
    if shown and other["net_sales"] <= shown[0]["net_sales"]:
        return [*shown, other]
    return _parts(choice, branch, inside)


def _parts(choice: Choice, branch: Category, inside: Sequence[Row]) -> list[Row]:
    """The categories below a branch, and the stores right at it as one."""
    part_of, parts = choice.place.branch_of(branch), {}
    for row in inside:
        parts.setdefault(part_of[row["store"].category_id], []).append(row)
    return [
        _together(choice, found, branch=branch, store=None, part=part, name=f"{part.name} ({len(found)})")
        for part, found in parts.items()
    ]


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
