"""The last minutes as lines."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Line
from analytics.metrics import METRICS, Sums
from analytics.queries.choice import Choice
from analytics.tables.live import minute_table
from mallops.lib.ui.parts import Chart, Empty, Key

PAYMENTS = ("transactions", "gross_sales")
COUPONS = {"issued": "c1", "redeemed": "c2"}
TIMES = {"type": "date", "tickformat": "%H:%M", "hoverformat": "%H:%M", "nticks": 7}


def payments(choice: Choice, minutes: Sequence[datetime], sums: Sequence[Sums]) -> Chart:
    """How many payments in each minute; the pointer tells their amount too. `minutes` by the mall's clock."""
    counts, texts = [METRICS["transactions"].value(one) for one in sums], [_said(choice, PAYMENTS, one) for one in sums]
    return Chart(
        id="payments-by-minute",
        title=_("Payments by minute"),
        sub=_("The last %(count)s minutes") % {"count": len(minutes)},
        label=_("Line chart: %(count)s payments in the last %(minutes)s minutes.")
        % {"count": sum(counts), "minutes": len(minutes)},
        figure=_figure(minutes, [Line(counts, texts, fill=True)]),
        table=minute_table(choice, _("Payments by minute"), PAYMENTS, minutes, sums),
        size="sm",
        empty=None if any(counts) else Empty(_("No payment in these minutes")),
    )


def coupons(choice: Choice, minutes: Sequence[datetime], sums: Sequence[Sums]) -> Chart:
    values = {key: [METRICS[key].value(one) for one in sums] for key in COUPONS}
    series = [Line(values[key], [_said(choice, [key], one) for one in sums], role) for key, role in COUPONS.items()]
    return Chart(
        id="coupons-by-minute",
        title=_("Coupons by minute"),
        sub=_("The last %(count)s minutes") % {"count": len(minutes)},
        label=_("Lines: %(issued)s coupons issued and %(redeemed)s redeemed in the last %(minutes)s minutes.")
        % ({key: sum(numbers) for key, numbers in values.items()} | {"minutes": len(minutes)}),
        figure=_figure(minutes, series),
        keys=[Key(METRICS[key].short_label, role, line=True) for key, role in COUPONS.items()],
        table=minute_table(choice, _("Coupons by minute"), list(COUPONS), minutes, sums),
        size="sm",
        empty=None if any(map(any, values.values())) else Empty(_("No coupon in these minutes")),
    )


def _figure(minutes: Sequence[datetime], series: Sequence[Line]) -> figures.Figure:
    figure = figures.lines([minute.replace(tzinfo=None) for minute in minutes], series)
    figure["layout"]["xaxis"] = TIMES
    return figure


def _said(choice: Choice, keys: Sequence[str], sums: Sums) -> str:
    currency = choice.place.mall.currency
    texts = [f"{METRICS[key].short_label}: {METRICS[key].text(METRICS[key].value(sums), currency)}" for key in keys]
    return "<br>".join(map(figures.plain, texts))
