"""What a finding is, and what surrounds the rule it is found in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from coupons.engine.history import Places
from coupons.engine.rulebook import StockSpec
from coupons.engine.terms import RuleTerms
from coupons.narrowing import MINUTES
from merchants.queries.directory import Directory

WEEK = range(1, 8)


class Finding(NamedTuple):
    """`tone`: bad (cannot work), warn, info. `where`: the field it is about, ``leaf:2`` for the third condition.
    `about`: ids and figures for its sentence (`coupons.sentences.findings`)."""

    code: str
    tone: str
    where: str
    about: dict[str, Any]


class Rival(NamedTuple):
    """Another live rule, and its rank among rules (`engine.rulebook`; the lower comes first)."""

    rule_id: int
    name: str
    terms: RuleTerms
    rank: tuple


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds a rule. `left`: coupons left of each stock. `rivals`: the other live rules. `a_day`: payments a
    day that would have matched lately, None where that is not known; with `is_tried` shoppers a day of a backtest.
    `rule_id` is 0 for a new rule; `running` are the
    terms it runs by, if it ever ran, and `is_live` whether it does now."""

    today: date
    directory: Directory
    places: Places
    specs: Mapping[int, StockSpec]
    left: Mapping[int, int] = field(default_factory=dict)
    rivals: tuple[Rival, ...] = ()
    a_day: float | None = None
    is_tried: bool = False
    has_position: bool = True
    rule_id: int = 0
    running: RuleTerms | None = None
    is_live: bool = False

    def is_open(self, store: int, day: date) -> bool:
        closed = self.directory.by_id[store].closed_on if store in self.directory.by_id else day
        return closed is None or closed > day


def trigger_stores(terms: RuleTerms, world: World) -> frozenset[int]:
    """Ids of the stores where it can happen."""
    stores = world.places.stores(terms.stores, terms.categories)
    return frozenset(world.directory.by_id) if stores is None else stores


def open_weekdays(terms: RuleTerms, start: date) -> frozenset[int]:
    """The weekdays on which the rule can run from a day on."""
    days = (terms.ends_on - start).days + 1 if terms.ends_on else 7
    coming = {(start + timedelta(days=n)).isoweekday() for n in range(min(days, 7))}
    return frozenset(coming & set(terms.weekdays or WEEK))


def minutes(terms: RuleTerms) -> tuple[tuple[int, int], ...]:
    return tuple((start, end - 1) for start, end in terms.hours or ((0, MINUTES),))
