"""One metric by day."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import figures, frames
from analytics.figures import Line
from analytics.marks import Mark
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells
from analytics.tables import times as tables
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Key

from .words import heights, scale, title_over_time


def by_day(choice: Choice, cells: Cells, key: str = "net_sales") -> Chart:
    """One metric by day, over the compared days drawn dotted; long periods by week (`periods.steps`)."""
    now = list(frames.by_step(choice, cells, [key])[key])
    before = list(frames.by_step(choice, cells, [key], side=1)[key]) if choice.before else None
    return drawn(choice, key, title_over_time(choice, METRICS[key]), now, before)


def drawn(choice: Choice, key: str, title: str, now: Sequence, before: Sequence | None) -> Chart:
    """Values of one metric for each step of the period, and of the compared days."""
    axis = scale(choice, METRICS[key], [*now, *(before or ())])
    series = [_line(choice, key, now, axis)]
    if before is not None:
        series.append(_line(choice, key, before, axis, side=1))
    return Chart(
        id=f"{key}-by-day",
        title=title,
        sub=axis.label,
        label=_day_sentence(choice, key, now),
        figure=figures.lines([step.start for step in choice.steps()], series, choice.marks),
        keys=_keys(before is not None) + mark_keys(choice.marks),
        table=tables.day_table(choice, key, now, before),
    )


def _keys(compared: bool) -> list[Key]:
    if not compared:
        return []
    return [Key(_("This period"), "c1", line=True), Key(_("Compared days"), "muted", dash=True)]


def mark_keys(marks: Sequence[Mark]) -> list[Key]:
    """The legend of what is marked on a chart."""
    kinds = {mark.kind for mark in marks}
    words = {"holiday": _("Holiday"), "launch": _("Rule launched"), "note": _("Note")}
    return [Key(text, kind, line=kind == "launch") for kind, text in words.items() if kind in kinds]


def _line(choice: Choice, key: str, values: Sequence, axis: fmt.Axis, side: int = 0) -> Line:
    metric, currency = METRICS[key], choice.place.mall.currency
    spans = [fmt.date_range(step.start, step.last) for step in choice.steps(side)]
    texts = [f"{span}  {metric.text(value, currency)}" for span, value in zip(spans, values, strict=True)]
    role = "muted" if side else "c1"
    return Line(heights(values, axis), [figures.plain(text) for text in texts], role, fill=not side)


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
