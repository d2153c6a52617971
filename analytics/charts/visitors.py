"""Shoppers of a store by day: all of them, and those new to the mall."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Line
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.tables.columns import day_column, metric_column
from analytics.tables.times import mark_column
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key
from mallops.lib.ui.tables import Table

from .times import mark_keys

KEYS = {"shoppers": "c1", "new_shoppers": "c2"}


def by_day(choice: Choice, counts: Mapping[str, Mapping[date, int]]) -> Chart:
    """`counts` are numbers of people by metric and day. Weeks are not told: people of several days are not summed."""
    title = _("Shoppers by day")
    if choice.weekly or choice.mixed:
        why = _("They are counted by day, for up to half a year, and for all channels together.")
        return Chart(id="shoppers-by-day", title=title, label="", empty=Empty(_("Not known here"), why))
    series = [_line(choice, key, counts[key]) for key in KEYS]
    rows = [{"day": day} | {key: counts[key].get(day, 0) for key in KEYS} for day in choice.period]
    columns = [day_column("day", _("Day"))]
    columns += [metric_column(key, choice.place.mall.currency, sortable=False) for key in KEYS]
    return Chart(
        id="shoppers-by-day",
        title=title,
        label=_("Lines: different shoppers, and those new to the mall, by day."),
        figure=figures.lines(list(choice.period), series, choice.marks),
        keys=[Key(METRICS[key].label, role, line=True) for key, role in KEYS.items()] + mark_keys(choice.marks),
        table=Table(columns + mark_column(choice, rows), rows, label=title, page_size=None),
    )


def _line(choice: Choice, key: str, counts: Mapping[date, int]) -> Line:
    values = [counts.get(day, 0) for day in choice.period]
    texts = [figures.plain(f"{METRICS[key].label}: {fmt.count(value)}") for value in values]
    return Line(values, texts, KEYS[key])
