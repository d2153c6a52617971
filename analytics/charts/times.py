"""One metric by day, and by weekday and hour."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from analytics import figures, frames
from analytics.figures import Line
from analytics.marks import Mark
from analytics.metrics import METRICS, Metric
from analytics.queries.places import Choice
from analytics.queries.sales import knows_hours
from analytics.queries.sums import Cells
from analytics.tables import times as tables
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key, Ramp

from .words import axis, money, short


def by_day(choice: Choice, cells: Cells, key: str = "net_sales") -> Chart:
    """One metric by day, over the compared days drawn dotted; long periods by week (`periods.steps`)."""
    metric = METRICS[key]
    now = list(frames.by_step(choice, cells, [key])[key])
    before = list(frames.by_step(choice, cells, [key], side=1)[key]) if choice.before else None
    return drawn(choice, key, _title(choice, metric), now, before)


def drawn(choice: Choice, key: str, title: str, now: Sequence, before: Sequence | None) -> Chart:
    """Values of one metric for each step of the period, and of the compared days."""
    metric = METRICS[key]
    scale = _scale(choice, metric, [*now, *(before or ())])
    series = [_line(choice, key, now, scale)]
    if before is not None:
        series.append(_line(choice, key, before, scale, side=1))
    return Chart(
        id=f"{key}-by-day",
        title=title,
        sub=scale.label if scale else "",
        label=_day_sentence(choice, key, now),
        figure=figures.lines([step.start for step in choice.steps()], series, choice.marks),
        keys=_keys(before is not None) + mark_keys(choice.marks),
        table=tables.day_table(choice, key, now, before),
    )


def _scale(choice: Choice, metric: Metric, values: Sequence) -> fmt.Axis | None:
    """Rates are drawn in percent."""
    if metric.unit == "rate":
        return fmt.Axis(Fraction(1, 100), "%")
    return axis(choice, values) if metric.unit == "fen" else None


def _title(choice: Choice, metric: Metric) -> str:
    return (_("%(metric)s by week") if choice.weekly else _("%(metric)s by day")) % {"metric": metric.label}


def _keys(compared: bool) -> list[Key]:
    if not compared:
        return []
    return [Key(_("This period"), "c1", line=True), Key(_("Compared days"), "muted", dash=True)]


def mark_keys(marks: Sequence[Mark]) -> list[Key]:
    """The legend of what is marked on a chart."""
    kinds = {mark.kind for mark in marks}
    words = {"holiday": _("Holiday"), "launch": _("Rule launched"), "note": _("Note")}
    return [Key(text, kind, line=kind == "launch") for kind, text in words.items() if kind in kinds]


def _line(choice: Choice, key: str, values: Sequence, scale: fmt.Axis | None, side: int = 0) -> Line:
    metric, currency = METRICS[key], choice.place.mall.currency
    divisor = scale.divisor if scale else 1
    heights = [None if value is None else round(float(value) / divisor, 3) for value in values]
    spans = [fmt.date_range(step.start, step.last) for step in choice.steps(side)]
    texts = [f"{span}  {metric.text(value, currency)}" for span, value in zip(spans, values, strict=True)]
    return Line(heights, [figures.plain(text) for text in texts], "muted" if side else "c1", fill=not side)


def _day_sentence(choice: Choice, key: str, values: Sequence) -> str:
    metric, days = METRICS[key], [step.start for step in choice.steps()]
    highest, day = max(((value, day) for day, value in zip(days, values, strict=True) if value is not None),
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
    if not knows_hours(choice):
        why = _("Hours by channel or by new and returning shoppers are known for the whole mall.")
        unknown = Empty(_("Not known for a part of the mall"), why)
        return Chart(id="hours", title=_("Busy hours"), label="", empty=unknown)
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
