"""Plans of floors: where units lie in a grid of PLAN_WIDTH x PLAN_HEIGHT squares. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH

PER_CORRIDOR = 24  # units along both sides of one corridor; more units need another
MOST_CORRIDORS = 12  # each still has units two squares high
WIDEST = 4  # a unit reaches up to the next number, but not further than so many numbers
_NUMBER = re.compile(r"(\d+)\D*$")


class Box(NamedTuple):
    """Left, top, width and height in squares."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Box") -> bool:
        return (
            self.x < other.x + other.width and other.x < self.x + self.width
            and self.y < other.y + other.height and other.y < self.y + self.height
        )  # fmt: skip


def arranged(units: Iterable[str]) -> dict[str, Box]:
    """A box for each unit, in rows on both sides of corridors, in the order of their numbers.

    A unit is as wide as the numbers up to the next one of its row: L1-01 took in the units before L1-05. Units
    that the grid has no room for get none.
    """
    ordered = sorted(set(units), key=_order)
    corridors = min(-(-len(ordered) // PER_CORRIDOR), MOST_CORRIDORS)
    rows = _split(ordered, 2 * corridors)
    return {unit: box for number, row in enumerate(rows) for unit, box in _row(row, number, corridors)}


def _order(unit: str) -> tuple[int, str]:
    return (_number(unit), unit)


def _number(unit: str) -> int:
    found = _NUMBER.search(unit)
    return int(found[1][:9]) if found else 0


def _split(units: Sequence[str], parts: int) -> list[Sequence[str]]:
    """So many parts of nearly one length, in order."""
    return [units[len(units) * part // parts : len(units) * (part + 1) // parts] for part in range(parts)]


def _row(units: Sequence[str], number: int, corridors: int) -> Iterable[tuple[str, Box]]:
    """A row above (even number) or below its corridor, from one end of the plan to the other."""
    band = PLAN_HEIGHT // corridors
    height = max(band * 2 // 5, 1)
    top = number // 2 * band + (band - height if number % 2 else 0)
    edges = _edges(_weights(units[:PLAN_WIDTH]))
    for unit, (left, right) in zip(units, pairwise(edges), strict=False):
        yield unit, Box(left, top, right - left, height)


def _weights(units: Sequence[str]) -> list[int]:
    numbers = [_number(unit) for unit in units]
    gaps = [min(max(after - before, 1), WIDEST) for before, after in pairwise(numbers)]
    return [*gaps, 1] if units else []


def _edges(weights: Sequence[int]) -> list[int]:
    """Where one unit ends and the next begins: in proportion to the weights, each at least one square."""
    free, whole = PLAN_WIDTH - len(weights), sum(weights)
    edges, passed = [0], 0
    for number, weight in enumerate(weights, start=1):
        passed += weight
        edges.append(number + free * passed // whole)
    return edges


def overlapping(boxes: Mapping[str, Box]) -> list[tuple[str, str]]:
    """The pairs of names whose boxes have squares in common."""
    return [(one, other) for one, other in combinations(boxes, 2) if boxes[one].overlaps(boxes[other])]
