"""What the engine asks about shoppers during a backtest: the payments replayed so far, tags, cars, coupons. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from coupons.engine.conditions import FACTS, leaves
from coupons.engine.event import Event
from coupons.engine.history import EventFacts, MemoryKnowledge, Paid, Places
from coupons.engine.rulebook import CompiledRule, longest

from .source import Columns, days_of

if TYPE_CHECKING:
    import numpy as np

Spans = Mapping[int, Sequence[tuple[int, int, int]]]  # by shopper: what, from, until (excluded), in seconds


class Known(NamedTuple):
    """What is known beside the payments.

    Blocked shoppers and tags as they are today: nobody kept what they were. Stays in the car park and coupons of stocks
    that none of the replayed rules awards, with the seconds (UTC) from and until which they were there.
    """

    blocked: Collection[int] = frozenset()
    tags: Mapping[int, frozenset[str]] = {}
    stays: Spans = {}
    coupons: Spans = {}


class ReplayKnowledge(MemoryKnowledge):
    """History is taken in payment by payment, those included that no rule has to look at, and only at the stores and as
    far back as the rules ask. A coupon given in the replay is held until its last day."""

    def __init__(self, places: Places, rules: Sequence[CompiledRule], known: Known) -> None:
        super().__init__(places, blocked=known.blocked, tags=known.tags, parked=self._is_parked)
        asking = [rule for rule in rules if "history" in rule.sources]
        self.asks_history = bool(asking)
        self.asks_coupons = any("coupons" in rule.sources for rule in rules)
        self.look_back = longest(rule.look_back for rule in asking)
        self.stores = stores_asked(asking, places)
        self.known = known
        self._rows: list[tuple[int, Paid]] = []
        self._place: dict[int, int] = {}  # by payment, how many rows of history come before it
        self._moments: dict[int, int] = {}
        self._next = self.now = 0
        self._forgotten: date | None = None

    def follow(self, block: Columns, asking: "np.ndarray | slice") -> None:
        """From now on events are payments of this block, of those at the places (or the mask) `asking`. What came
        before the first of them is history."""
        import numpy as np

        ids = block.id[asking].tolist()
        if self.known.stays or self.known.coupons:
            self._moments = dict(zip(ids, block.arrived[asking].tolist(), strict=True))
        if not self.asks_history:
            return
        asked = block.shopper > 0
        if self.stores is not None:
            asked &= np.isin(block.store, list(self.stores))
        before = np.cumsum(asked) - asked
        self._place = dict(zip(ids, before[asking].tolist(), strict=True))
        rows = block.only(asked)
        paid = zip(days_of(rows.day), rows.store.tolist(), rows.amount.tolist(), strict=True)
        self._rows = list(zip(rows.shopper.tolist(), paid, strict=True))
        self._next = 0

    def finish(self) -> None:
        """The block is over: all of it is history."""
        self._advance(len(self._rows))
        if self._rows and self.look_back is not None:
            self._forget(min(day for _shopper, (day, _store, _fen) in self._rows))

    def _advance(self, place: int) -> None:
        if place > self._next:
            self.history.extend(self._rows[self._next : place])
            self._next = place

    def _forget(self, day: date) -> None:
        """Now and then drop what is too old to be asked for; payments may arrive some days late."""
        keep_from = day - timedelta(days=self.look_back + 7)
        if self._forgotten is None or (keep_from - self._forgotten).days > max(14, self.look_back // 2):
            self._forgotten = keep_from
            self.history.forget_before(keep_from)

    def facts(self, event: Event) -> EventFacts:
        if event.payment_id is not None:
            self.now = self._moments.get(event.payment_id, self.now)
            self._advance(self._place.get(event.payment_id, 0))
        return super().facts(event)

    def note(self, event: Event, awarded: Sequence[CompiledRule]) -> None:
        for rule in awarded if self.asks_coupons else ():
            for stock, _count in rule.award:
                self.hold(event.shopper_id, stock.id, stock.held_until(event.given_on or event.day))

    def _is_parked(self, event: Event) -> bool:
        return any(True for _ in self._lasting(self.known.stays, event.shopper_id))

    def held(self, shopper_id: int, day: date) -> frozenset[int]:
        return super().held(shopper_id, day) | frozenset(self._lasting(self.known.coupons, shopper_id))

    def _lasting(self, spans: Spans, shopper_id: int) -> Iterator[int]:
        return (what for what, first, end in spans.get(shopper_id, ()) if first <= self.now < end)


def stores_asked(rules: Sequence[CompiledRule], places: Places) -> frozenset[int] | None:
    """The stores whose payments some rule's conditions look back on; None is all of them."""
    asked: set[int] = set()
    for rule in rules:
        for leaf in leaves(rule.terms.conditions):
            if FACTS[leaf.fact].source == "history":
                stores = places.stores(leaf.stores, leaf.categories)
                if stores is None:
                    return None
                asked |= stores
    return frozenset(asked)
