"""Who came: new and returning by day, retention by month, how often, and segments."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Line
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.tables import shoppers as tables
from analytics.tables.columns import Row
from analytics.tables.shoppers import Rule
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key, Ramp

from .times import mark_keys

SERIES = {"returning_shoppers": "c1", "new_shoppers": "c2"}


def by_day(choice: Choice, rows: Sequence[Row]) -> Chart:
    """New shoppers on top of returning ones, by day; long periods by week."""
    steps = choice.steps()
    series = [_line(choice, rows, key, role) for key, role in SERIES.items()]
    highest = max(rows, key=lambda row: row["shoppers"] or 0)
    return Chart(
        id="shoppers-by-day",
        title=_("New and returning shoppers by week") if choice.weekly else _("New and returning shoppers by day"),
        sub=_("Different shoppers of each week") if choice.weekly else _("Different shoppers of each day"),
        label=_("Bars: new and returning shoppers, %(range)s; most on %(day)s with %(count)s.") % {
            "range": fmt.date_range(choice.period.start, choice.period.last),
            "day": fmt.day_label(highest["day"]), "count": fmt.count(highest["shoppers"]),
        },
        figure=figures.stacked([step.start for step in steps], series, choice.marks),
        keys=[Key(METRICS[key].label, role) for key, role in SERIES.items()] + mark_keys(choice.marks),
        table=tables.day_table(choice, rows),
    )  # fmt: skip


def _line(choice: Choice, rows: Sequence[Row], key: str, role: str) -> Line:
    spans = [fmt.date_range(step.start, step.last) for step in choice.steps()]
    label = METRICS[key].label
    texts = [figures.plain(f"{span}  {label}: {fmt.count(row[key])}") for span, row in zip(spans, rows, strict=True)]
    return Line([row[key] for row in rows], texts, role)


def retention(rows: Sequence[Row]) -> Chart:
    """The share of the shoppers of each month of first payment that was back in each month after it."""
    title = _("Who comes back")
    months = range(1, len(rows))
    shares = [[row.get(f"after-{k}") for k in months] for row in rows]
    known = [share for row in shares for share in row if share is not None]
    if not known:
        why = _("Shares show once shoppers of an earlier month can come back; of few shoppers they are not told.")
        return Chart(id="retention", title=title, label="", empty=Empty(_("Nothing to tell yet"), why))
    text = METRICS["retention"].text
    return Chart(
        id="retention",
        title=title,
        sub=_("Rows: month of the first payment. Columns: months after it. The current month is not over."),
        label=_("Heat map: share of the shoppers of each month who paid again later; the highest is %(share)s.")
        % {"share": text(max(known))},
        figure=figures.heatmap(
            [f"{fmt.month_label(row['month'])} ({fmt.count_short(row['shoppers'])})" for row in rows],
            [f"+{k}" for k in months],
            [[None if share is None else round(float(share), 4) for share in row] for row in shares],
            [[text(share) for share in row] for row in shares],
        ),
        ramp=Ramp(text(min(known)), text(max(known))),
        table=tables.cohort_table(rows),
        size="lg",
    )


def frequency(choice: Choice, rows: Sequence[Row], year: str) -> Chart:
    sub = _("Days with a payment in the year")
    return _bars(choice, rows, "frequency", _("How often they came"), sub, _("Days"), year)


def segments(choice: Choice, rows: Sequence[Row], year: str, rule: Rule | None) -> Chart:
    sub = _("By how lately, how often and for how much they paid in the year")
    return _bars(choice, rows, "segments", _("Segments"), sub, _("Segment"), year, rule)


def _bars(
    choice: Choice, rows: Sequence[Row], id: str, title: str, sub: str, of: str, year: str, rule: Rule | None = None
) -> Chart:
    """`year` says in the table's name, which files bear, of which days it is: not of those chosen."""
    most = max(rows, key=lambda row: row["shoppers"])
    return Chart(
        id=id,
        title=title,
        sub=sub,
        label=_("Bars: shoppers of each group; most in %(group)s with %(count)s.")
        % {"group": most["name"], "count": fmt.count(most["shoppers"])},
        figure=figures.bars(
            [row["name"] for row in rows],
            [row["shoppers"] for row in rows],
            [f"{fmt.count(row['shoppers'])} · {fmt.percent(row['share'])}" for row in rows],
            room=0.8,  # for both figures on a phone
        ),
        table=tables.group_table(choice, rows, of=of, label=_(", ").join([title, year]), rule=rule),
    )
