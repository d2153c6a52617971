"""Which limits an award draws on, under which keys, and by how much. Pure.

Keys: ``r<rule>.n`` awards given, ``r<rule>.m`` money (fen), each also per day ``.<YYYY-MM-DD>``; ``r<rule>.s<shopper>``
awards to one shopper, also per day; ``k<stock>.n`` coupons and ``k<stock>.m`` money of a stock. A pack is one award.
Totals are counted with or without a limit, so that a limit set later counts from the first award; the counts of
a day only while there is a limit on them. The day is that of the payment.
"""

from datetime import date
from typing import NamedTuple

from .rulebook import CompiledRule

UNLIMITED = 10**18


class Claim(NamedTuple):
    """Take `amount` of the limit `key`, which holds at most `ceiling`; `name` is the limit's field name."""

    key: str
    amount: int
    ceiling: int
    name: str


def rule_keys(rule_id: int, day: date) -> dict[str, str]:
    """The key of each limit of a rule that is not per shopper, for showing what is used up on a day."""
    return {
        "quantity": f"r{rule_id}.n",
        "budget_fen": f"r{rule_id}.m",
        "quantity_per_day": f"r{rule_id}.n.{day}",
        "budget_per_day_fen": f"r{rule_id}.m.{day}",
    }


def stock_keys(stock_id: int) -> dict[str, str]:
    return {"quantity": f"k{stock_id}.n", "budget_fen": f"k{stock_id}.m"}


def shopper_claims(rule: CompiledRule, shopper_id: int, day: date) -> list[Claim]:
    """What one award takes of the shopper's own limits: for the control group too, which gets no more chances."""
    limits, key = rule.terms.limits, f"r{rule.rule_id}.s{shopper_id}"
    found = [Claim(key, 1, limits.per_shopper or UNLIMITED, "per_shopper")]
    if limits.per_shopper_per_day is not None:
        found.append(Claim(f"{key}.{day}", 1, limits.per_shopper_per_day, "per_shopper_per_day"))
    return found


def shared_claims(rule: CompiledRule, day: date) -> list[Claim]:
    """What one award takes of the limits of the rule and of its stocks."""
    limits, cost_fen = rule.terms.limits, rule.cost_fen
    found = [
        Claim(f"r{rule.rule_id}.n", 1, limits.quantity or UNLIMITED, "quantity"),
        Claim(f"r{rule.rule_id}.m", cost_fen, limits.budget_fen or UNLIMITED, "budget_fen"),
    ]
    if limits.quantity_per_day is not None:
        found.append(Claim(f"r{rule.rule_id}.n.{day}", 1, limits.quantity_per_day, "quantity_per_day"))
    if limits.budget_per_day_fen is not None:
        found.append(Claim(f"r{rule.rule_id}.m.{day}", cost_fen, limits.budget_per_day_fen, "budget_per_day_fen"))
    for stock, count in rule.award:
        found.append(Claim(f"k{stock.id}.n", count, stock.quantity, "stock_quantity"))
        found.append(Claim(f"k{stock.id}.m", count * stock.cost_fen, stock.budget_fen or UNLIMITED, "stock_budget_fen"))
    return found
