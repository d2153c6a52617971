"""Charts with their words: title, sentence for those who do not see, legend, and the table of the same numbers."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import figures, frames, tables
from analytics.figures import Leaf, Line
from analytics.metrics import METRICS
from analytics.queries.places import Choice
from analytics.queries.sales import Sales
from analytics.queries.sums import Cells
from analytics.tables import Row
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Key, Ramp

LEAVES = 40  # stores drawn by themselves; beyond, boxes are too small to read, and the rest of a category share one


def axis(currency: str) -> fmt.Axis:
    """The scale of money axes, in the mall's currency."""
    scale = fmt.axis_money()
    if currency == "¥":
        return scale
    return fmt.Axis(scale.divisor, f"{currency} {'万' if fmt.is_chinese() else 'K'}")


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


def _line(choice: Choice, key: str, values: Sequence, period, role: str = "c1") -> Line:
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


# --- Categories and stores ---


def mix(choice: Choice, rows: Sequence[Row]) -> Chart:
    """Where net sales come from: boxes of the categories below the chosen one, and of their stores.

    A store without sales above zero has no box.
    """
    boxes = tables.mix_rows(choice, rows, LEAVES)
    largest = max(boxes, key=lambda row: row["net_sales"])
    return Chart(
        id="mix",
        title=_("Where sales come from"),
        sub=_("By category and store. Click to filter."),
        label=_("Boxes by category and store, sized by net sales; the largest is %(store)s with %(share)s.")
        % {"store": largest["name"], "share": fmt.percent(largest["share"])},
        figure=figures.treemap(_leaves(choice, boxes)),
        keys=[Key(_("Growing"), "up"), Key(_("Falling"), "down")] if choice.before else [],
        table=tables.mix_table(choice, boxes),
        size="lg",
    )


def _leaves(choice: Choice, boxes: Sequence[Row]) -> list[Leaf]:
    """The whole, its categories, and in them their stores."""
    title = choice.category.name if choice.category else _("All stores")
    leaves = [_group(choice, "all", title, "", boxes)]
    for branch in dict.fromkeys(box["branch"] for box in boxes):
        inside = [box for box in boxes if box["branch"] == branch]
        parent = "all"
        if branch != choice.category:
            parent = f"category-{branch.code}"
            leaves.append(_group(choice, parent, branch.name, "all", inside, click={"category": branch.code}))
        leaves += [_box(choice, box, parent) for box in inside]
    return leaves


def _group(choice: Choice, id: str, name: str, parent: str, inside: Sequence[Row], click=None) -> Leaf:
    total = sum(box["net_sales"] for box in inside)
    label = name if parent else f"{name} {_short(choice, total)}"
    return Leaf(id, label, parent, 0, "", f"{figures.plain(name)}: {_money(choice, total)}", click=click)


def _box(choice: Choice, box: Row, parent: str) -> Leaf:
    """A click goes one step down: from the whole mall to the category, from the category to the store."""
    change, store = box.get("net_sales_ratio"), box["store"]
    click = {"category": box["branch"].code}
    if choice.category:
        click = {"store": store.code} if store else None
    moved = f" ({box['net_sales_change'].text})" if change is not None else ""
    return Leaf(
        f"store-{store.code}" if store else f"rest-{box['branch'].code}",
        box["name"], parent, box["net_sales"] / 100, fmt.percent(box["share"]),
        f"{figures.plain(box['name'])}: {_money(choice, box['net_sales'])}{moved}",
        change=None if change is None else round(float(change), 4), click=click,
    )  # fmt: skip


def by_category(choice: Choice, rows: Sequence[Row], links: Sequence[str]) -> Chart:
    """Net sales of some categories, largest first."""
    ordered = sorted(zip(rows, links, strict=True), key=lambda pair: -pair[0]["net_sales"])
    values = [row["net_sales"] for row, _link in ordered]
    return Chart(
        id="by-category",
        title=_("Net sales by category"),
        label=_("Bars: net sales of %(count)s categories, largest first.") % {"count": len(rows)},
        figure=figures.bars(
            [row["name"] for row, _link in ordered],
            [value / 100 for value in values],
            [f"{_short(choice, row['net_sales'])} · {fmt.percent(row['share'])}" for row, _link in ordered],
            clicks=[{"url": link} for _row, link in ordered],
        ),
    )


def _money(choice: Choice, fen: int) -> str:
    return figures.plain(fmt.money(fen, choice.place.mall.currency))


def _short(choice: Choice, fen: int) -> str:
    return fmt.money_short(fen, symbol=choice.place.mall.currency)


# --- Hours ---


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
        % {"value": _short(choice, max(known))},
        figure=figures.heatmap(
            names,
            [tables.hour_text(hour) for hour in frame.columns],
            [[value / 100 for value in row] for row in values],
            [[_money(choice, value) for value in row] for row in values],
        ),
        ramp=Ramp(_short(choice, min(known)), _short(choice, max(known))),
        table=tables.hour_table(choice, frame, names),
        size="lg",
    )
