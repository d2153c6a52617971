"""What a replay gave, to whom and when, and which limits it used up. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from coupons.engine.decide import AWARDED, REFUSED, Decision
from coupons.engine.limits import UNLIMITED, Claim
from coupons.engine.rulebook import CompiledRule

from .natural import Awards
from .source import day_number

OWN = ("per_shopper", "per_shopper_per_day", "per_shopper_in_days")  # limits of one shopper


@dataclass(slots=True)
class Use:
    """One limit that all shoppers share: what it holds, what was taken, on which days it left no room for an award."""

    claim: Claim
    used: int = 0
    full_on: set[date] = field(default_factory=set)


class Tally:
    """What the rule under test decided; of the other rules only what they take from the same stocks."""

    def __init__(self, rule: CompiledRule, rules: Iterable[CompiledRule]) -> None:
        self.rule = rule
        self.awarded: Counter[date] = Counter()
        self.held_out: Counter[date] = Counter()
        self.refused: Counter[str] = Counter()
        self.shoppers: set[int] = set()
        self.apart: set[int] = set()
        self.awards = Awards()
        self.by_store: Counter[int] = Counter()
        self.fen_by_store: Counter[int] = Counter()
        self.totals = {claim.key: Use(claim) for claim in rule.total_claims if claim.ceiling < UNLIMITED}
        self.others: dict[str, dict[str, Use]] = {}  # limits of a day or a store, by name and key
        self._sharing = {
            each.rule_id for each in rules if any(claim.key in self.totals for claim in each.total_claims)
        } | {rule.rule_id}

    def add(self, decision: Decision, moment: int) -> None:
        """An award or a ghost issue, given at a second (UTC); or a refusal of the rule under test."""
        if decision.outcome == REFUSED:
            self.refused[decision.reason] += 1
            return
        if decision.rule.rule_id in self._sharing:
            for claim in decision.claims:
                self._use(claim, decision)
        if decision.rule is not self.rule:
            return
        event = decision.event
        if decision.outcome != AWARDED:
            self.held_out[event.day] += 1
            self.apart.add(event.shopper_id)
            return
        self.awarded[event.day] += 1
        self.shoppers.add(event.shopper_id)
        self.awards.add(event.shopper_id, moment, day_number(event.given_on or event.day))
        self.by_store[event.store_id] += 1
        self.fen_by_store[event.store_id] += event.amount_fen

    def _use(self, claim: Claim, decision: Decision) -> None:
        use = self.totals.get(claim.key)
        if use is None:
            if decision.rule is not self.rule or claim.ceiling >= UNLIMITED or claim.name in OWN:
                return
            use = self.others.setdefault(claim.name, {}).setdefault(claim.key, Use(claim))
        use.used += claim.amount
        if use.used + use.claim.amount > use.claim.ceiling:
            use.full_on.add(decision.event.day)

    @property
    def given(self) -> int:
        return len(self.awards.shoppers)
