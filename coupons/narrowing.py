"""What conditions leave of the facts of an event, narrowed down one condition after the other. Pure.

Used by `contradictions`; careful in the same way: what it cannot tell, it leaves open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from .engine.conditions import Leaf
from .engine.history import Places

MINUTES = 1_440  # of a day


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


NARROW: dict[str, Callable[[Facts, Leaf, bool], Narrowed]] = {
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
