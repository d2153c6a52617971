"""What became of coupons."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.places import Choice
from analytics.queries.sums import Cells, of_side
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Empty, Table

from .columns import Row, day_column, metric_column, metric_row

if TYPE_CHECKING:
    import pandas as pd


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


def fate_table(fates: Iterable[tuple[str, int]], issued: int) -> Table:
    """What happened to coupons, in counts and in proportion to those issued."""
    columns = [
        Column("what", _("What")),
        Column("count", _("Coupons"), align="end", format=fmt.count),
        Column("share", _("Of those issued"), kind="share"),
    ]
    rows = [
        {"what": METRICS[key].short_label, "count": number, "share": Fraction(number, issued) if issued else None}
        for key, number in fates
    ]
    return Table(columns, rows, label=_("What became of coupons"), page_size=None)


def coupon_day_table(choice: Choice, frame: "pd.DataFrame") -> Table:
    currency = choice.place.mall.currency
    keys = ("issued", "redeemed")
    found = [metric_column(key, currency, sortable=False, brief=True) for key in keys]
    columns = [day_column("day", _("Day")), *found]
    rows = [{"day": day, **{key: frame.at[day, key] for key in keys}} for day in choice.period]
    return Table(columns, rows, label=_("Coupons by day"), page_size=None)
