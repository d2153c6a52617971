"""Who pays for a rule's coupons, and how much at most. Pure: terms and the stocks they award, no queries.

Payers are numbers (`coupons.payers`). Money is fen, shares are basis points. Without shares in the terms each
stock is paid by whom it says. Coupons count at the most each can cost; a share of one is rounded up, so that no way of
splitting it later comes to more.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, Protocol

from mallops.lib.money import split_fen

from .engine.terms import RuleTerms
from .payers import MALL


class Funded(Protocol):
    """What is asked of a stock: who honours it, who pays (`mall` or `merchant`), what a coupon costs at most."""

    merchant_id: int
    funder: str

    @property
    def cost_fen(self) -> int: ...


Stocks = Mapping[int, Funded]
Shares = tuple[tuple[int, int], ...]  # payers and weights


class Burden(NamedTuple):
    """What a rule asks of one merchant or provider.

    `award_fen`: the most that one award costs it. `awards`: how many there are at most; None is without limit.
    `gives`: its own stocks and how many coupons of each are in an award. `window`: empty where the number of awards is
    limited in all, counted over all versions of a rule; else the days and stores that limit it.
    """

    share_bp: int
    award_fen: int
    awards: int | None
    gives: dict[int, int]
    window: tuple

    @property
    def most_fen(self) -> int | None:
        """What it costs at most; None is without limit."""
        if not self.award_fen:
            return 0
        return None if self.awards is None else self.awards * self.award_fen

    def is_within(self, accepted: "Burden") -> bool:
        """Whether it takes no more than what was accepted, what ran by then included: counters run on over versions."""
        if any(count > accepted.gives.get(stock, 0) for stock, count in self.gives.items()):
            return False
        if not self.award_fen:
            return True
        limited = accepted.awards is None or (
            self.awards is not None and self.awards <= accepted.awards and self.window in ((), accepted.window)
        )
        return limited and self.award_fen <= accepted.award_fen


def burdens(terms: RuleTerms, stocks: Stocks) -> dict[int, Burden]:
    """What the rule asks of each payer but the mall, and of each merchant that gives its coupons, by the numbers of
    payers: whose consent it needs."""
    parts, costs, awards = shares_of(terms, stocks), award_fen(terms, stocks), most_awards(terms, stocks)
    gives: dict[int, Counter] = {}
    for stock, count in terms.award:
        gives.setdefault(stocks[stock].merchant_id, Counter())[stock] += count
    window = () if awards is None or awards == _in_all(terms, stocks) else _window(terms)
    return {
        payer: Burden(parts.get(payer, 0), costs.get(payer, 0), awards, dict(gives.get(payer, {})), window)
        for payer in sorted((gives.keys() | costs.keys()) - {MALL})
    }  # fmt: skip


def shares(terms: RuleTerms, stock: Funded) -> Shares:
    """Who pays which share of a coupon of a stock, in basis points that sum to 10,000, in the order of the terms."""
    return terms.shares or ((MALL if stock.funder == "mall" else stock.merchant_id, 10_000),)


def shares_of(terms: RuleTerms, stocks: Stocks) -> dict[int, int]:
    """Who pays which share of the cost, together 10,000 basis points; left open, in proportion to the costs."""
    if terms.shares:
        return dict(terms.shares)
    costs = award_fen(terms, stocks)
    return dict(zip(costs, split_fen(10_000, list(costs.values())), strict=True))


def award_fen(terms: RuleTerms, stocks: Stocks) -> dict[int, int]:
    """What one award costs each payer at most (fen)."""
    costs: Counter[int] = Counter()
    for stock, count in terms.award:
        for payer, fen in coupon_fen(terms, stocks[stock]).items():
            costs[payer] += fen * count
    return dict(costs)


def coupon_fen(terms: RuleTerms, stock: Funded) -> dict[int, int]:
    """What one coupon of a stock costs each payer at most (fen)."""
    return {payer: -(-stock.cost_fen * bp // 10_000) for payer, bp in shares(terms, stock)}


def most_fen(terms: RuleTerms, stocks: Stocks) -> dict[int, int | None]:
    """What the rule costs each payer at most (fen); None is without limit."""
    awards = most_awards(terms, stocks)
    return {payer: None if awards is None else awards * fen for payer, fen in award_fen(terms, stocks).items()}


def most_awards(terms: RuleTerms, stocks: Stocks) -> int | None:
    """How many awards the rule's own limits allow; None is without limit.

    The quantity of a stock does not count: it can be raised at any time and is shared by several rules. A limit of a
    day counts if the rule has a first and a last day, a limit of a store if the stores are named.
    """
    limits, days = terms.limits, open_days(terms)
    stores = len(terms.stores) if terms.stores and not terms.categories else None
    return _least(
        _in_all(terms, stocks),
        _times(limits.quantity_per_day, days),
        _times(_affordable(limits.budget_per_day_fen, terms, stocks), days),
        _times(limits.quantity_per_store, stores),
    )


def open_days(terms: RuleTerms) -> int | None:
    """On how many days the rule runs; None if it has no first or no last day."""
    if not terms.starts_on or not terms.ends_on:
        return None
    weeks, rest = divmod((terms.ends_on - terms.starts_on).days + 1, 7)
    weekdays = set(terms.weekdays) or set(range(1, 8))
    last = terms.ends_on.toordinal()
    return weeks * len(weekdays) + sum(
        date.fromordinal(day).isoweekday() in weekdays for day in range(last - rest + 1, last + 1)
    )


def _in_all(terms: RuleTerms, stocks: Stocks) -> int | None:
    return _least(terms.limits.quantity, _affordable(terms.limits.budget_fen, terms, stocks))


def _affordable(budget_fen: int | None, terms: RuleTerms, stocks: Stocks) -> int | None:
    """How many awards a budget pays: each counts at the most it can cost all payers together."""
    cost = sum(stocks[stock].cost_fen * count for stock, count in terms.award)
    return None if budget_fen is None else budget_fen // cost


def _window(terms: RuleTerms) -> tuple:
    return terms.starts_on, terms.ends_on, terms.weekdays, terms.stores


def _times(limit: int | None, number: int | None) -> int | None:
    return None if limit is None or number is None else limit * number


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
