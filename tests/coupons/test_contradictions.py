"""Trees that can never hold, and trees that can: said without a database."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.contradictions import CASES, judge
from coupons.engine.conditions import Group, Leaf, Not, holds
from coupons.engine.history import Places
from coupons.narrowing import Scope

# Stores 1 and 2 of category 7, store 3 of category 8; 7 lies below 6.
PLACES = Places({1: 7, 2: 7, 3: 8}, {6: frozenset({6, 7}), 7: frozenset({7}), 8: frozenset({8})})
ALL_DAY = ((0, 1_439),)


def scope(**changes) -> Scope:
    values = {
        "amount": (0, inf), "stores": frozenset({1, 2, 3}), "weekdays": frozenset(range(1, 8)), "minutes": ALL_DAY,
    }  # fmt: skip
    return Scope(**values | changes)


def both(*parts) -> Group:
    return Group("all", parts)


def either(*parts) -> Group:
    return Group("any", parts)


def visits(op, value, **places) -> Leaf:
    return Leaf("visits", op, value, **places)


@pytest.mark.parametrize(
    ("node", "topic", "place"),
    [
        (both(Leaf("amount_fen", "at_least", 5), Leaf("amount_fen", "at_most", 4)), "amount", 1),
        (both(Leaf("amount_fen", "equals", 5), Leaf("amount_fen", "equals", 4)), "amount", 1),
        (both(Leaf("amount_fen", "at_least", 5), Not(Leaf("amount_fen", "at_least", 5))), "amount", 1),
        (both(Leaf("store", "in", (1, 2)), Leaf("store", "not_in", (1, 2, 9))), "store", 1),
        (both(Leaf("store", "in", (3,)), Leaf("category", "in", (6,))), "store", 1),
        (both(Leaf("category", "not_in", (6,)), Leaf("category", "not_in", (8,))), "store", 1),
        (both(Leaf("weekday", "in", (1, 2)), Leaf("weekday", "in", (3,))), "weekday", 1),
        (both(Leaf("minute", "at_least", 700), Leaf("minute", "at_most", 699)), "minute", 1),
        (Leaf("minute", "at_least", 1_440), "minute", 0),
        (both(Leaf("tag", "in", ("a", "b")), Leaf("tag", "not_in", ("a",)), Leaf("tag", "not_in", ("b",))), "tag", 2),
        (both(Leaf("holds_stock", "in", (5,)), Not(Leaf("holds_stock", "in", (5,)))), "holds_stock", 1),
        (both(Leaf("parked", "is", True), Leaf("parked", "is", False)), "parked", 1),
        (both(visits("at_least", 3), visits("at_most", 2)), "history", 1),
        (both(visits("at_least", 3, days=30), visits("at_most", 2)), "history", 1),
        (both(visits("at_least", 3, stores=(1,)), visits("at_most", 2, categories=(7,))), "history", 1),
        (both(visits("at_least", 3, stores=(1,)), visits("at_most", 2)), "history", 1),
        (visits("at_least", 31, days=30), "history", 0),
        (both(Leaf("first_visit", "is", True), visits("at_least", 1, stores=(3,))), "history", 1),
        (both(Leaf("first_visit", "is", False), Leaf("first_visit", "is", True)), "history", 1),
        (both(Leaf("first_visit", "is", True), Leaf("spend_fen", "at_least", 1)), "history", 1),
        (both(Leaf("first_visit", "is", False), Leaf("spend_fen", "at_most", 0)), "history", 1),
        (both(Leaf("first_visit", "is", True), Leaf("days_since_visit", "at_most", 9)), "history", 1),
        (both(Leaf("days_since_visit", "at_least", 60), visits("at_least", 1, days=60)), "history", 1),
        (both(Leaf("days_since_visit", "at_least", 60), Leaf("days_since_visit", "at_most", 59)), "history", 1),
        (both(Leaf("spend_fen", "at_least", 9, days=7), Leaf("spend_fen", "at_most", 8, days=30)), "history", 1),
        (Not(either(Leaf("parked", "is", True), Leaf("parked", "is", False))), "parked", 1),
    ],
)
def test_what_can_never_hold(node, topic, place):
    verdict = judge(node, scope(), PLACES)
    assert (verdict.never, verdict.idle) == ((topic, place), frozenset())


@pytest.mark.parametrize(
    "node",
    [
        None,
        both(Leaf("amount_fen", "at_least", 5), Leaf("amount_fen", "at_most", 5)),
        both(Not(Leaf("amount_fen", "equals", 5)), Leaf("amount_fen", "at_least", 5)),
        both(Leaf("category", "in", (6,)), Leaf("store", "not_in", (1,))),
        both(Leaf("tag", "in", ("a", "b")), Leaf("tag", "not_in", ("a",))),
        both(visits("at_least", 3), visits("at_most", 2, days=30)),
        both(visits("at_most", 2, stores=(1,)), visits("at_least", 3)),
        both(visits("at_least", 2, stores=(1,)), visits("at_most", 1, stores=(3,))),
        visits("at_least", 30, days=30),
        both(Leaf("days_since_visit", "at_least", 60), visits("at_least", 1, days=61)),
        both(Not(Leaf("days_since_visit", "at_least", 60)), Leaf("first_visit", "is", True)),
        both(Leaf("first_visit", "is", True, stores=(1,)), visits("at_least", 9)),
        both(Leaf("first_visit", "is", True), Leaf("spend_fen", "at_least", 0)),
    ],
)
def test_what_can_hold(node):
    assert judge(node, scope(), PLACES) == (None, frozenset())


@pytest.mark.parametrize(
    ("changes", "leaf", "topic"),
    [
        ({"amount": (5_000, inf)}, Leaf("amount_fen", "at_most", 4_999), "amount"),
        ({"amount": (0, 0)}, Leaf("amount_fen", "at_least", 1), "amount"),
        ({"stores": frozenset({3})}, Leaf("category", "in", (7,)), "store"),
        ({"weekdays": frozenset({6, 7})}, Leaf("weekday", "in", (1,)), "weekday"),
        ({"minutes": ((660, 839), (1_020, 1_199))}, Leaf("minute", "at_least", 1_200), "minute"),
    ],
)
def test_what_the_trigger_excludes(changes, leaf, topic):
    assert judge(leaf, scope(**changes), PLACES).never == (topic, 0)


def test_a_way_that_is_left_is_enough_and_the_others_are_named():
    dead, alive = Leaf("minute", "at_least", 1_440), Leaf("parked", "is", True)
    assert judge(either(dead, alive), scope(), PLACES) == (None, frozenset({0}))
    nested = both(alive, either(Leaf("weekday", "in", (1,)), both(Leaf("parked", "is", False), alive)))
    assert judge(nested, scope(), PLACES) == (None, frozenset({2, 3}))


def test_with_too_many_ways_nothing_is_said():
    pair = either(Leaf("parked", "is", True), Leaf("parked", "is", False))
    dead = Leaf("minute", "at_least", 1_440)
    assert 2**10 > CASES
    assert judge(both(*[pair] * 10, dead), scope(), PLACES) == (None, frozenset())
    assert judge(both(*[pair] * 8, dead), scope(), PLACES).never is not None


EVENT = st.fixed_dictionaries(
    {
        "amount_fen": st.integers(0, 6), "weekday": st.integers(1, 7), "minute": st.integers(0, 6),
        "parked": st.booleans(), "tag": st.frozensets(st.sampled_from("abc")),
    }
)  # fmt: skip
LEAVES = st.one_of(
    st.builds(Leaf, st.just("amount_fen"), st.sampled_from(["at_least", "at_most", "equals"]), st.integers(0, 6)),
    st.builds(Leaf, st.just("minute"), st.sampled_from(["at_least", "at_most"]), st.integers(0, 6)),
    st.builds(
        Leaf, st.just("weekday"), st.sampled_from(["in", "not_in"]),
        st.lists(st.integers(1, 7), min_size=1).map(tuple),
    ),
    st.builds(
        Leaf, st.just("tag"), st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from("abc"), min_size=1).map(tuple),
    ),
    st.builds(Leaf, st.just("parked"), st.just("is"), st.booleans()),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(Group, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


class Known:
    def __init__(self, values: dict) -> None:
        self.values = values

    def value(self, leaf: Leaf):
        return self.values[leaf.fact]


@given(tree=TREES, event=EVENT)
def test_what_holds_of_an_event_is_never_called_impossible(tree, event):
    if holds(tree, Known(event)):
        assert judge(tree, scope(), PLACES).never is None
