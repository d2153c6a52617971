"""One metric by day, and by weekday and hour."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import figures, frames
from analytics.figures import Line
from analytics.metrics import METRICS
from analytics.queries.places import Choice
from analytics.queries.sums import Cells
from analytics.tables import times as tables
from mallops.lib import format as fmt
from mallops.lib.dates import Period
from mallops.lib.ui.parts import Chart, Key, Ramp

from .words import axis, money, short


def by_day(choice: Choice, cells: Cells, key: str = "net_sales") -> Chart:
    """One metric by day, over the compared days drawn dotted."""
    metric = METRICS[key]
    now = list(frames.by_day(cells, choice.period, [key])[key])
    before = list(frames.by_day(cells, choice.before, [key], side=1)[key]) if choice.before else None
    series, keys = [_line(choice, key, now, choice.period)], []
    if before is not None:
        series.append(_line(choice, key, before, choice.before, role="muted"))
        keys = [Key(_("This period"), "c1", line=True), Key(_("Compared days"), "muted", dash=True)]
    return Chart(
        id=f"{key}-by-day",
        title=_("%(metric)s by day") % {"metric": metric.label},
        sub=axis(choice.place.mall.currency).label if metric.unit == "fen" else "",
        label=_day_sentence(choice, key, now),
        figure=figures.lines(list(choice.period), series),
        keys=keys,
        table=tables.day_table(choice, key, now, before),
    )


def _line(choice: Choice, key: str, values: Sequence, period: Period, role: str = "c1") -> Line:
    metric, currency = METRICS[key], choice.place.mall.currency
    scale = axis(currency).divisor if metric.unit == "fen" else 1
    heights = [None if value is None else round(float(value) / scale, 3) for value in values]
    texts = [f"{day.isoformat()}  {metric.text(value, currency)}" for day, value in zip(period, values, strict=True)]
    return Line(heights, [figures.plain(text) for text in texts], role, fill=role == "c1")


def _day_sentence(choice: Choice, key: str, values: Sequence) -> str:
    metric = METRICS[key]
    highest, day = max(((value, day) for day, value in zip(choice.period, values, strict=True) if value is not None),
                       default=(None, choice.period.last))  # fmt: skip
    return _("Line chart: %(metric)s by day, %(range)s; highest on %(day)s with %(value)s.") % {
        "metric": metric.label,
        "range": fmt.date_range(choice.period.start, choice.period.last),
        "day": fmt.day_label(day),
        "value": metric.text(highest, choice.place.mall.currency),
    }


def weekdays() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def busy_hours(choice: Choice, cells: Cells) -> Chart:
    frame = frames.by_weekday_hour(cells, choice.period)
    names, values = weekdays(), frame.to_numpy().tolist()
    known = [value for row in values for value in row] or [0]
    return Chart(
        id="hours",
        title=_("Busy hours"),
        sub=_("Average net sales by weekday and hour"),
        label=_("Heat map: average net sales by weekday and hour; the highest is %(value)s.")
        % {"value": short(choice, max(known))},
        figure=figures.heatmap(
            names,
            [tables.hour_text(hour) for hour in frame.columns],
            [[max(value, 0) / 100 for value in row] for row in values],
            [[money(choice, value) for value in row] for row in values],
        ),
        ramp=Ramp(short(choice, max(min(known), 0)), short(choice, max(known))),
        table=tables.hour_table(choice, frame, names),
        size="lg",
    )
