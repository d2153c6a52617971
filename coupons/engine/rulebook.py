"""The rules of a mall, compiled so that an event meets only those that can match it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from . import conditions
from .limits import UNLIMITED, Claim, total_claims
from .terms import RuleTerms

if TYPE_CHECKING:
    from .checks import Check

KEPT = 20_000  # lists of a place on a day that `on_day` keeps


@dataclass(frozen=True, slots=True)
class StockSpec:
    """What the engine knows of a stock: cost of one coupon at most (fen), limits, when it can be given out.

    `usable` are the ids of the stores that take its coupons; `last_day` the last local day with fixed validity,
    `valid_days` otherwise the days after receipt on the last of which a coupon ends.
    """

    id: int
    cost_fen: int
    quantity: int
    budget_fen: int | None
    is_open: bool
    last_day: date | None
    usable: frozenset[int]
    valid_days: int | None = None

    def can_be_given(self, day: date) -> bool:
        return self.is_open and (self.last_day is None or day <= self.last_day)

    def held_until(self, day: date) -> date:
        """The last day of a coupon received on `day`."""
        if self.last_day is not None:
            return self.last_day
        return date.max if self.valid_days is None else day + timedelta(days=self.valid_days)


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """`sources` must be asked before the conditions can be judged; `look_back` is how many days of the shopper's
    history they need (None: all of it, 0: none). `resting` are payers that may pay nothing now, each with its
    standing: while there is one, the rule awards nothing."""

    rule_id: int
    version_id: int
    terms: RuleTerms
    award: tuple[tuple[StockSpec, int], ...]
    cost_fen: int
    resting: tuple[tuple[int, str], ...] = ()
    total_claims: tuple[Claim, ...] = field(init=False, repr=False)
    sources: frozenset[str] = field(init=False, repr=False)
    look_back: int | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        tree = self.terms.conditions
        claims = total_claims(self.rule_id, self.terms.limits, self.cost_fen, self.award)
        object.__setattr__(self, "total_claims", claims)
        object.__setattr__(self, "sources", conditions.sources(tree) - {"event"})
        object.__setattr__(self, "look_back", longest(conditions.look_backs(tree)))

    @property
    def rank(self) -> tuple:
        """Ranking: priority, then the worth of the award, then the older rule; never a tie."""
        return self.rank_with(0)

    def rank_with(self, weight: int) -> tuple:
        """The rank while boosts add a weight to the priority."""
        return (-self.terms.priority - weight, -self.cost_fen, self.rule_id)


def longest(days: Iterable[int | None]) -> int | None:
    """The longest of several look-backs; None is without end."""
    days = list(days)
    return None if None in days else max(days, default=0)


class Raise(NamedTuple):
    """A boost of a rule: it ranks as if its priority were higher by `weight`, on local days from `from_day` until
    before `until_day`. Several of one rule add up."""

    rule_id: int
    weight: int
    from_day: date
    until_day: date


class Met(NamedTuple):
    """A rule that an event meets; the checks so far, if a trace is kept; the name of the first that failed, or ""."""

    rule: CompiledRule
    trace: "list[Check] | None" = None
    reason: str = ""


class Rulebook:
    """Live rules: those triggered by payments found by store and category, each by its id.

    Matching looks at three lists (store, category, anywhere) and never at the number of rules; the merged list
    of each store is made at its first payment and kept, and once more for each day on which a boost runs. `holdout_bp`
    is the share of shoppers that the mall holds out of all rules, in basis points. `remembers`: what came of an event
    matters to the next.
    """

    def __init__(
        self,
        rules: Iterable[CompiledRule],
        subtree: Mapping[int, frozenset[int]],
        *,
        salt: bytes = b"",
        holdout_bp: int = 0,
        raises: Iterable[Raise] = (),
    ) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.rank)
        self.by_id = {rule.rule_id: rule for rule in self.rules}
        self.salt = salt
        self.holdout_bp = holdout_bp
        self.subtree = subtree
        self.remembers = any(rule.sources & {"history", "coupons"} for rule in self.rules)
        self._by_store: dict[int, list[CompiledRule]] = {}
        self._by_category: dict[int, list[CompiledRule]] = {}
        self._anywhere: list[CompiledRule] = []
        self.raises = tuple(each for each in raises if each.rule_id in self.by_id)
        self._raised: dict[date, dict[int, int]] = {}
        self._merged: dict[tuple, tuple[CompiledRule, ...]] = {}
        self._on_day: dict[tuple, list[tuple]] = {}
        for rule in self.rules:
            if rule.terms.trigger == "payment":
                self._file(rule)

    def _file(self, rule: CompiledRule) -> None:
        terms = rule.terms
        if not terms.stores and not terms.categories:
            self._anywhere.append(rule)
        for store in terms.stores:
            self._by_store.setdefault(store, []).append(rule)
        for category in self._below(terms.categories):
            self._by_category.setdefault(category, []).append(rule)

    def _below(self, categories: Iterable[int]) -> set[int]:
        return set().union(*(self.subtree.get(chosen, ()) for chosen in categories))

    def raised(self, day: date) -> Mapping[int, int]:
        """By rule, the weight that boosts add to its priority on a day."""
        found = self._raised.get(day)
        if found is None:
            found = self._raised[day] = {}
            for rule_id, weight, from_day, until_day in self.raises:
                if from_day <= day < until_day:
                    found[rule_id] = found.get(rule_id, 0) + weight
        return found

    def candidates(self, store_id: int, category_id: int, day: date | None = None) -> tuple[CompiledRule, ...]:
        """The rules triggered by payments whose place fits, in the ranking of the day (none: without boosts), each
        once."""
        raised = self.raised(day) if self.raises and day else {}
        key = (store_id, category_id, day) if raised else (store_id, category_id)
        found = self._merged.get(key)
        if found is None:
            if len(self._merged) >= KEPT:
                self._merged.clear()
            found = self._merged[key] = tuple(
                sorted(self._at(store_id, category_id), key=lambda rule: rule.rank_with(raised.get(rule.rule_id, 0)))
            )
        return found

    def _at(self, store_id: int, category_id: int) -> set[CompiledRule]:
        groups = self._by_store.get(store_id, ()), self._by_category.get(category_id, ()), self._anywhere
        return {rule for group in groups for rule in group}

    def is_place(self, rule: CompiledRule, store_id: int, category_id: int) -> bool:
        """Whether a rule of any trigger is offered there."""
        terms = rule.terms
        if not terms.stores and not terms.categories:
            return True
        return store_id in terms.stores or category_id in self._below(terms.categories)

    def on_day(self, store_id: int, category_id: int, day: date, given_on: date) -> list[tuple]:
        """Of `candidates` those that run on a day and have something to give: as tuples of the least and the most
        fen, the hours, and the rule as it is met. What a backtest loops over."""
        key = (store_id, category_id, day, given_on)
        found = self._on_day.get(key)
        if found is None:
            if len(self._on_day) >= KEPT:
                self._on_day.clear()
            found = self._on_day[key] = [
                (rule.terms.min_fen, highest(rule.terms), rule.terms.hours, Met(rule))
                for rule in self.candidates(store_id, category_id, day)
                if runs_on(rule.terms, day) and can_give(rule, given_on)
            ]
        return found


def highest(terms: RuleTerms) -> int:
    return UNLIMITED if terms.max_fen is None else terms.max_fen


def can_give(rule: CompiledRule, day: date) -> bool:
    return not rule.resting and all(stock.can_be_given(day) for stock, _count in rule.award)


def runs_on(terms: RuleTerms, day: date) -> bool:
    return (
        (terms.starts_on is None or terms.starts_on <= day)
        and (terms.ends_on is None or day <= terms.ends_on)
        and (not terms.weekdays or day.isoweekday() in terms.weekdays)
    )
