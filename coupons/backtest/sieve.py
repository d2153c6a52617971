"""Leaves out, by column, the payments that no rule can award: pure, and exact, since a refusal changes nothing.

What is left goes to `decide`. At each store the ranges of all its rules are laid over each other once, so a payment
costs the same whether there are ten rules or a thousand.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coupons.engine.limits import UNLIMITED
from coupons.engine.rulebook import CompiledRule, Rulebook, highest

from .source import Columns, day_number

if TYPE_CHECKING:
    import numpy as np

MINUTES = 1_440


class Sieve:
    """Lowest and highest amount, weekdays and minutes of the day at which some rule of a store can award."""

    def __init__(self, rulebook: Rulebook, category_of: Mapping[int, int]) -> None:
        import numpy as np

        self.stores = np.array(sorted(category_of), dtype=np.int64)
        self.least = np.full(len(self.stores), UNLIMITED)
        self.most = np.full(len(self.stores), -1)
        self.open = np.zeros((len(self.stores), 7, MINUTES), dtype=bool)
        for place, store in enumerate(self.stores.tolist()):
            for rule in rulebook.candidates(store, category_of[store]):
                self._widen(place, rule)

    def _widen(self, place: int, rule: CompiledRule) -> None:
        terms = rule.terms
        self.least[place] = min(self.least[place], terms.min_fen)
        self.most[place] = max(self.most[place], highest(terms))
        for weekday in terms.weekdays or range(1, 8):
            for start, end in terms.hours or ((0, MINUTES),):
                self.open[place, weekday - 1, start:end] = True

    def passes(self, rows: Columns) -> "np.ndarray":
        """Which payments some rule may award, as a mask."""
        import numpy as np

        place = np.searchsorted(self.stores, rows.store)
        return (
            (rows.shopper > 0)
            & (rows.amount >= self.least[place])
            & (rows.amount <= self.most[place])
            & self.open[place, weekday(rows) - 1, rows.minute]
        )


def weekday(rows: Columns) -> "np.ndarray":
    """1 is Monday; the first of January 1970 was a Thursday."""
    return (rows.day + 3) % 7 + 1


class Refusals:
    """Why one rule refuses payments at its places, as far as the payment alone tells: counted by the first check that
    fails, in the order of `engine.checks.check_event`."""

    def __init__(self, rule: CompiledRule, rulebook: Rulebook, category_of: Mapping[int, int]) -> None:
        self.rule = rule
        self.stores = [store for store, category in category_of.items() if rule in rulebook.candidates(store, category)]
        self.met = 0
        self.counts: dict[str, int] = {}

    def add(self, rows: Columns) -> None:
        """Count the refusals among these payments."""
        import numpy as np

        rows = rows.only(np.isin(rows.store, self.stores))
        left = np.ones(len(rows.id), dtype=bool)
        self.met += len(left)
        for reason, fine in self._checks(rows):
            if failed := int((left & ~fine).sum()):
                self.counts[reason] = self.counts.get(reason, 0) + failed
            left &= fine

    def _checks(self, rows: Columns):
        import numpy as np

        terms = self.rule.terms
        yield "shopper", rows.shopper > 0
        yield "amount", (rows.amount >= terms.min_fen) & (rows.amount <= highest(terms))
        if terms.starts_on or terms.ends_on:
            first = day_number(terms.starts_on) if terms.starts_on else -UNLIMITED
            last = day_number(terms.ends_on) if terms.ends_on else UNLIMITED
            yield "dates", (rows.day >= first) & (rows.day <= last)
        if terms.weekdays:
            yield "weekdays", np.isin(weekday(rows), terms.weekdays)
        if terms.hours:
            yield "hours", np.any([(rows.minute >= start) & (rows.minute < end) for start, end in terms.hours], axis=0)
        for stock, _count in self.rule.award:
            last = UNLIMITED if stock.last_day is None else day_number(stock.last_day)
            yield "stock_open", (rows.given_on <= last) & stock.is_open
