"""Where sales come from: categories and stores."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Leaf
from analytics.queries.choice import Choice
from analytics.tables.columns import Row
from analytics.tables.mix import mix_rows, mix_table
from analytics.tables.sales import category_bars_table
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key
from merchants.models import Category

from .words import money, short

LEAVES = 100  # stores drawn by themselves; beyond, boxes are too small to read


def mix(choice: Choice, rows: Sequence[Row]) -> Chart:
    """Where net sales come from: boxes of the categories below the chosen one, and of their stores.

    A store without sales above zero has no box.
    """
    boxes = mix_rows(choice, rows, LEAVES)
    title = _("Where sales come from")
    if not boxes:
        return Chart(id="mix", title=title, label="", empty=Empty(_("No sales above zero")))
    largest = max(boxes, key=lambda row: row["net_sales"])
    return Chart(
        id="mix",
        title=title,
        sub=_("By category and store. Click to filter."),
        label=_("Boxes by category and store, sized by net sales; the largest is %(store)s with %(share)s.")
        % {"store": largest["name"], "share": fmt.percent(largest["share"])},
        figure=figures.treemap(_leaves(choice, boxes)),
        keys=[Key(_("Growing"), "up"), Key(_("Falling"), "down")] if choice.before else [],
        table=mix_table(choice, boxes),
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
    label = name if parent else f"{name} {short(choice, total)}"
    return Leaf(id, label, parent, 0, "", money(choice, total), click=click)


def _box(choice: Choice, box: Row, parent: str) -> Leaf:
    """A click goes one step down: from the whole mall to the category, from the category to the store."""
    change, store = box.get("net_sales_ratio"), box["store"]
    part = box.get("part", box["branch"])
    click = {"category": part.code}
    if choice.category and part == box["branch"]:
        click = {"store": store.code} if store else None
    moved = f" ({box['net_sales_change'].text})" if change is not None else ""
    return Leaf(
        f"store-{store.code}" if store else f"rest-{part.code}",
        box["name"], parent, round(box["net_sales"] / 100), fmt.percent(box["share"]),
        f"{money(choice, box['net_sales'])}{moved}",
        change=None if change is None else round(float(change), 3), click=click,
    )  # fmt: skip


def by_category(choice: Choice, rows: Sequence[Row], click: Callable[[Category], dict]) -> Chart:
    """Net sales of some categories, largest first; a click goes to an address or sets a filter."""
    ordered = sorted(rows, key=lambda row: -row["net_sales"])
    return Chart(
        id="by-category",
        title=_("Net sales by category"),
        label=_("Bars: net sales of %(count)s categories, largest first.") % {"count": len(rows)},
        figure=figures.bars(
            [row["name"] for row in ordered],
            [row["net_sales"] / 100 for row in ordered],
            [f"{short(choice, row['net_sales'])} · {fmt.percent(row['share'])}" for row in ordered],
            clicks=[click(row["category"]) for row in ordered],
        ),
        table=category_bars_table(choice, ordered),
        size="lg",
    )
