"""The limits of the rules of a mall with what is used of them and how fast."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from django.db.models import Min

from analytics.budgets import Budget
from analytics.models import CouponDay
from coupons.engine.limits import rule_keys, stock_keys
from coupons.engine.terms import RuleTerms
from coupons.models import Rule, Stock
from coupons.queries.limits import counters, uses_of
from mallops.lib.dates import Period, day_start
from merchants.models import Mall

from .sums import sums

DAY = 24 * 3600  # seconds


@dataclass(frozen=True)
class Paced:
    """What the last days say: coupons issued by rule and stock, the stocks, and how long rules ran in these days."""

    mall: Mall
    period: Period
    now: datetime
    issued: Mapping[tuple[int, int], int]
    stocks: Mapping[int, Stock]

    def days(self, since: datetime | None) -> Fraction:
        """How many days of the period are over, from `since` on; one at least, so that no first hour is blown up."""
        start = day_start(self.period.start, self.mall.time_zone)
        seconds = int((self.now - max(start, since or start)).total_seconds())
        return max(Fraction(seconds, DAY), Fraction(1))

    def coupons_of(self, rule: Rule) -> dict[Stock, int]:
        return {self.stocks[stock]: number for (pk, stock), number in self.issued.items() if pk == rule.pk}

    def of_stock(self, stock: Stock) -> Fraction:
        number = sum(number for (_rule, pk), number in self.issued.items() if pk == stock.pk)
        return number / self.days(None)


def budgets(mall: Mall, period: Period, states: Sequence[str], *, now: datetime) -> list[Budget]:
    """Each limit on all shoppers of the rules in some states, and of the stocks they award, in five queries.

    `period` are the local days up to today from which the pace is taken. Limits of a day are those of today.
    """
    rules = mall.rules.filter(state__in=states, version__isnull=False).select_related("version").order_by("pk")
    rules = list(rules.annotate(first_launch=Min("versions__launched_at")))
    terms = {rule.pk: RuleTerms.from_json(rule.version.terms) for rule in rules}
    issued = _issued(mall, period)
    awarded = {stock for found in terms.values() for stock, _count in found.award}
    stocks = Stock.objects.filter(mall=mall).in_bulk(awarded | {stock for _rule, stock in issued})
    paced = Paced(mall, period, now, issued, stocks)
    used = counters(mall, _keys(rules, awarded, period))
    return [one for rule in rules for one in _of_rule(rule, terms[rule.pk], paced, used)]


def _issued(mall: Mall, period: Period) -> dict[tuple[int, int], int]:
    (cells,) = sums(
        mall_id=mall.pk, model=CouponDay, periods=[period], groupings=[("rule_id", "stock_id")], measures=("issued",)
    )
    return {(rule, stock): row["issued"] for (_side, rule, stock), row in cells.items() if row["issued"]}


def _keys(rules: Iterable[Rule], stocks: Iterable[int], period: Period) -> list[str]:
    of_rules = [key for rule in rules for key in rule_keys(rule.pk, period.last).values()]
    return of_rules + [key for stock in stocks for key in stock_keys(stock).values()]


def _of_rule(rule: Rule, terms: RuleTerms, paced: Paced, used: Mapping[str, int]) -> Iterator[Budget]:
    cost, today = sum(count * paced.stocks[stock].cost_fen for stock, count in terms.award), paced.period.last
    coupons, days = paced.coupons_of(rule), paced.days(rule.first_launch)
    awards = Fraction(sum(coupons.values()), sum(count for _stock, count in terms.award)) / days
    money = sum(number * stock.cost_fen for stock, number in coupons.items()) / days
    for use in uses_of(rule_keys(rule.pk, today), terms.limits, used):
        if use.ceiling:
            award, pace = (cost, money) if use.is_money else (1, awards)
            yield Budget(rule, use, award, pace, today, terms.ends_on)
    for stock, count in terms.award:
        yield from _of_stock(rule, paced.stocks[stock], count, paced, used, terms)


def _of_stock(
    rule: Rule, stock: Stock, count: int, paced: Paced, used: Mapping[str, int], terms: RuleTerms
) -> Iterator[Budget]:
    """`count` coupons of the stock are in one award of the rule."""
    pace, today = paced.of_stock(stock), paced.period.last
    for use in uses_of(stock_keys(stock.pk), stock, used):
        if use.ceiling:
            each, named = stock.cost_fen if use.is_money else 1, replace(use, name=f"stock_{use.name}")
            yield Budget(rule, named, count * each, pace * each, today, terms.ends_on, stock)
