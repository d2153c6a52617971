"""What is known of shoppers when a rule asks: their earlier payments, tags, coupons, cars. In memory, and pure.

A backtest feeds it payment by payment (`decide` does); the live path fills it from the database for a batch
(`coupons.knowledge`). Each question is answered once per event, however many rules ask it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

from .conditions import Facts, Leaf
from .event import Event
from .rulebook import CompiledRule

NOBODY: frozenset = frozenset()


class Knowledge(Protocol):
    """What `decide` asks. `load` is told once per batch which rules may ask of which events; `note` after each event,
    with the rules that awarded, if any rule may ask for that."""

    def load(self, asking: Iterable[tuple[Event, CompiledRule]]) -> None: ...
    def facts(self, event: Event) -> Facts: ...
    def is_blocked(self, shopper_id: int) -> bool: ...
    def note(self, event: Event, awarded: Sequence[CompiledRule]) -> None: ...


class Places:
    """Which stores a leaf's stores and categories are; which categories lie above one."""

    def __init__(self, category_of: Mapping[int, int], subtree: Mapping[int, frozenset[int]]) -> None:
        self._category_of, self._subtree = category_of, subtree
        self._stores: dict[tuple, frozenset[int]] = {}
        self._above: dict[int, frozenset[int]] = {}

    def stores(self, stores: tuple[int, ...], categories: tuple[int, ...]) -> frozenset[int] | None:
        """None is the whole mall."""
        if not stores and not categories:
            return None
        found = self._stores.get((stores, categories))
        if found is None:
            below = set().union(*(self._subtree.get(chosen, ()) for chosen in categories))
            of_categories = {store for store, category in self._category_of.items() if category in below}
            found = self._stores[stores, categories] = of_categories | frozenset(stores)
        return found

    def above(self, category_id: int) -> frozenset[int]:
        """The category and all above it."""
        found = self._above.get(category_id)
        if found is None:
            above = {category for category, below in self._subtree.items() if category_id in below}
            found = self._above[category_id] = frozenset(above | {category_id})
        return found


class Seen(NamedTuple):
    """What a shopper did at a place within a span: days with a payment, gross fen, the last of these days."""

    visits: int
    spend_fen: int
    last: date | None


Paid = tuple[date, int, int]  # local day, store, fen


class History:
    """Payments of each shopper, in the order in which they were added."""

    def __init__(self) -> None:
        self._paid: defaultdict[int, list[Paid]] = defaultdict(list)

    def add(self, shopper_id: int, store_id: int, day: date, amount_fen: int) -> None:
        self._paid[shopper_id].append((day, store_id, amount_fen))

    def extend(self, payments: Iterable[tuple[int, Paid]]) -> None:
        """Add many: pairs of a shopper and a payment."""
        paid = self._paid
        for shopper_id, payment in payments:
            paid[shopper_id].append(payment)

    def forget_before(self, first: date) -> None:
        """Drop what no look-back reaches any more, to bound the memory."""
        for shopper_id, payments in list(self._paid.items()):
            kept = [payment for payment in payments if payment[0] >= first]
            if kept:
                self._paid[shopper_id] = kept
            else:
                del self._paid[shopper_id]

    def seen(self, shopper_id: int, stores: Collection[int] | None, first: date, last: date) -> Seen:
        """At these stores (None: anywhere) on the days from first to last, both included."""
        days, fen = set(), 0
        for day, store_id, amount_fen in self._paid.get(shopper_id, ()):
            if first <= day <= last and (stores is None or store_id in stores):
                days.add(day)
                fen += amount_fen
        return Seen(len(days), fen, max(days, default=None))


