"""Which limits an award draws on, under which keys, and by how much. Pure.

Keys: ``r<rule>.n`` awards given, ``r<rule>.m`` money (fen), each also per day ``.<YYYY-MM-DD>``; ``r<rule>.t<store>.n``
awards at one store; ``r<rule>.s<shopper>`` awards to one shopper, also per day, and per run of N days ``.w<N>.<run>``;
``k<stock>.n`` coupons and ``k<stock>.m`` money of a stock. A pack is one award.
Totals are counted with or without a limit, so that a limit set later counts from the first award; the counts of a
day, a run of days or a store only while there is a limit on them. The day is that of the payment or claim.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .terms import Limits

if TYPE_CHECKING:
    from .rulebook import CompiledRule, StockSpec

UNLIMITED = 10**18
KEPT = 10_000  # rules by day and store whose limits are kept: the payments of a day ask for the same ones
FIRST_DAY_OF_WINDOWS = date(2000, 1, 1)


class Claim(NamedTuple):
    """Take `amount` of the limit `key`, which holds at most `ceiling`; `name` is the limit's field name, `stock`
    whose it is, if a stock's."""

    key: str
    amount: int
    ceiling: int
    name: str
    stock: int | None = None


def rule_keys(rule_id: int, day: date) -> dict[str, str]:
    """The key of each limit of a rule that is not per shopper or store, for showing what is used up on a day."""
    return {
        "quantity": f"r{rule_id}.n",
        "budget_fen": f"r{rule_id}.m",
        "quantity_per_day": f"r{rule_id}.n.{day}",
        "budget_per_day_fen": f"r{rule_id}.m.{day}",
    }


def stock_keys(stock_id: int) -> dict[str, str]:
    return {"quantity": f"k{stock_id}.n", "budget_fen": f"k{stock_id}.m"}


def shopper_claims(rule: "CompiledRule", shopper_id: int, day: date) -> tuple[Claim, ...]:
    """What one award takes of the shopper's own limits: for the control group too, which gets no more chances."""
    key = f"r{rule.rule_id}.s{shopper_id}"
    return tuple([Claim(key + end, 1, ceiling, name) for end, ceiling, name in _own_limits(rule, day)])


@lru_cache(KEPT)
def _own_limits(rule: "CompiledRule", day: date) -> list[tuple[str, int, str]]:
    """Of each limit of one shopper the end of its key, its ceiling and its name."""
    limits = rule.terms.limits
    found = [("", limits.per_shopper or UNLIMITED, "per_shopper")]
    if limits.per_shopper_per_day is not None:
        found.append((f".{day}", limits.per_shopper_per_day, "per_shopper_per_day"))
    if limits.per_shopper_in_days is not None:
        run = f".w{limits.window_days}.{window(day, limits.window_days)}"
        found.append((run, limits.per_shopper_in_days, "per_shopper_in_days"))
    return found


def window(day: date, days: int) -> int:
    """The number of the run of so many days that a day lies in, the first beginning on 1 January 2000."""
    return (day - FIRST_DAY_OF_WINDOWS).days // days


@lru_cache(KEPT)
def shared_claims(rule: "CompiledRule", day: date, store_id: int) -> tuple[Claim, ...]:
    """What one award takes of the limits of the rule and of its stocks."""
    limits = rule.terms.limits
    found = rule.total_claims
    if limits.quantity_per_day is not None:
        found += (Claim(f"r{rule.rule_id}.n.{day}", 1, limits.quantity_per_day, "quantity_per_day"),)
    if limits.budget_per_day_fen is not None:
        key = f"r{rule.rule_id}.m.{day}"
        found += (Claim(key, rule.cost_fen, limits.budget_per_day_fen, "budget_per_day_fen"),)
    if limits.quantity_per_store is not None:
        found += (Claim(f"r{rule.rule_id}.t{store_id}.n", 1, limits.quantity_per_store, "quantity_per_store"),)
    return found


def total_claims(
    rule_id: int, limits: Limits, cost_fen: int, award: "tuple[tuple[StockSpec, int], ...]"
) -> tuple[Claim, ...]:
    """The part of `shared_claims` that is the same for each award."""
    found = [
        Claim(f"r{rule_id}.n", 1, limits.quantity or UNLIMITED, "quantity"),
        Claim(f"r{rule_id}.m", cost_fen, limits.budget_fen or UNLIMITED, "budget_fen"),
    ]
    for stock, count in award:
        budget_fen = stock.budget_fen or UNLIMITED
        found.append(Claim(f"k{stock.id}.n", count, stock.quantity, "stock_quantity", stock.id))
        found.append(Claim(f"k{stock.id}.m", count * stock.cost_fen, budget_fen, "stock_budget_fen", stock.id))
    return tuple(found)


class MemoryState:
    """What is used of each limit, kept in memory. Live it is first read from the database (`coupons.limits`)."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def load(self, claims: Iterable[Claim]) -> None:
        """Is told every claim that may be made, once, before any limit is asked for."""

    def used(self, key: str) -> int:
        return self.counts.get(key, 0)

    def take(self, claims: Iterable[Claim]) -> None:
        counts = self.counts
        for key, amount, ceiling, _name, _stock in claims:
            if ceiling < UNLIMITED:  # of the others nobody asks
                counts[key] = counts.get(key, 0) + amount
