"""Hours of the week as heat maps: a metric, and how it moved."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from analytics import figures
from analytics.metrics import METRICS, Metric, Value
from analytics.queries.choice import Choice
from analytics.queries.sales import knows_hours
from analytics.queries.sums import Cells
from analytics.slots import Slot, Slots, by_weekday, differences, extremes, filled, hours_of, opening, slots
from analytics.tables.slots import slot_table
from analytics.tables.times import hour_text
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Ramp

from .words import heights

Tell = Callable[[Choice, Metric, Value], str]


def busy_hours(choice: Choice, cells: Cells) -> Chart:
    """Net sales, as one part of a board: an hour without any is one of zero."""
    title, sub = _("Busy hours"), _("Average net sales by weekday and hour")
    if not knows_hours(choice):
        why = _("Hours by channel or by new and returning shoppers are known for the whole mall.")
        return Chart(id="hours", title=title, label="", empty=Empty(_("Not known for a part of the mall"), why))
    found = filled(slots(cells, choice.period, "net_sales"))
    return _heat(choice, "net_sales", found, full, id="hours", title=title, sub=sub, table=sub)


def week(choice: Choice, key: str, found: Slots) -> Chart:
    title = _("%(metric)s by weekday and hour") % {"metric": METRICS[key].label}
    sub = _("Of all such hours together") if METRICS[key].per else _("Average of all such hours")
    return _heat(choice, key, found, text, id="slots", title=title, sub=sub, table=_("By weekday and hour"))


def _heat(choice: Choice, key: str, found: Slots, tell: Tell, *, id: str, title: str, sub: str, table: str) -> Chart:
    """Hours of more refunds than sales are as light as those of nothing; `tell` writes values where there is room."""
    metric = METRICS[key]
    known = [value for value in found.values() if value is not None] or [0]
    drawn = {slot: None if value is None else max(value, 0) for slot, value in found.items()}
    return Chart(
        id=id,
        title=title,
        sub=sub,
        label=_("Heat map: %(metric)s by weekday and hour; the highest is %(value)s.")
        % {"metric": metric.label, "value": text(choice, metric, max(known))},
        figure=figures.heatmap(*_axes(found), _heights(metric, drawn), _texts(choice, metric, found, tell)),
        ramp=Ramp(text(choice, metric, max(min(known), 0)), text(choice, metric, max(known))),
        table=slot_table(choice, key, found, weekdays(), tell, label=table),
        size="lg",
    )


def moved(choice: Choice, key: str, now: Slots, before: Slots) -> Chart:
    """The same slots against those of the compared days."""
    metric, found = METRICS[key], differences(now, before, both=bool(METRICS[key].per))
    most = max((abs(value) for value in found.values()), default=0)
    return Chart(
        id="slots-moved",
        title=_("Change by weekday and hour"),
        sub=_("An average hour, less that of the compared days"),
        label=_("Heat map: by how much %(metric)s moved in each hour of the week, at most by %(value)s.")
        % {"metric": metric.label, "value": text(choice, metric, most)},
        figure=figures.difference(*_axes(found), _heights(metric, found), _texts(choice, metric, found, text)),
        ramp=Ramp(_("less"), _("more"), diverging=True),
        table=slot_table(choice, key, found, weekdays(), text, label=_("Change by weekday and hour")),
        size="lg",
    )


def _axes(found: Slots) -> tuple[list[str], list[str]]:
    return weekdays(), [hour_text(hour) for hour in hours_of(found)]


def _heights(metric: Metric, found: Slots) -> list[list[float | None]]:
    axis = fmt.Axis(100 if metric.unit == "fen" else 1, "")
    return [heights(row, axis) for row in by_weekday(found)]


def _texts(choice: Choice, metric: Metric, found: Slots, tell: Tell) -> list[list[str]]:
    return [[figures.plain(tell(choice, metric, value)) for value in row] for row in by_weekday(found)]


def weekdays() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def full(choice: Choice, metric: Metric, value: Value) -> str:
    return metric.text(value, choice.place.mall.currency)


def text(choice: Choice, metric: Metric, value: Value) -> str:
    """A value in short; averages of counts with one decimal."""
    if value is not None and metric.unit == "count":
        return f"{float(value):,.1f}"
    return metric.short(value, choice.place.mall.currency)


def words(choice: Choice, key: str, found: Slots) -> list[tuple[str, list[str]]]:
    """The busiest and the quietest slots as sentences."""
    high, low = extremes(found if METRICS[key].per else opening(found))
    return [(_("Highest"), _lines(choice, key, found, high)), (_("Lowest"), _lines(choice, key, found, low))]


def _lines(choice: Choice, key: str, found: Mapping[Slot, Value], shown: list[Slot]) -> list[str]:
    names, metric = weekdays(), METRICS[key]
    return [
        _("%(day)s %(hour)s: %(value)s")
        % {"day": names[day], "hour": hour_text(hour), "value": text(choice, metric, found[(day, hour)])}
        for day, hour in shown
    ]
