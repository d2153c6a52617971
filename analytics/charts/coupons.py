"""What became of coupons, and when."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics import figures, frames
from analytics.figures import Line
from analytics.metrics import METRICS, Sums
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells
from analytics.tables import coupons as tables
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Key

from .times import mark_keys

if TYPE_CHECKING:
    import pandas as pd

STEPS = {"issued": "c1", "shown": "c1", "redeemed": "c2", "expired": "other", "revoked": "other"}
BY_DAY = {"issued": "c1", "shown": "c4", "redeemed": "c2"}


def funnel(choice: Choice, total: Sums) -> Chart:
    """From issued to redeemed, and what was lost on the way, in counts and relative to those issued."""
    issued = METRICS["issued"].value(total)
    values = {key: METRICS[key].value(total) for key in STEPS}
    shares = {key: None if key == "redeemed" and choice.within else issued for key in STEPS}
    return Chart(
        id="fates",
        title=_("What became of coupons"),
        sub=_spent(choice, total),
        label=_(
            "Bars: %(issued)s coupons issued, %(shown)s looked at, %(redeemed)s redeemed, %(expired)s expired, "
            "%(revoked)s revoked."
        )
        % {key: fmt.count(value) for key, value in values.items()},
        figure=figures.bars(
            [str(METRICS[key].short_label) for key in STEPS],
            list(values.values()),
            [_bar_text(value, shares[key]) for key, value in values.items()],
            roles=list(STEPS.values()),
        ),
        table=tables.fate_table(values, shares),
    )


def _bar_text(value: int, issued: int | None) -> str:
    return f"{fmt.count(value)} · {fmt.rate(value, issued)}" if issued else fmt.count(value)


def _spent(choice: Choice, total: Sums) -> str:
    sales, ticket = METRICS["coupon_sales"], METRICS["coupon_ticket"]
    currency = choice.place.mall.currency
    return _("Sales with coupon %(sales)s, %(ticket)s an order") % {
        "sales": sales.short(sales.value(total), currency),
        "ticket": ticket.short(ticket.value(total), currency),
    }


def coupons_by_day(choice: Choice, cells: Cells) -> Chart:
    frame = frames.by_step(choice, cells, list(BY_DAY))
    return Chart(
        id="coupons-by-day",
        title=_("Coupons by week") if choice.weekly else _("Coupons by day"),
        label=_("Lines: coupons issued, looked at and redeemed, %(range)s.")
        % {"range": fmt.date_range(choice.period.start, choice.period.last)},
        figure=figures.lines(
            list(frame.index), [_line(frame, key, role) for key, role in BY_DAY.items()], choice.marks
        ),
        keys=[Key(METRICS[key].short_label, role, line=True) for key, role in BY_DAY.items()] + mark_keys(choice.marks),
        table=tables.coupon_day_table(choice, frame),
    )


def _line(frame: "pd.DataFrame", key: str, role: str) -> Line:
    label = METRICS[key].short_label
    return Line(list(frame[key]), [f"{label}: {fmt.count(value)}" for value in frame[key]], role)
