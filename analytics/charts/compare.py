"""Some stores in one picture, a colour each."""

from collections.abc import Mapping, Sequence
from itertools import chain

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Line
from analytics.metrics import METRICS, Metric, Value
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells
from analytics.tables import compare as tables
from analytics.tables.times import hour_text
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key
from merchants.models import Store

from .times import mark_keys
from .words import heights, scale, title_over_time

ROLES = ("c1", "c2", "c3", "c4", "c5")
OfStores = Mapping[Store, Sequence[Value]]


def by_day(choice: Choice, key: str, cells: Cells) -> Chart:
    """One metric of each store over the steps of the period; `cells` by (0, store id, last day of a step)."""
    metric = METRICS[key]
    values = {store: _over_steps(choice, metric, store, cells) for store in choice.place.stores}
    title, axis = title_over_time(choice, metric), _axis(choice, metric, values)
    return Chart(
        id="compared-by-day",
        title=title,
        sub=axis.label,
        label=_("Lines: %(metric)s of %(count)s stores over the period.")
        % {"metric": metric.label, "count": len(values)},
        figure=figures.lines([s.start for s in choice.steps()], _lines(choice, metric, values, axis), choice.marks),
        keys=keys_of(choice) + mark_keys(choice.marks),
        table=tables.lines_table(choice, key, title, values),
        size="lg",
    )


def _over_steps(choice: Choice, metric: Metric, store: Store, cells: Cells) -> list[Value]:
    return [metric.value(cells.get((0, store.pk, step.last), {})) for step in choice.steps()]


def by_hour(choice: Choice, key: str, cells: Cells) -> Chart:
    """One metric of each store by hour of the day, all days together; `cells` by (0, store id, hour)."""
    metric, title = METRICS[key], _("%(metric)s by hour of the day") % {"metric": METRICS[key].label}
    known = [hour for _side, _store, hour in cells]
    if not known:
        return Chart(id="compared-by-hour", title=title, label="", empty=Empty(_("No sales in this period")))
    hours = range(min(known), max(known) + 1)
    values = {store: [metric.value(cells.get((0, store.pk, hour), {})) for hour in hours]
              for store in choice.place.stores}  # fmt: skip
    axis = _axis(choice, metric, values)
    return Chart(
        id="compared-by-hour",
        title=title,
        sub=axis.label,
        label=_("Lines: %(metric)s of %(count)s stores by hour of the day.")
        % {"metric": metric.label, "count": len(values)},
        figure=figures.curves([hour_text(hour) for hour in hours], _lines(choice, metric, values, axis)),
        keys=keys_of(choice),
        table=tables.hours_table(choice, key, title, hours, values),
    )


def keys_of(choice: Choice) -> list[Key]:
    return [Key(store.name, role, line=True) for store, role in zip(choice.place.stores, ROLES, strict=False)]


def _axis(choice: Choice, metric: Metric, values: OfStores) -> fmt.Axis:
    """One for all stores."""
    return scale(choice, metric, chain.from_iterable(values.values()))


def _lines(choice: Choice, metric: Metric, values: OfStores, axis: fmt.Axis) -> list[Line]:
    made = []
    for (store, found), role in zip(values.items(), ROLES, strict=False):
        texts = [f"{store.name}  {metric.text(value, choice.place.mall.currency)}" for value in found]
        made.append(Line(heights(found, axis), [figures.plain(text) for text in texts], role))
    return made
