"""Rulebooks and events of a small mall, drawn so that rules meet, compete and run out."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from coupons.engine.conditions import CHOICE, MAX_DEPTH, NUMBER, Group, Leaf, Node, Not
from coupons.engine.event import Event
from coupons.engine.history import MemoryKnowledge, Places
from coupons.engine.rulebook import CompiledRule, Rulebook, StockSpec
from coupons.engine.terms import Limits, RuleTerms

STORES = range(1, 6)
CATEGORY_OF = {1: 11, 2: 11, 3: 12, 4: 13, 5: 13}
SUBTREE = {10: frozenset({10, 11, 12}), 11: frozenset({11}), 12: frozenset({12}), 13: frozenset({13})}
FIRST_DAY = date(2026, 2, 27)  # a Friday; the next month begins two days later

few = st.integers(1, 4)
some_stores = st.sets(st.sampled_from(list(STORES)), min_size=1, max_size=2).map(sorted).map(tuple)
some_categories = st.sets(st.sampled_from(sorted(SUBTREE)), min_size=1, max_size=2).map(sorted).map(tuple)
places = st.sampled_from([{}, {}]) | st.fixed_dictionaries(
    {}, optional={"stores": some_stores, "categories": some_categories}
)
look_backs = st.none() | st.integers(1, 4)
days = st.integers(0, 3).map(lambda n: FIRST_DAY + timedelta(days=n))
numbers = st.sampled_from(NUMBER)
choices = st.sampled_from(CHOICE)


def leaf(fact: str, op, value, **places) -> st.SearchStrategy[Leaf]:
    return st.builds(Leaf, fact=st.just(fact), op=op, value=value, **places)


def at_places(fact: str, op, value, days=None) -> st.SearchStrategy[Leaf]:
    """A leaf about a place, and if the fact takes it about some last days."""
    plain = leaf(fact, op, value, **({"days": days} if days is not None else {}))
    return st.builds(lambda made, place: replace(made, **place), plain, places)


leaves = st.one_of(
    leaf("amount_fen", numbers, st.integers(0, 30_000)),
    leaf("store", choices, some_stores),
    leaf("category", choices, some_categories),
    leaf("weekday", choices, st.sets(st.integers(1, 7), min_size=1).map(sorted).map(tuple)),
    leaf("minute", st.sampled_from(["at_least", "at_most"]), st.integers(0, 1_440)),
    at_places("first_visit", st.just("is"), st.booleans()),
    at_places("visits", numbers, st.integers(0, 3), look_backs),
    at_places("spend_fen", numbers, st.integers(0, 40_000), look_backs),
    at_places("days_since_visit", numbers, st.integers(0, 3)),
    leaf("tag", choices, st.sets(st.sampled_from(["gold", "银卡"]), min_size=1).map(sorted).map(tuple)),
    leaf("holds_stock", choices, st.sets(st.integers(1, 3), min_size=1).map(sorted).map(tuple)),
    leaf("parked", st.just("is"), st.booleans()),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(
            Group, kind=st.sampled_from(["all", "any"]), parts=st.lists(inner, min_size=1, max_size=3).map(tuple)
        ),
        st.builds(Not, inner),
    ),
    max_leaves=5,
).filter(lambda tree: depth(tree) <= MAX_DEPTH)


def depth(tree: Node) -> int:
    if isinstance(tree, Leaf):
        return 1
    return 1 + max(map(depth, (tree.part,) if isinstance(tree, Not) else tree.parts))


limits = st.builds(
    Limits,
    quantity=st.none() | few,
    budget_fen=st.none() | st.integers(500, 5_000),
    quantity_per_day=st.none() | few,
    budget_per_day_fen=st.none() | st.integers(500, 5_000),
    per_shopper=st.none() | few,
    per_shopper_per_day=st.none() | few,
    per_shopper_in_days=st.none() | few,
    window_days=st.integers(1, 3),
    quantity_per_store=st.none() | few,
).map(lambda drawn: drawn if drawn.per_shopper_in_days else replace(drawn, window_days=None))
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
        valid_days=st.none() | st.integers(0, 2),
    ),
    min_size=1,
    max_size=3,
).map(lambda specs: [replace(spec, id=number) for number, spec in enumerate(specs, 1)])


@st.composite
def terms(draw, stock_ids) -> RuleTerms:
    starts, ends = sorted([draw(days), draw(days)])
    least = draw(st.just(0) | st.integers(0, 15_000))
    opening = draw(st.integers(0, 1_439))
    return RuleTerms(
        award=tuple((stock, draw(few)) for stock in sorted(draw(st.sets(st.sampled_from(stock_ids), min_size=1)))),
        stores=tuple(draw(st.sets(st.sampled_from(list(STORES)), max_size=2))),
        categories=tuple(draw(st.sets(st.sampled_from(sorted(SUBTREE)), max_size=2))),
        min_fen=least,
        max_fen=draw(st.none() | st.integers(least, 25_000)) if least else None,
        starts_on=draw(st.sampled_from([None, starts])),
        ends_on=draw(st.sampled_from([None, ends])),
        weekdays=tuple(draw(st.sets(st.integers(1, 7)))),
        hours=draw(st.sampled_from([(), ((opening, 1_440),), ((0, 600), (600, 1_440))])),
        limits=draw(limits),
        group=draw(st.sampled_from(["", "a", "b"])),
        priority=draw(st.integers(-1, 1)),
        holdout_bp=draw(st.sampled_from([0, 0, 3_000])),
        conditions=draw(st.none() | trees),
        trigger=draw(st.sampled_from(["payment"] * 5 + ["qr"])) if not least else "payment",
    )


@st.composite
def rules(draw, at_most: int = 6) -> list[CompiledRule]:
    specs = {spec.id: spec for spec in draw(stocks)}
    drawn = draw(st.lists(terms(sorted(specs)), min_size=1, max_size=at_most))
    return [compiled(number, each, specs) for number, each in enumerate(drawn, 1)]


def compiled(rule_id: int, terms: RuleTerms, specs: dict[int, StockSpec]) -> CompiledRule:
    award = tuple((specs[stock], count) for stock, count in terms.award)
    return CompiledRule(rule_id, rule_id + 100, terms, award, sum(stock.cost_fen * count for stock, count in award))


def rulebook(rules: list[CompiledRule], **options) -> Rulebook:
    return Rulebook(rules, SUBTREE, salt=b"salt", **options)


TAGS = {1: frozenset({"gold"}), 2: frozenset({"gold", "银卡"})}


def is_parked(event: Event) -> bool:
    return event.shopper_id == 2


def knowledge(**known) -> MemoryKnowledge:
    """Two shoppers have tags, one a car in the car park, and shopper 3 is known to nobody."""
    return MemoryKnowledge(Places(CATEGORY_OF, SUBTREE), **{"tags": TAGS, "parked": is_parked, **known})


def event(payment_id: int, store: int, shopper: int | None, amount_fen: int, day: date, minute: int) -> Event:
    return Event(payment_id, store, CATEGORY_OF[store], shopper, amount_fen, day, day.isoweekday(), minute)


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


def claim(claim_id: int, rule_id: int, kind: str, store: int, shopper: int, day: date, minute: int) -> Event:
    weekday = day.isoweekday()
    return Event(None, store, CATEGORY_OF[store], shopper, 0, day, weekday, minute, None, claim_id, rule_id, kind)


claims = st.lists(
    st.tuples(
        st.integers(1, 7),
        st.sampled_from(["qr", "qr", "nearby", "payment"]),
        st.sampled_from(list(STORES)),
        st.sampled_from([1, 2, 3]),
        days,
        st.integers(0, 1_439),
    ),
    max_size=6,
).map(lambda drawn: [claim(number, *fields) for number, fields in enumerate(drawn, 1)])


@st.composite
def mixed(draw) -> list[Event]:
    """Payments and claims, in any order of days, as they arrive."""
    drawn = draw(st.permutations([*draw(events), *draw(claims)]))
    numbers = iter(range(1, len(drawn) + 1))
    return [each._replace(payment_id=each.payment_id and next(numbers)) for each in drawn]
