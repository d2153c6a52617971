"""What the engine asks about shoppers, looked up in the database: once per batch, and only what is asked."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from mallops.lib.dates import day_start
from mallops.lib.sql import ask, is_any
from merchants.queries.directory import Directory
from payments.models import ParkingStay, Payment, ShopperTag

from .engine.event import Event
from .engine.history import EventFacts, MemoryKnowledge
from .engine.rulebook import CompiledRule, longest
from .models import Coupon
from .models.coupon import CouponState
from .rulebooks import Book


class StoredKnowledge(MemoryKnowledge):
    """One query per source that is asked, for the shoppers it is asked about.

    The history of a payment are the payments recorded before it, those of its own batch included; of a claim all
    payments recorded so far.
    """

    def __init__(self, directory: Directory, book: Book, now: datetime) -> None:
        super().__init__(book.places, parked=lambda event: event.shopper_id in self.stays)
        self.directory, self.now = directory, now
        self.until = book.blocked
        self.stays: frozenset[int] = frozenset()
        self._later: deque[tuple] = deque()

    def is_blocked(self, shopper_id: int) -> bool:
        if shopper_id not in self.until:
            return False
        until = self.until[shopper_id]
        return until is None or self.now < until

    def load(self, asking: Iterable[tuple[Event, CompiledRule]]) -> None:
        pairs = list(asking)
        events, rules = [event for event, _rule in pairs], [rule for _event, rule in pairs]
        sources = frozenset().union(*(rule.sources for rule in rules))
        shoppers = {event.shopper_id for event in events}
        if "history" in sources:
            self._load_history(events, shoppers, longest(rule.look_back for rule in rules))
        if "tags" in sources:
            self._load_tags(shoppers)
        if "coupons" in sources:
            self._load_coupons(shoppers)
        if "parking" in sources:
            open_stays = ParkingStay.objects.for_mall(self.directory.mall_id).filter(left_at=None, shopper__in=shoppers)
            self.stays = frozenset(open_stays.values_list("shopper", flat=True))

    def _load_history(self, events: Sequence[Event], shoppers: set[int], look_back: int | None) -> None:
        """The payments of these shoppers in their order, those of the batch itself included.

        In SQL as it is: on the live path the making of such a statement costs more than what it asks.
        """
        among, values = is_any("shopper_id", sorted(shoppers))
        where, parameters = [f"mall_id = %s AND {among}"], [self.directory.mall_id, values]
        if look_back is not None:
            where.append("paid_at >= %s")
            parameters.append(self._since(min(event.day for event in events), look_back))
        if numbers := [event.payment_id for event in events if event.payment_id is not None]:
            where.append("id < %s")
            parameters.append(max(numbers))
        asked = f"SELECT id, shopper_id, store_id, day, amount_fen FROM {Payment._meta.db_table}"
        self._later.extend(ask(f"{asked} WHERE {' AND '.join(where)} ORDER BY id", parameters))

    def _since(self, day: date, look_back: int) -> Any:
        """The first moment looked at."""
        start = day_start(day - timedelta(days=look_back - 1), self.directory.time_zone)
        return connection.ops.adapt_datetimefield_value(start)

    def _load_tags(self, shoppers: set[int]) -> None:
        tags: dict[int, set[str]] = {}
        rows = ShopperTag.objects.for_mall(self.directory.mall_id).filter(shopper__in=shoppers)
        for shopper_id, tag in rows.values_list("shopper", "tag"):
            tags.setdefault(shopper_id, set()).add(tag)
        self.tags = {shopper_id: frozenset(words) for shopper_id, words in tags.items()}

    def _load_coupons(self, shoppers: set[int]) -> None:
        rows = Coupon.objects.for_mall(self.directory.mall_id).filter(
            shopper__in=shoppers, state=CouponState.ISSUED, expires_at__gt=self.now
        )
        for shopper_id, stock_id in rows.order_by().values_list("shopper", "stock").distinct():
            self.hold(shopper_id, stock_id, date.max)

    def facts(self, event: Event) -> EventFacts:
        while self._later and (event.payment_id is None or self._later[0][0] < event.payment_id):
            _id, shopper_id, store_id, day, fen = self._later.popleft()
            self.history.add(shopper_id, store_id, day if isinstance(day, date) else date.fromisoformat(day), fen)
        return super().facts(event)

    def note(self, event: Event, awarded: Sequence) -> None:
        """Of the event itself the ledger knows already; of the coupons it earned not yet."""
        for rule in awarded:
            for stock, _count in rule.award:
                self.hold(event.shopper_id, stock.id, date.max)
