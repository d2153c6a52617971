"""A merchant's stores beside the quartiles of their categories."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.standings import Compared
from analytics.standings import Hidden, Standing
from analytics.tables.standings import quartile_table, reasons
from mallops.lib.ui.parts import Chart, Empty, Key

MOST_DRAWN = 8  # stores; the table has all
ROOM = 0.4  # beside the bars for their texts, as a share of all of their width


def quartiles(choice: Choice, key: str, compared: Sequence[Compared]) -> Chart:
    metric = METRICS[key]
    told = [one for one in compared if isinstance(one.found[key], Standing)]
    if not told:
        why = dict.fromkeys(reasons()[one.found[key]] for one in compared if isinstance(one.found[key], Hidden))
        return Chart(id=key, title=metric.label, label="", empty=Empty(_("Not shown"), " ".join(why)))
    return Chart(
        id=key,
        title=metric.label,
        sub=_("Yours, and the category rounded"),
        label=_("Bars: %(metric)s of your stores beside the quartiles of their categories.") % {"metric": metric.label},
        figure=_figure(choice, key, told[:MOST_DRAWN]),
        keys=[Key(_("Yours"), "c1"), Key(_("Category"), "other")],
        table=quartile_table(choice, key, compared),
    )


def _figure(choice: Choice, key: str, told: Sequence[Compared]) -> figures.Figure:
    metric, currency = METRICS[key], choice.place.mall.currency
    labels, values, roles = zip(*_bars(key, told), strict=True)
    texts = [metric.short(value, currency) for value in values]
    return figures.bars(labels, [float(value) for value in values], texts, roles=roles, room=ROOM)


def _bars(key: str, told: Sequence[Compared]) -> Iterable[tuple]:
    """Label, value and role: of each category the own stores, then its quartiles. Bars with the same label would be
    drawn as one, so where there are several categories or stores each says whose it is."""
    by_category: dict = {}
    for one in told:
        by_category.setdefault(one.category, []).append(one)
    several = len(by_category) > 1
    for category, stores in by_category.items():
        for one in stores:
            yield _named(one.store.name, one.store.unit or one.store.code, several=True), one.found[key].own, "c1"
        found = stores[0].found[key]
        quartiles = ((_("Upper quartile"), found.high), (_("Median"), found.middle), (_("Lower quartile"), found.low))
        for label, value in quartiles:
            yield _named(label, category.name, several=several), value, "other"


def _named(label: str, of: str, *, several: bool) -> str:
    return f"{label} · {of}" if several else label
