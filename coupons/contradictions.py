"""Whether a tree of conditions can be true at all, together with its trigger. Pure, and careful: it never says no
to what could be.

The tree is taken apart into cases, each a list of conditions that hold or do not hold together; in each case the facts
are narrowed down one by one until nothing is left of one of them. With too many cases nothing is said.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, product
from math import inf
from typing import NamedTuple

from .engine.conditions import Leaf, Node, Not
from .engine.history import Places

CASES = 512
MINUTES = 1_440


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


@dataclass(frozen=True, slots=True)
class Scope:
    """What the trigger leaves open: amounts (fen), stores, weekdays, minutes; both ends of a span included."""

    amount: tuple[float, float]
    stores: frozenset[int]
    weekdays: frozenset[int]
    minutes: tuple[tuple[int, int], ...]


class Window(NamedTuple):
    """What a figure of the shopper's history counts: which, in how many days, at which stores (None: the mall)."""

    figure: str
    days: float
    stores: frozenset[int] | None

    def within(self, other: "Window") -> bool:
        inside = other.stores is None or (self.stores is not None and self.stores <= other.stores)
        return self.figure == other.figure and self.days <= other.days and inside


@dataclass
class Facts:
    """What is still possible in one case."""

    scope: Scope
    places: Places
    history: dict[Window, tuple[float, float]] = field(default_factory=dict)
    wanted: dict[str, list[frozenset]] = field(default_factory=dict)
    barred: dict[str, set] = field(default_factory=dict)
    parked: frozenset[bool] = frozenset({True, False})

    def __post_init__(self) -> None:
        self.amount, self.stores = self.scope.amount, self.scope.stores
        self.weekdays, self.minutes = self.scope.weekdays, self.scope.minutes


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
        topic, possible = _NARROW[literal.leaf.fact](facts, literal.leaf, literal.holds)
        if not possible:
            return Clash(topic, literal.place)
    return None


Narrowed = tuple[str, bool]


def _range(leaf: Leaf, holds: bool) -> tuple[float, float]:
    """The numbers that a comparison leaves."""
    if leaf.op == "equals":
        return (leaf.value, leaf.value) if holds else (-inf, inf)
    if (leaf.op == "at_least") is holds:
        return (leaf.value if holds else leaf.value + 1, inf)
    return (-inf, leaf.value if holds else leaf.value - 1)


def _amount(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    least, most = _range(leaf, holds)
    facts.amount = max(facts.amount[0], least), min(facts.amount[1], most)
    return "amount", facts.amount[0] <= facts.amount[1]


def _minute(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    least, most = _range(leaf, holds)
    cut = [(max(first, least), min(last, most)) for first, last in facts.minutes]
    facts.minutes = tuple((first, last) for first, last in cut if first <= last)
    return "minute", bool(facts.minutes)


def _weekday(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    named = frozenset(leaf.value)
    facts.weekdays = facts.weekdays & named if (leaf.op == "in") is holds else facts.weekdays - named
    return "weekday", bool(facts.weekdays)


def _store(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    named = facts.places.stores((), leaf.value) if leaf.fact == "category" else frozenset(leaf.value)
    facts.stores = facts.stores & named if (leaf.op == "in") is holds else facts.stores - named
    return "store", bool(facts.stores)


def _held(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    """Tags, and stocks of which a coupon is held: one of those wanted has to be left beside those barred."""
    wanted, barred = facts.wanted.setdefault(leaf.fact, []), facts.barred.setdefault(leaf.fact, set())
    if (leaf.op == "in") is holds:
        wanted.append(frozenset(leaf.value))
    else:
        barred |= set(leaf.value)
    return leaf.fact, all(one - barred for one in wanted)


def _parked(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    facts.parked &= {leaf.value is holds}
    return "parked", bool(facts.parked)


def _history(facts: Facts, leaf: Leaf, holds: bool) -> Narrowed:
    """Figures of the past: one that counts less than another cannot be larger; there is at most a visit a day."""
    for window, (least, most) in _told(facts, leaf, holds):
        before = facts.history.get(window, (0, window.days if window.figure == "visits" else inf))
        facts.history[window] = max(before[0], least), min(before[1], most)
    known = facts.history.items()
    return "history", not any(
        small[0] > large[1] for inner, small in known for outer, large in known if inner.within(outer)
    )


def _told(facts: Facts, leaf: Leaf, holds: bool) -> Iterator[tuple[Window, tuple[float, float]]]:
    """What a condition on the past says about visits and money spent."""
    named = facts.places.stores(leaf.stores, leaf.categories)
    stores = None if named is None else frozenset(named)
    visits = Window("visits", leaf.days or inf, stores)
    if leaf.fact == "first_visit":
        yield visits, ((-inf, 0) if leaf.value is holds else (1, inf))
    elif leaf.fact == "visits":
        yield visits, _range(leaf, holds)
    elif leaf.fact == "spend_fen":
        spent = _range(leaf, holds)
        yield Window("spend", leaf.days or inf, stores), spent
        if spent[0] > 0 or spent[1] <= 0:
            yield visits, ((1, inf) if spent[0] > 0 else (-inf, 0))
    elif holds:  # days since the last visit; what was never satisfies nothing, so its opposite says nothing
        least, most = _range(leaf, holds)
        yield visits, (1, inf)
        if least > 0:
            yield Window("visits", least, stores), (-inf, 0)
        if most < inf:
            yield Window("visits", most + 1, stores), (1, inf)


_NARROW: dict[str, Callable[[Facts, Leaf, bool], Narrowed]] = {
    "amount_fen": _amount,
    "minute": _minute,
    "weekday": _weekday,
    "store": _store,
    "category": _store,
    "tag": _held,
    "holds_stock": _held,
    "parked": _parked,
    "first_visit": _history,
    "visits": _history,
    "spend_fen": _history,
    "days_since_visit": _history,
}
