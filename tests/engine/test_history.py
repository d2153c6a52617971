"""Facts about shoppers against a naive reading of the ledger, for any conditions and any payments."""

from datetime import timedelta

import pytest
from hypothesis import given, settings

from coupons.engine import conditions
from coupons.engine.conditions import Leaf
from coupons.engine.decide import AWARDED, MemoryState, decide
from coupons.engine.event import Event
from coupons.engine.history import History, Places, Seen
from coupons.engine.terms import RuleTerms

from . import strategies as make

STOCK = make.StockSpec(1, 100, 10**6, None, True, None, frozenset())


def is_at(leaf: Leaf, event: Event) -> bool:
    below = set().union(*(make.SUBTREE[chosen] for chosen in leaf.categories))
    anywhere = not leaf.stores and not leaf.categories
    return anywhere or event.store_id in leaf.stores or make.CATEGORY_OF[event.store_id] in below


def looked_up(leaf: Leaf, event: Event, ledger: list[Event], holding: frozenset[int]):
    """What the conditions' documentation says, read off the whole ledger each time."""
    earlier = [
        each
        for each in ledger[: ledger.index(event)]
        if each.kind == "payment" and each.shopper_id == event.shopper_id and each.day <= event.day
        if is_at(leaf, each) and (leaf.days is None or event.day - each.day < timedelta(days=leaf.days))
    ]
    days = {each.day for each in earlier}
    values = {
        "amount_fen": event.amount_fen if event.kind == "payment" else None,
        "store": event.store_id,
        "category": {category for category, below in make.SUBTREE.items() if event.category_id in below},
        "weekday": event.day.isoweekday(),
        "minute": event.minute,
        "first_visit": not earlier,
        "visits": len(days),
        "spend_fen": sum(each.amount_fen for each in earlier),
        "days_since_visit": (event.day - max(days)).days if days else None,
        "tag": make.TAGS.get(event.shopper_id, frozenset()),
        "parked": event.shopper_id == 2,
        "holds_stock": holding,
    }
    return values[leaf.fact]


@settings(max_examples=100, deadline=None)
@given(make.trees, make.mixed())
def test_facts_are_those_of_the_ledger(tree, ledger):
    spec = make.StockSpec(99, 100, 10**6, None, True, None, frozenset())
    terms = RuleTerms(award=((99, 1),), conditions=tree)
    book = make.rulebook([make.compiled(1, terms, {99: spec})])
    holders: set[int] = set()
    for decision in decide(book, ledger, MemoryState(), make.knowledge()):
        if decision.reason in ("shopper", "trigger"):
            continue
        event = decision.event
        holding = frozenset({99} if event.shopper_id in holders else ())
        found = next(check for check in decision.trace if check.name == "conditions")
        actual = [looked_up(leaf, event, ledger, holding) for leaf in conditions.leaves(tree)]
        assert [value for _held, value in found.actual] == [
            sorted(value) if isinstance(value, set | frozenset) else value for value in actual
        ]
        assert found.ok is truth(tree, iter(actual))
        if decision.outcome == AWARDED:
            holders.add(event.shopper_id)


def truth(tree, actual) -> bool:
    """The tree's truth from the actual values of its leaves, all of them looked at."""
    if isinstance(tree, Leaf):
        return conditions.leaf_holds(tree, next(actual))
    if isinstance(tree, conditions.Not):
        return not truth(tree.part, actual)
    return {"all": all, "any": any}[tree.kind]([truth(part, actual) for part in tree.parts])


class Counting(History):
    """A history that counts how often it is asked."""

    asked = 0

    def seen(self, *args) -> Seen:
        Counting.asked += 1
        return super().seen(*args)


@pytest.mark.parametrize("rules", [1, 20])
def test_history_is_looked_up_once_per_payment_and_not_once_per_rule(rules):
    tree = conditions.from_json(
        {"all": [{"fact": "visits", "op": "at_least", "value": 0, "days": 30},
                 {"fact": "spend_fen", "op": "at_least", "value": 0, "days": 30},
                 {"fact": "visits", "op": "at_most", "value": 9, "days": 30, "categories": [10]}]}
    )  # fmt: skip
    book = make.rulebook(
        [make.compiled(n, RuleTerms(award=((1, 1),), conditions=tree), {1: STOCK}) for n in range(1, rules + 1)]
    )
    knowledge = make.knowledge()
    knowledge.history, Counting.asked = Counting(), 0
    decide(book, [make.event(n, 1, 1, 100, make.FIRST_DAY, 0) for n in range(5)], MemoryState(), knowledge)
    assert Counting.asked == 5 * 2  # two places


def test_history_is_taken_in_only_if_a_rule_asks():
    knowledge = make.knowledge()
    book = make.rulebook([make.compiled(1, RuleTerms(award=((1, 1),)), {1: STOCK})])
    decide(book, [make.event(1, 1, 1, 100, make.FIRST_DAY, 0)], MemoryState(), knowledge)
    assert knowledge.history.seen(1, None, make.FIRST_DAY, make.FIRST_DAY) == Seen(0, 0, None)


def test_what_is_forgotten_is_gone():
    history, day = History(), make.FIRST_DAY
    history.add(1, 5, day, 100)
    history.extend([(1, (day + timedelta(days=2), 5, 100)), (2, (day, 5, 100))])
    assert history.seen(1, {5}, day, day + timedelta(days=9)) == Seen(2, 200, day + timedelta(days=2))
    history.forget_before(day + timedelta(days=1))
    assert history.seen(1, None, day, day + timedelta(days=9)) == Seen(1, 100, day + timedelta(days=2))
    assert history.seen(2, None, day, day + timedelta(days=9)) == Seen(0, 0, None)


def test_places_are_stores_and_the_sub_trees_of_categories():
    places = Places(make.CATEGORY_OF, make.SUBTREE)
    assert places.stores((), ()) is None
    assert places.stores((4,), (10,)) == {1, 2, 3, 4}
    assert places.stores((9,), (77,)) == {9}  # a store that is gone stays a place, an unknown category is none
    assert places.above(11) == {10, 11}
    assert places.above(77) == {77}


def test_coupons_are_held_until_their_last_day():
    knowledge, day = make.knowledge(), make.FIRST_DAY
    knowledge.hold(1, 5, day)
    knowledge.hold(1, 5, day - timedelta(days=1))
    assert knowledge.held(1, day) == {5}
    assert knowledge.held(1, day + timedelta(days=1)) == knowledge.held(2, day) == frozenset()
    knowledge.drop(1, [5, 6])
    knowledge.drop(2, [5])
    assert knowledge.held(1, day) == frozenset()
