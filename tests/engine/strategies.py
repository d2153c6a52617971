"""Rulebooks and events of a small mall, drawn so that rules meet, compete and run out."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from coupons.engine.decide import PaidEvent
from coupons.engine.rulebook import CompiledRule, Rulebook, StockSpec
from coupons.engine.terms import Limits, RuleTerms

STORES = range(1, 6)
CATEGORY_OF = {1: 11, 2: 11, 3: 12, 4: 13, 5: 13}
SUBTREE = {10: frozenset({10, 11, 12}), 11: frozenset({11}), 12: frozenset({12}), 13: frozenset({13})}
FIRST_DAY = date(2026, 2, 27)  # a Friday; the next month begins two days later

few = st.integers(1, 4)
days = st.integers(0, 3).map(lambda n: FIRST_DAY + timedelta(days=n))
limits = st.builds(
    Limits,
    quantity=st.none() | few,
    budget_fen=st.none() | st.integers(500, 5_000),
    quantity_per_day=st.none() | few,
    budget_per_day_fen=st.none() | st.integers(500, 5_000),
    per_shopper=st.none() | few,
    per_shopper_per_day=st.none() | few,
)
stocks = st.lists(
    st.builds(
        StockSpec,
        id=st.just(0),
        cost_fen=st.integers(1, 2_000),
        quantity=st.integers(1, 8),
        budget_fen=st.none() | st.integers(500, 8_000),
        is_open=st.sampled_from([True, True, True, False]),
        last_day=st.none() | days,
        usable=st.just(frozenset(STORES)),
    ),
    min_size=1,
    max_size=3,
).map(lambda specs: [replace(spec, id=number) for number, spec in enumerate(specs, 1)])


@st.composite
def terms(draw, stock_ids) -> RuleTerms:
    starts, ends = sorted([draw(days), draw(days)])
    least = draw(st.integers(0, 15_000))
    opening = draw(st.integers(0, 1_439))
    return RuleTerms(
        award=tuple((stock, draw(few)) for stock in sorted(draw(st.sets(st.sampled_from(stock_ids), min_size=1)))),
        stores=tuple(draw(st.sets(st.sampled_from(list(STORES)), max_size=2))),
        categories=tuple(draw(st.sets(st.sampled_from(sorted(SUBTREE)), max_size=2))),
        min_fen=least,
        max_fen=draw(st.none() | st.integers(least, 25_000)),
        starts_on=draw(st.sampled_from([None, starts])),
        ends_on=draw(st.sampled_from([None, ends])),
        weekdays=tuple(draw(st.sets(st.integers(1, 7)))),
        hours=draw(st.sampled_from([(), ((opening, 1_440),), ((0, 600), (600, 1_440))])),
        limits=draw(limits),
        group=draw(st.sampled_from(["", "a", "b"])),
        priority=draw(st.integers(-1, 1)),
        holdout_bp=draw(st.sampled_from([0, 0, 3_000])),
    )


@st.composite
def rules(draw, at_most: int = 6) -> list[CompiledRule]:
    specs = {spec.id: spec for spec in draw(stocks)}
    drawn = draw(st.lists(terms(sorted(specs)), min_size=1, max_size=at_most))
    return [compiled(number, each, specs) for number, each in enumerate(drawn, 1)]


def compiled(rule_id: int, terms: RuleTerms, specs: dict[int, StockSpec]) -> CompiledRule:
    award = tuple((specs[stock], count) for stock, count in terms.award)
    return CompiledRule(rule_id, rule_id + 100, terms, award, sum(stock.cost_fen * count for stock, count in award))


def rulebook(rules: list[CompiledRule]) -> Rulebook:
    return Rulebook(rules, SUBTREE, salt=b"salt")


def event(payment_id: int, store: int, shopper: int | None, amount_fen: int, day: date, minute: int) -> PaidEvent:
    return PaidEvent(payment_id, store, CATEGORY_OF[store], shopper, amount_fen, day, day.isoweekday(), minute)


events = st.lists(
    st.tuples(
        st.sampled_from(list(STORES)),
        st.sampled_from([None, 1, 1, 2, 3]),
        st.integers(1, 30_000),
        days,
        st.integers(0, 1_439),
    ),
    max_size=25,
).map(lambda drawn: [event(number, *fields) for number, fields in enumerate(drawn, 1)])