class MemoryKnowledge:
    """`tags` and `blocked` as they are; `parked` says whether a shopper's car stood in the car park at an event;
    coupons held are those noted, until their last day."""

    def __init__(
        self,
        places: Places,
        *,
        blocked: Collection[int] = NOBODY,
        tags: Mapping[int, frozenset[str]] | None = None,
        parked: Callable[[Event], bool] = lambda event: False,
    ) -> None:
        self.places, self.history = places, History()
        self.blocked, self.tags, self.parked = blocked, tags or {}, parked
        self._held: dict[int, dict[int, date]] = {}

    def load(self, asking: Iterable[tuple[Event, CompiledRule]]) -> None: ...

    def facts(self, event: Event) -> "EventFacts":
        return EventFacts(event, self)

    def is_blocked(self, shopper_id: int) -> bool:
        return shopper_id in self.blocked

    def note(self, event: Event, awarded: Sequence[CompiledRule]) -> None:
        if event.shopper_id is None:
            return
        if event.kind == "payment":
            self.history.add(event.shopper_id, event.store_id, event.day, event.amount_fen)
        for rule in awarded:
            for stock, _count in rule.award:
                self.hold(event.shopper_id, stock.id, stock.held_until(event.given_on or event.day))

    def hold(self, shopper_id: int, stock_id: int, until: date) -> None:
        """The shopper holds a coupon of the stock until the end of a day."""
        held = self._held.setdefault(shopper_id, {})
        held[stock_id] = max(until, held.get(stock_id, until))

    def held(self, shopper_id: int, day: date) -> frozenset[int]:
        return frozenset(stock for stock, until in self._held.get(shopper_id, {}).items() if day <= until)

    def drop(self, shopper_id: int, stock_ids: Iterable[int]) -> None:
        """The shopper's coupons of these stocks were used or taken away."""
        for stock_id in stock_ids:
            self._held.get(shopper_id, {}).pop(stock_id, None)


class EventFacts:
    """The facts about one event, each looked up once."""

    __slots__ = ("_event", "_known", "_known_by")

    def __init__(self, event: Event, known_by: MemoryKnowledge) -> None:
        self._event, self._known_by = event, known_by
        self._known: dict[Any, Any] = {}

    def value(self, leaf: Leaf) -> Any:
        """The actual value of what a leaf asks for."""
        return _FACTS[leaf.fact](self, leaf)

    def once(self, question: str, look_up: Callable[[], Any]) -> Any:
        if question not in self._known:
            self._known[question] = look_up()
        return self._known[question]

    def seen(self, leaf: Leaf) -> Seen:
        question = (leaf.stores, leaf.categories, leaf.days)
        found = self._known.get(question)
        if found is None:
            found = self._known[question] = self._look(leaf)
        return found

    def _look(self, leaf: Leaf) -> Seen:
        day, days = self._event.day, leaf.days
        first = date.min if days is None else day - timedelta(days=days - 1)
        stores = self._known_by.places.stores(leaf.stores, leaf.categories)
        return self._known_by.history.seen(self._event.shopper_id, stores, first, day)

    def days_since(self, leaf: Leaf) -> int | None:
        last = self.seen(leaf).last
        return None if last is None else (self._event.day - last).days

    def amount(self, leaf: Leaf) -> int | None:
        return self._event.amount_fen if self._event.kind == "payment" else None

    def category(self, leaf: Leaf) -> frozenset[int]:
        return self._known_by.places.above(self._event.category_id)

    def tag(self, leaf: Leaf) -> frozenset[str]:
        return self._known_by.tags.get(self._event.shopper_id, NOBODY)

    def held(self, leaf: Leaf) -> frozenset[int]:
        event = self._event
        return self.once("held", lambda: self._known_by.held(event.shopper_id, event.given_on or event.day))

    def is_parked(self, leaf: Leaf) -> bool:
        return self.once("parked", lambda: self._known_by.parked(self._event))


_FACTS: dict[str, Callable[[EventFacts, Leaf], Any]] = {
    "amount_fen": EventFacts.amount,
    "store": lambda facts, leaf: facts._event.store_id,
    "category": EventFacts.category,
    "weekday": lambda facts, leaf: facts._event.weekday,
    "minute": lambda facts, leaf: facts._event.minute,
    "first_visit": lambda facts, leaf: facts.seen(leaf).visits == 0,
    "visits": lambda facts, leaf: facts.seen(leaf).visits,
    "spend_fen": lambda facts, leaf: facts.seen(leaf).spend_fen,
    "days_since_visit": EventFacts.days_since,
    "tag": EventFacts.tag,
    "holds_stock": EventFacts.held,
    "parked": EventFacts.is_parked,
}
