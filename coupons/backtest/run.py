"""A rule tried on past payments, by the same `decide()` that runs live. Pure: columns in, a tally out.

Payments are taken in the order of arrival, each shopper's history growing as it did then. The limits begin empty, as
if the rule had been launched on the first day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat

from coupons.engine.decide import Event, MemoryState, decide
from coupons.engine.history import Places
from coupons.engine.rulebook import CompiledRule, Rulebook

from .knowledge import Known, ReplayKnowledge
from .natural import Offer, Visits
from .sieve import Refusals, Sieve, weekday
from .source import Columns, day_number, days_of
from .tally import Tally


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a rule of the rulebook, on the payments of local days `first` to `last` (both included).

    `category_of` names the category of each store of the mall, `offers` are the stocks that the rule awards.
    """

    rulebook: Rulebook
    rule: CompiledRule
    category_of: Mapping[int, int]
    places: Places
    known: Known
    offers: Sequence[Offer]
    first: date
    last: date


class Replay:
    """Takes block after block; `tally`, `refused` and `visits` say what came of it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.tally, self.visits = Tally(trial.rule, trial.rulebook.rules), Visits(trial.offers)
        self.refusals = Refusals(trial.rule, trial.rulebook, trial.category_of)
        self.knowledge = ReplayKnowledge(trial.places, trial.rulebook.rules, trial.known)
        self.payments = 0
        self._state = MemoryState()
        self._sieve = Sieve(trial.rulebook, trial.category_of)
        self._span = day_number(trial.first), day_number(trial.last)

    def take(self, block: Columns) -> None:
        """Decide on the payments of a block that fall into the span; the others are history, or visits afterwards."""
        first, last = self._span
        self.visits.add(block.only(block.day >= first))
        inside = (block.day >= first) & (block.day <= last)
        self.payments += int(inside.sum())
        if self.trial.rule.terms.trigger == "payment" and inside.any():
            self.refusals.add(block.only(inside))
        chosen = inside & self._sieve.passes(block)
        self.knowledge.follow(block, chosen)
        self._decide(block.only(chosen))
        self.knowledge.finish()

    def _decide(self, rows: Columns) -> None:
        moments = dict(zip(rows.id.tolist(), rows.arrived.tolist(), strict=True))
        for decision in self._ask(self.events(rows)):
            self.tally.add(decision, moments[decision.event.payment_id])

    def _ask(self, events: Sequence[Event]) -> Iterable:
        return decide(
            self.trial.rulebook, events, self._state, self.knowledge, traced=False, refused_by=self.trial.rule.rule_id
        )

    def events(self, rows: Columns) -> list[Event]:
        """Columns as events: by column until the last step, which is what makes it cheap."""
        stores = rows.store.tolist()
        columns = zip(
            rows.id.tolist(), stores, map(self.trial.category_of.__getitem__, stores), rows.shopper.tolist(),
            rows.amount.tolist(), days_of(rows.day), weekday(rows).tolist(),
            rows.minute.tolist(), days_of(rows.given_on), repeat(None), repeat(None),
            repeat("payment"),
        )  # fmt: skip
        return list(map(Event._make, columns))

    @property
    def refused(self) -> dict[str, int]:
        """How many payments (or shoppers asked) the rule under test refused, by reason."""
        return self.refusals.counts | self.tally.refused

    def hand_out(self, shoppers: Iterable[int], store_id: int, moment: int) -> None:
        """Hand the rule's coupons out to shoppers, in their order, at a second (UTC) that begins the first day."""
        day, rule = self.trial.first, self.trial.rule
        self.knowledge.now = moment
        events = [
            Event(None, store_id, self.trial.category_of[store_id], shopper, 0, day, day.isoweekday(), 0,
                  given_on=day, rule_id=rule.rule_id, kind="hand_out")
            for shopper in shoppers
        ]  # fmt: skip
        self.refusals.met += len(events)
        for decision in self._ask(events):
            self.tally.add(decision, moment)
