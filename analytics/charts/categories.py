"""Categories over time: which share of net sales each had."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Line
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells
from analytics.tables.categories import shares_table
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Key
from merchants.models import Category

from .times import mark_keys

ROLES = ("c1", "c2", "c3", "c4", "c5", "c6")
Course = Mapping[str, Sequence[int]]  # name -> net sales in fen of each step


def courses(choice: Choice, cells: Cells, categories: Iterable[Category]) -> dict[int, list[int]]:
    """Net sales in fen of each category with all below it, by its id, in each step of the period."""
    steps, own, net = choice.steps(), {}, METRICS["net_sales"]
    number = {step.last: at for at, step in enumerate(steps)}
    for (_side, category, last), sums in cells.items():
        own.setdefault(category, [0] * len(steps))[number[last]] += net.value(sums)
    found = {}
    for category in categories:
        below = [own[pk] for pk in choice.place.below[category.pk] if pk in own]
        found[category.pk] = [sum(values) for values in zip(*below, strict=True)] if below else [0] * len(steps)
    return found


def over_time(choice: Choice, branches: Sequence[Category], found: Mapping[int, Sequence[int]]) -> Chart:
    """The largest branches by themselves, the others as one."""
    course = _largest(branches, found)
    whole = [sum(max(value, 0) for value in step) for step in zip(*course.values(), strict=True)]
    title = _("Share over time")
    return Chart(
        id="shares",
        title=title,
        sub=_("Of the net sales of each week") if choice.weekly else _("Of the net sales of each day"),
        label=_("Areas: the share of %(count)s categories in net sales over the period.") % {"count": len(course)},
        figure=figures.shares([step.start for step in choice.steps()], _areas(course, whole), choice.marks),
        keys=[Key(name, role) for name, role in zip(course, _roles(course), strict=True)] + mark_keys(choice.marks),
        table=shares_table(choice, title, course),
        size="lg",
    )


def _largest(branches: Sequence[Category], found: Mapping[int, Sequence[int]]) -> dict[str, Sequence[int]]:
    ordered = sorted(branches, key=lambda branch: -sum(found[branch.pk]))
    room = len(ROLES) if len(ordered) <= len(ROLES) else len(ROLES) - 1
    course = {branch.name: found[branch.pk] for branch in ordered[:room]}
    if rest := ordered[room:]:
        course[_("Other categories")] = [sum(values) for values in zip(*(found[b.pk] for b in rest), strict=True)]
    return course


def _roles(course: Course) -> list[str]:
    return [*ROLES[: len(course) - 1], "other" if len(course) == len(ROLES) else ROLES[len(course) - 1]]


def _areas(course: Course, whole: Sequence[int]) -> list[Line]:
    made = []
    for (name, values), role in zip(course.items(), _roles(course), strict=True):
        parts = [max(value, 0) / total if total else 0 for value, total in zip(values, whole, strict=True)]
        texts = [figures.plain(f"{name}  {fmt.percent(part)}") for part in parts]
        made.append(Line([round(part * 100, 2) for part in parts], texts, role))
    return made
