"""Shoppers by day, by month of their first payment, by how often they came and by segment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.segments import Cohort
from coupons.affinity.report import LEAST
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Table

from .columns import Row, day_column, metric_column, metric_row, unsortable
from .times import mark_column

OF_DAY = ("shoppers", "new_shoppers", "returning_shoppers")
OF_GROUP = ("shoppers", "year_spend", "year_spend_each", "idle_days")
Rule = Callable[[Row], str | None]  # from a group to the builder where a rule could bring it back, if one could
WINNABLE = ("at_risk", "lapsed")  # for whom there is a starting point of a rule


def words() -> dict[str, tuple[str, str]]:
    """Name and description of each segment and frequency (`analytics.segments`)."""
    return {
        "champions": (_("Champions"), _("Were here lately, come often and spend much")),
        "loyal": (_("Loyal"), _("Come and spend more than most")),
        "promising": (_("Promising"), _("Were here not long ago, so far with little")),
        "new": (_("New"), _("Paid on one day only, lately")),
        "at_risk": (_("At risk"), _("Came and spent more than most, but not lately")),
        "lapsed": (_("Lapsed"), _("Came little, and not lately")),
        **{key: (_days(key), "") for key in ("1", "2", "3-5", "6-10", "11+")},
    }


def _days(key: str) -> str:
    if key.isdigit():
        return npgettext("a span", "%(count)s day", "%(count)s days", int(key)) % {"count": key}
    first, last = key.rstrip("+"), ""
    if "-" in key:
        first, last = key.split("-")
    return _("%(first)s to %(last)s days") % {"first": first, "last": last} if last else (
        _("%(first)s days or more") % {"first": first}
    )  # fmt: skip


def day_rows(choice: Choice, shoppers: Sequence[int | None], new: Sequence[int | None]) -> list[Row]:
    return [
        metric_row(OF_DAY, {"shoppers": everybody, "new_shoppers": first}, day=step.start)
        for step, everybody, first in zip(choice.steps(), shoppers, new, strict=True)
    ]


def day_table(choice: Choice, rows: Sequence[Row]) -> Table:
    currency = choice.place.mall.currency
    columns = [day_column("day", _("Day")), *(metric_column(key, currency, sortable=False) for key in OF_DAY)]
    columns += mark_column(choice, rows)
    return Table(columns, rows, label=_("Shoppers by day"), page_size=None)


def cohort_rows(found: Sequence[Cohort]) -> list[Row]:
    """The share of each cohort that was back after one month, two, and so on; not told of few shoppers."""
    retention = METRICS["retention"]
    return [
        {"month": cohort.month, "shoppers": cohort.shoppers}
        | {f"after-{k}": retention.value({"shoppers": cohort.shoppers, "back_shoppers": back}
                                         if cohort.shoppers >= LEAST else {})
           for k, back in enumerate(cohort.back, 1)}
        for cohort in found
    ]  # fmt: skip


def cohort_table(rows: Sequence[Row]) -> Table:
    retention = METRICS["retention"]
    columns = [
        Column("month", _("First paid in"), format=fmt.month_label),
        Column("shoppers", _("Shoppers"), align="end", format=fmt.count, title=METRICS["new_shoppers"].help),
        *(
            Column(f"after-{k}", after(k), align="end", format=retention.text, title=retention.help)
            for k in range(1, len(rows))
        ),
    ]
    return Table(columns, rows, label=_("Retention by month of the first payment"), page_size=None)


def after(months: int) -> str:
    """``+1 month``, as the head of a column."""
    return ngettext("+%(count)s month", "+%(count)s months", months) % {"count": months}


def group_rows(groups: Sequence[Mapping[str, Any]], everybody: int) -> list[Row]:
    """Segments or frequencies; of few shoppers neither amounts nor averages are told."""
    named, rows = words(), []
    for group in groups:
        few = group["shoppers"] < LEAST
        row = metric_row(
            OF_GROUP, {"shoppers": group["shoppers"], "spent_fen": None, "idle_days": None} if few else group
        )
        name, about = named[group["key"]]
        share = Fraction(group["shoppers"], everybody) if everybody >= LEAST else None
        rows.append(row | {"key": group["key"], "name": name, "about": about, "share": share})
    return rows


def group_table(choice: Choice, rows: Sequence[Row], *, of: str, label: str, rule: Rule | None = None) -> Table:
    spend, each, idle = (metric_column(key, choice.place.mall.currency, brief=True) for key in OF_GROUP[1:])
    spend = replace(spend, hide_on_phone=True)
    columns = [
        Column("name", of, sub=lambda row: row["about"]),
        Column("shoppers", _("Shoppers"), align="end", format=fmt.count, title=METRICS["year_spend"].basis),
        Column("share", _("Share"), kind="share", title=_("Of all known shoppers of the year")),
        spend, each, idle,
    ]  # fmt: skip
    if rule:
        columns.append(Column("rule", _("Rule"), url=rule, export=False,
                              value=lambda row: _("Win them back") if rule(row) else None))  # fmt: skip
    return Table(unsortable(columns), rows, label=label, page_size=None)
