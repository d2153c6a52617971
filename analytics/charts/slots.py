"""Hours of the week as heat maps: a metric, and how it moved."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from analytics import figures
from analytics.metrics import METRICS, Metric, Value
from analytics.queries.places import Choice
from analytics.slots import Slot, Slots, differences, extremes, hours_of, opening
from analytics.tables.slots import hour_text, slot_table
from mallops.lib.ui.parts import Chart, Ramp

from .times import weekdays


def week(choice: Choice, key: str, found: Slots) -> Chart:
    metric = METRICS[key]
    known = [value for value in found.values() if value is not None] or [0]
    return Chart(
        id="slots",
        title=_("%(metric)s by weekday and hour") % {"metric": metric.label},
        sub=_("Of all such hours together") if metric.per else _("Average of all such hours"),
        label=_("Heat map: %(metric)s by weekday and hour; the highest is %(value)s.")
        % {"metric": metric.label, "value": text(choice, metric, max(known))},
        figure=_figure(choice, metric, found, figures.heatmap),
        ramp=Ramp(text(choice, metric, min(known)), text(choice, metric, max(known))),
        table=slot_table(choice, key, found, weekdays(), text, label=_("By weekday and hour")),
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
        figure=_figure(choice, metric, found, figures.difference),
        ramp=Ramp(_("less"), _("more"), diverging=True),
        table=slot_table(choice, key, found, weekdays(), text, label=_("Change by weekday and hour")),
        size="lg",
    )


def _figure(choice: Choice, metric: Metric, found: Slots, draw) -> figures.Figure:
    hours, names = hours_of(found), weekdays()
    rows = [[found.get((weekday, hour)) for hour in hours] for weekday in range(7)]
    heights = [[None if value is None else round(float(value) / (100 if metric.unit == "fen" else 1), 4)
                for value in row] for row in rows]  # fmt: skip
    texts = [[figures.plain(text(choice, metric, value)) for value in row] for row in rows]
    return draw(names, [hour_text(hour) for hour in hours], heights, texts)


def text(choice: Choice, metric: Metric, value: Value) -> str:
    """A value in short; averages of counts with one decimal."""
    if value is not None and metric.unit == "count":
        return f"{float(value):,.1f}"
    return metric.short(value, choice.place.mall.currency)


def words(choice: Choice, key: str, found: Slots) -> list[tuple[str, list[str]]]:
    """The busiest and the quietest slots as sentences."""
    high, low = extremes(found if METRICS[key].per else opening(found))
    return [(_("Highest"), _lines(choice, key, found, high)), (_("Lowest"), _lines(choice, key, found, low))]


def _lines(choice: Choice, key: str, found: Mapping[Slot, Value], slots: list[Slot]) -> list[str]:
    names, metric = weekdays(), METRICS[key]
    return [
        _("%(day)s %(hour)s: %(value)s")
        % {"day": names[day], "hour": hour_text(hour), "value": text(choice, metric, found[(day, hour)])}
        for day, hour in slots
    ]
