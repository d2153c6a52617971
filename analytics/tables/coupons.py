"""What became of coupons, and what they brought."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells, of_side
from coupons.models import Rule
from coupons.uplift import sentences
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Empty, Table

from .columns import Row, day_column, metric_column, metric_row
from .times import mark_column

if TYPE_CHECKING:
    import pandas as pd

RETURNS = ("redeemed", "discount", "coupon_sales", "coupon_ticket", "coupon_return")


def coupon_rows(cells: Cells, keys: Sequence[str], names: Mapping[int, str]) -> list[Row]:
    """One for each rule, stock or store that something happened to in the period, most redeemed first."""
    found = {key[1]: sums for key, sums in of_side(cells, 0).items()}
    rows = [metric_row(keys, sums, name=names.get(pk, f"#{pk}")) for pk, sums in found.items()]
    return sorted(rows, key=lambda row: (-row["redeemed"], -row["issued"], row["name"]))


def coupon_table(
    choice: Choice, rows: Sequence[Row], params: Mapping[str, str], keys: Sequence[str], *, of: str, prefix: str
) -> Table:
    currency = choice.place.mall.currency
    columns = [Column("name", of, sortable=True), *(metric_column(key, currency, brief=True) for key in keys)]
    label = _("Coupons by %(what)s") % {"what": of.lower()}
    return Table(
        columns, rows, params, label=label, target="board", prefix=prefix, page_size=25,
        empty=Empty(_("No coupon was issued or used in this period")),
    )  # fmt: skip


def return_table(
    choice: Choice, cells: Cells, rules: Mapping[int, Rule], params: Mapping[str, str], link: Callable[[Rule], str]
) -> Table:
    """What each rule cost and sold in the period, beside what is proven of its effect; `link` leads to the proof."""
    found = {key[1]: sums for key, sums in of_side(cells, 0).items() if key[1] in rules}
    rows = [metric_row(RETURNS, sums, rule=rules[pk], name=rules[pk].name) for pk, sums in found.items()]
    currency = choice.place.mall.currency
    columns = [
        Column("name", _("Rule"), sortable=True),
        *(metric_column(key, currency, brief=True) for key in RETURNS),
        Column("verdict", _("Proven effect"), kind="state", value=lambda row: verdict(row["rule"]),
               url=lambda row: link(row["rule"]),
               title=_("Against shoppers kept apart by lot, from the nightly report, whatever days are chosen here.")),
    ]  # fmt: skip
    return Table(
        columns, [row for row in rows if row["redeemed"] or row["discount"]], params, label=_("Return by rule"),
        target="board", prefix="return_", page_size=25, default_sort="-coupon_sales",
        empty=Empty(_("No coupon was used in this period")),
    )  # fmt: skip


def verdict(rule: Rule) -> tuple[str, str]:
    """What the rule's report of uplift allows to say, and its tone."""
    report = getattr(rule, "uplift_report", None)
    return sentences.short(report.result) if report else (_("No report yet"), "off")


def fate_table(values: Mapping[str, int], issued: Mapping[str, int | None]) -> Table:
    """What happened to coupons, in counts and in proportion to those issued, where these are the same coupons."""
    columns = [
        Column("what", _("What")),
        Column("count", _("Coupons"), align="end", format=fmt.count),
        Column("share", _("Of those issued"), kind="share"),
    ]
    rows = [
        {"what": METRICS[key].short_label, "count": number,
         "share": Fraction(number, issued[key]) if issued[key] else None}
        for key, number in values.items()
    ]  # fmt: skip
    return Table(columns, rows, label=_("What became of coupons"), page_size=None)


def coupon_day_table(choice: Choice, frame: "pd.DataFrame") -> Table:
    currency = choice.place.mall.currency
    found = [metric_column(key, currency, sortable=False, brief=True) for key in frame.columns]
    rows = [{"day": day, **{key: frame.at[day, key] for key in frame.columns}} for day in frame.index]
    columns = [day_column("day", _("Day")), *found, *mark_column(choice, rows)]
    return Table(columns, rows, label=_("Coupons by day"), page_size=None)
