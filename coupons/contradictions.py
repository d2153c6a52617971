"""Whether a tree of conditions can be true at all, together with its trigger. Pure, and careful: it never says no
to what could be.

The tree is taken apart into cases, each a list of conditions that hold or do not hold together; in each case the facts
are narrowed down one by one until nothing is left of one of them. With too many cases nothing is said.
"""

from collections.abc import Iterator
from itertools import count, product
from typing import NamedTuple

from .engine.conditions import Leaf, Node, Not
from .engine.history import Places
from .narrowing import NARROW, Facts, Scope

CASES = 512


class Literal(NamedTuple):
    """A condition, by its place among the tree's, that has to hold or must not."""

    place: int
    leaf: Leaf
    holds: bool


class Clash(NamedTuple):
    """What nothing is left of (`topic`), noticed at the condition `place`."""

    topic: str
    place: int


class Verdict(NamedTuple):
    """`never`: why nothing can match, or None. `idle`: conditions that can never hold while others can."""

    never: Clash | None
    idle: frozenset[int]


def judge(node: Node | None, scope: Scope, places: Places) -> Verdict:
    """Whether the conditions can hold within what the trigger leaves open."""
    found = None if node is None else _cases(node, True, count())
    if not found:
        return Verdict(None, frozenset())
    clashes = [(case, _clash(case, scope, places)) for case in found]
    alive = {literal.place for case, clash in clashes if clash is None for literal in case}
    if not any(clash is None for _case, clash in clashes):
        return Verdict(clashes[0][1], frozenset())
    return Verdict(None, frozenset(literal.place for case, _clash_ in clashes for literal in case) - alive)


def _cases(node: Node, holds: bool, places: Iterator[int]) -> list[tuple[Literal, ...]] | None:
    """The ways in which a tree holds (or does not), each a list of literals; None where there are too many."""
    if isinstance(node, Leaf):
        return [(Literal(next(places), node, holds),)]
    if isinstance(node, Not):
        return _cases(node.part, not holds, places)
    parts = [_cases(part, holds, places) for part in node.parts]
    if any(part is None for part in parts):
        return None
    if (node.kind == "all") is not holds:  # one of them is enough
        return _few([case for part in parts for case in part])
    found: list[tuple[Literal, ...]] | None = [()]
    for part in parts:
        found = found and _few([(*case, *more) for case, more in product(found, part)])
    return found


def _few(cases: list) -> list | None:
    return cases if len(cases) <= CASES else None


def _clash(case: tuple[Literal, ...], scope: Scope, places: Places) -> Clash | None:
    facts = Facts(scope, places)
    for literal in case:
        topic, possible = NARROW[literal.leaf.fact](facts, literal.leaf, literal.holds)
        if not possible:
            return Clash(topic, literal.place)
    return None
