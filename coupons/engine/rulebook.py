"""The rules of a mall, compiled so that a payment meets only those that can match it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .terms import RuleTerms


@dataclass(frozen=True, slots=True)
class StockSpec:
    """What the engine knows of a stock: cost of one coupon at most (fen), limits, when it can be given out.

    `usable` are the ids of the stores that take its coupons; `last_day` the last local day with fixed validity.
    """

    id: int
    cost_fen: int
    quantity: int
    budget_fen: int | None
    is_open: bool
    last_day: date | None
    usable: frozenset[int]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule_id: int
    version_id: int
    terms: RuleTerms
    award: tuple[tuple[StockSpec, int], ...]
    cost_fen: int

    @property
    def rank(self) -> tuple:
        """Ranking: priority, then the worth of the award, then the older rule; never a tie."""
        return (-self.terms.priority, -self.cost_fen, self.rule_id)


class Rulebook:
    """Live rules, found by the store and category of a payment.

    Matching looks at three lists (store, category, anywhere) and never at the number of rules; the merged list
    of each store is made at its first payment and kept.
    """

    def __init__(
        self, rules: Iterable[CompiledRule], subtree: Mapping[int, frozenset[int]], *, salt: bytes = b""
    ) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.rank)
        self.salt = salt
        self._by_store: dict[int, list[CompiledRule]] = {}
        self._by_category: dict[int, list[CompiledRule]] = {}
        self._anywhere: list[CompiledRule] = []
        self._merged: dict[tuple[int, int], tuple[CompiledRule, ...]] = {}
        for rule in self.rules:
            self._file(rule, subtree)

    def _file(self, rule: CompiledRule, subtree: Mapping[int, frozenset[int]]) -> None:
        terms = rule.terms
        if not terms.stores and not terms.categories:
            self._anywhere.append(rule)
        for store in terms.stores:
            self._by_store.setdefault(store, []).append(rule)
        for category in set().union(*(subtree.get(chosen, ()) for chosen in terms.categories)):
            self._by_category.setdefault(category, []).append(rule)

    def candidates(self, store_id: int, category_id: int) -> tuple[CompiledRule, ...]:
        """The rules whose place fits, in ranking order, each once."""
        place = (store_id, category_id)
        found = self._merged.get(place)
        if found is None:
            rules = {
                rule.rule_id: rule
                for group in (self._by_store.get(store_id, ()), self._by_category.get(category_id, ()), self._anywhere)
                for rule in group
            }
            found = self._merged[place] = tuple(sorted(rules.values(), key=lambda rule: rule.rank))
        return found
