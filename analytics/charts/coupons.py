"""What became of coupons, and when."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics import figures, frames
from analytics.figures import Line
from analytics.metrics import METRICS, Sums
from analytics.queries.places import Choice
from analytics.queries.sums import Cells
from analytics.tables import coupons as tables
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Key

if TYPE_CHECKING:
    import pandas as pd

FATES = ("issued", "redeemed", "expired", "revoked")


def fates(total: Sums) -> Chart:
    """What happened to coupons in the period, in counts and relative to those issued."""
    values = [METRICS[key].value(total) for key in FATES]
    return Chart(
        id="fates",
        title=_("What became of coupons"),
        sub=_("In this period, whenever they were issued"),
        label=_("Bars: coupons issued, redeemed, expired and revoked; %(issued)s issued, %(redeemed)s redeemed.")
        % {"issued": fmt.count(values[0]), "redeemed": fmt.count(values[1])},
        figure=figures.bars(
            [str(METRICS[key].short_label) for key in FATES],
            values,
            [f"{fmt.count(value)} · {fmt.rate(value, values[0])}" for value in values],
            roles=["c1", "c2", "other", "other"],
        ),
        table=tables.fate_table(zip(FATES, values, strict=True), values[0]),
    )


def coupons_by_day(choice: Choice, cells: Cells) -> Chart:
    frame = frames.by_day(cells, choice.period, ["issued", "redeemed"])
    issued, redeemed = METRICS["issued"], METRICS["redeemed"]
    series = [
        _coupon_line(choice, frame, "issued", "c1"),
        _coupon_line(choice, frame, "redeemed", "c2"),
    ]
    return Chart(
        id="coupons-by-day",
        title=_("Coupons by day"),
        label=_("Lines: coupons issued and redeemed by day, %(range)s.")
        % {"range": fmt.date_range(choice.period.start, choice.period.last)},
        figure=figures.lines(list(choice.period), series),
        keys=[Key(issued.short_label, "c1", line=True), Key(redeemed.short_label, "c2", line=True)],
        table=tables.coupon_day_table(choice, frame),
    )


def _coupon_line(choice: Choice, frame: "pd.DataFrame", key: str, role: str) -> Line:
    label = METRICS[key].short_label
    texts = [f"{label}: {fmt.count(value)}" for value in frame[key]]
    return Line(list(frame[key]), texts, role)
