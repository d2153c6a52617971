"""Floors as plans: each unit in the colour of its figure."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.tables.columns import CHANGE, Row
from mallops.lib.ui.parts import Ramp
from merchants.models import Floor, Store
from merchants.plans import Box
from merchants.queries.plans import places

STEPS = 6  # classes seq-0 to seq-5
TURNS = (Fraction(-1, 20), Fraction(-1, 200), Fraction(1, 200), Fraction(1, 20))  # of a change: div-0 to div-4
CHINESE = "\u2e80"  # the first letter as wide as high
LETTER, SMALL = 1.9, 2.8  # height of letters in squares: on a plan by itself, on one of several that are drawn smaller
LINE, NARROW = 1.4, 0.56  # height of a line, and width of a letter that is not Chinese, in heights of letters


@dataclass(frozen=True, slots=True)
class Unit:
    """A store on a plan: where, the class of its colour, what is written in it, and told when it is pointed at."""

    box: Box
    css: str
    lines: list[tuple[str, str]]  # height, text
    told: str
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    floor: Floor
    name: str
    units: list[Unit]
    label: str


def plans(choice: Choice, rows: Sequence[Row], key: str, link: Callable[[Store], str]) -> list[Plan]:
    """A plan for each floor with stores, from the lowest; `rows` are of stores (`tables.plan.plan_rows`)."""
    colour = colours([row["value"] for row in rows], diverging=key == CHANGE)
    by_floor: dict[Floor, list[Row]] = {}
    for row in rows:
        if floor := row["store"].floor:
            by_floor.setdefault(floor, []).append(row)
    letter = LETTER if len(by_floor) == 1 else SMALL
    floors = sorted(by_floor, key=lambda floor: floor.level)
    return [
        _plan(floor, [_unit_row(row, colour, link) for row in by_floor[floor]], _boxes(choice, floor), letter)
        for floor in floors
    ]


def _boxes(choice: Choice, floor: Floor) -> Mapping[int, Box]:
    """Of all stores of the floor, so that those chosen lie where they always do."""
    return places(store for store in choice.place.stores if store.floor_id == floor.pk)


def _unit_row(row: Row, colour: Callable, link: Callable[[Store], str]) -> Row:
    store: Store = row["store"]
    told = " · ".join(filter(None, [store.unit, store.name, f"{row['label']} {row['text']}"]))
    return row | {"css": colour(row["value"]), "told": told, "url": link(store)}


def _plan(floor: Floor, rows: Sequence[Row], boxes: Mapping[int, Box], letter: float) -> Plan:
    units = [
        Unit(box, row["css"], _lines(row, box, letter), row["told"], row["url"])
        for row in rows if (box := boxes.get(row["store"].pk))
    ]  # fmt: skip
    name = " ".join(filter(None, [floor.code, floor.name]))
    label = _("Plan of %(floor)s with %(count)s stores") % {"floor": name, "count": len(units)}
    return Plan(floor, name, units, label)


def _lines(row: Row, box: Box, letter: float) -> list[tuple[str, str]]:
    """The name and the figure, as far as they fit into the box."""
    room = int((box.height - 1) / (LINE * letter))
    words = [*wrapped(row["name"], (box.width - 1.2) / letter, room - 1), row["text"]] if room else []
    if words and _width(words[-1]) > (box.width - 1) / letter:
        words.pop()
    return [(f"{box.y + LINE * letter * number:.1f}", text) for number, text in enumerate(words, start=1)]


def wrapped(text: str, width: float, lines: int) -> list[str]:
    """The text in so many lines at most, none wider than so many heights of letters."""
    found = [""]
    for word in _words(text):
        if _width(found[-1] + word) > width and found[-1].strip():
            found.append("")
        found[-1] += word
    return [_cut(line.strip(), width) for line in found[: max(lines, 0)] if line.strip()]


def _words(text: str) -> list[str]:
    """Words with the blank after them; Chinese breaks anywhere."""
    return list(text) if any(letter >= CHINESE for letter in text) else [f"{word} " for word in text.split()]


def _width(text: str) -> float:
    return sum(NARROW if letter < CHINESE else 1 for letter in text.strip())


def _cut(line: str, width: float) -> str:
    while line and _width(line) > width:
        line = line[:-1]
    return line


def colours(values: Sequence, *, diverging: bool) -> Callable[[object], str]:
    """The class of a value's colour. A sixth of the values has each of the six colours, the darkest the largest; a
    change is coloured by whether it is strong, slight, or none."""
    known = sorted(value for value in values if value is not None)

    def css(value) -> str:
        if value is None:
            return "unit-none"
        if diverging:
            return f"div-{sum(value > turn for turn in TURNS)}"
        return f"seq-{STEPS * bisect_left(known, value) // len(known)}"

    return css


def ramp(choice: Choice, rows: Sequence[Row], key: str) -> Ramp | None:
    if key == CHANGE:
        return Ramp(_("falling"), _("growing"), diverging=True)
    known = [row["value"] for row in rows if row["value"] is not None]
    if not known:
        return None
    return Ramp(*(METRICS[key].short(end, choice.place.mall.currency) for end in (min(known), max(known))))


def without_floor(rows: Sequence[Mapping]) -> int:
    return sum(row["store"].floor is None for row in rows)
