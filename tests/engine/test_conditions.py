"""Condition trees: to JSON and back, whatever is found there, and what holds."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine import conditions
from coupons.engine.conditions import CODES, FACTS, BadConditions, Group, Leaf, Not

from . import strategies as make

quick = settings(max_examples=150, deadline=None)
LEAF = {"fact": "visits", "op": "at_least", "value": 3, "days": 30, "stores": [1], "categories": [2]}
words = st.text(max_size=4) | st.sampled_from(["fact", "op", "value", "days", "stores", "all", "any", "not", *FACTS])
atoms = (
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | words
    | st.sampled_from(["at_least", "in", "is", "\x00", "\ud800"])
)  # fmt: skip
junk = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4), max_leaves=10
)


class Told:
    """Facts as they are told by name."""

    def __init__(self, **values) -> None:
        self.values, self.asked = values, []

    def value(self, leaf: Leaf):
        self.asked.append(leaf.fact)
        return self.values[leaf.fact]


def problems_of(data) -> list[tuple[str, str]]:
    """What is wrong with the data; nothing if it is a tree. Fails on any exception but BadConditions."""
    try:
        tree = conditions.from_json(data)
    except BadConditions as error:
        assert error.problems and {code for _path, code in error.problems} <= set(CODES)
        return error.problems
    assert conditions.from_json(json.loads(json.dumps(conditions.to_json(tree)))) == tree
    return []


@quick
@given(make.trees)
def test_round_trip_through_json(tree):
    assert conditions.from_json(json.loads(json.dumps(conditions.to_json(tree)))) == tree


@quick
@given(junk)
def test_anything_is_read_or_refused(data):
    problems_of(data)


@quick
@given(st.dictionaries(st.sampled_from(sorted(LEAF)), junk))
def test_junk_in_a_leaf_is_read_or_refused(values):
    problems_of({"all": [LEAF | values]})


@pytest.mark.parametrize("data", [None, {}, []])
def test_no_conditions(data):
    assert conditions.from_json(data) is None
    assert conditions.to_json(None) is None
    assert list(conditions.leaves(None)) == []
    assert conditions.sources(None) == frozenset()


@pytest.mark.parametrize("data", ["", "all", 0, 1, True, [LEAF], {"and": [LEAF]}, {"all": [LEAF], "any": [LEAF]}])
def test_what_is_no_tree(data):
    assert problems_of(data) == [("", "unknown_node")]


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        ({"all": []}, "all", "empty"),
        ({"any": {}}, "", "unknown_node"),
        ({"not": {}}, "not", "unknown_node"),
        ({"not": None}, "not", "unknown_node"),
        ({"not": [LEAF]}, "not", "unknown_node"),
        ({"all": [LEAF, 5]}, "all.1", "unknown_node"),
        ({"any": [{"not": {"all": [LEAF, None]}}]}, "any.0.not.all.1", "unknown_node"),
        ({"all": [LEAF] * 31}, "all", "too_many"),
        ({"all": [{"any": [LEAF] * 20}, {"any": [LEAF] * 20}]}, "", "too_many"),
        ({"not": {"not": {"not": {"not": {"not": LEAF}}}}}, "not.not.not.not.not", "too_deep"),
    ],
)
def test_bad_group_is_blamed_on_its_place(data, path, code):
    assert problems_of(data) == [(path, code)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fact": "age"}, "unknown_fact"),
        ({"fact": None}, "unknown_fact"),
        ({"fact": ["visits"]}, "unknown_fact"),
        ({"op": "in"}, "unknown_op"),
        ({"op": None}, "unknown_op"),
        ({"op": []}, "unknown_op"),
        ({"value": "3"}, "bad_value"),
        ({"value": 3.0}, "bad_value"),
        ({"value": True}, "bad_value"),
        ({"value": None}, "bad_value"),
        ({"value": [3]}, "bad_value"),
        ({"value": float("nan")}, "bad_value"),
        ({"value": -1}, "out_of_range"),
        ({"value": 100_001}, "out_of_range"),
        ({"value": 10**400}, "out_of_range"),
        ({"days": 0}, "out_of_range"),
        ({"days": 3_661}, "out_of_range"),
        ({"days": "30"}, "bad_value"),
        ({"days": False}, "bad_value"),
        ({"stores": 1}, "bad_value"),
        ({"stores": ""}, "bad_value"),
        ({"stores": 0}, "bad_value"),
        ({"stores": [0]}, "bad_value"),
        ({"stores": [True]}, "bad_value"),
        ({"stores": [2**63]}, "bad_value"),
        ({"stores": list(range(1, 202))}, "bad_value"),
        ({"categories": ["1"]}, "bad_value"),
        ({"categories": {"1": 1}}, "bad_value"),
        ({"unit": "days"}, "unknown_node"),
        ({"fact": "first_visit", "op": "is", "value": True}, "no_days"),
        ({"fact": "first_visit", "op": "is", "value": 1}, "bad_value"),
        ({"fact": "days_since_visit"}, "no_days"),
        ({"fact": "amount_fen"}, "no_place"),
        ({"fact": "amount_fen", "stores": [], "categories": []}, "no_days"),
        ({"fact": "amount_fen", "value": 10**13 + 1}, "out_of_range"),
        ({"fact": "minute", "op": "equals", "value": 600}, "unknown_op"),
        ({"fact": "minute", "value": 1_441}, "out_of_range"),
        ({"fact": "store", "op": "in", "value": []}, "empty"),
        ({"fact": "store", "op": "in", "value": 1}, "bad_value"),
        ({"fact": "store", "op": "in", "value": list(range(1, 202))}, "out_of_range"),
        ({"fact": "store", "op": "in", "value": [-1]}, "bad_value"),
        ({"fact": "weekday", "op": "in", "value": [0]}, "bad_value"),
        ({"fact": "weekday", "op": "in", "value": [8]}, "bad_value"),
        ({"fact": "tag", "op": "in", "value": [""]}, "bad_value"),
        ({"fact": "tag", "op": "in", "value": ["a" * 41]}, "bad_value"),
        ({"fact": "tag", "op": "in", "value": ["\x00"]}, "bad_value"),
        ({"fact": "tag", "op": "in", "value": ["\ud800"]}, "bad_value"),
        ({"fact": "tag", "op": "in", "value": "gold"}, "bad_value"),
        ({"fact": "parked", "op": "is", "value": "yes"}, "bad_value"),
    ],
)
def test_bad_leaf_is_blamed_on_its_place(change, code):
    assert problems_of({"any": [LEAF | change]}) == [("any.0", code)]


def test_all_that_is_wrong_is_told_at_once_but_not_without_end():
    bad = LEAF | {"value": -1}
    assert problems_of({"all": [bad, LEAF, {"not": bad}]}) == [("all.0", "out_of_range"), ("all.2.not", "out_of_range")]
    assert len(problems_of({"all": [{"any": [bad] * 30}] * 30})) == conditions.MAX_PROBLEMS


def test_sources_and_look_back_are_those_of_all_leaves():
    tree = conditions.from_json(
        {"any": [LEAF, {"not": {"fact": "tag", "op": "in", "value": ["gold"]}},
                 {"all": [LEAF | {"days": 90}, {"fact": "amount_fen", "op": "at_least", "value": 1}]}]}
    )  # fmt: skip
    assert conditions.sources(tree) == {"history", "tags", "event"}
    assert list(conditions.look_backs(tree)) == [30, 90]
    assert [leaf.fact for leaf in conditions.leaves(tree)] == ["visits", "tag", "visits", "amount_fen"]


@pytest.mark.parametrize(
    ("op", "expected", "actual", "held"),
    [
        ("at_least", 3, 3, True),
        ("at_least", 3, 2, False),
        ("at_most", 3, 3, True),
        ("at_most", 3, 4, False),
        ("equals", 0, 0, True),
        ("equals", 0, 1, False),
        ("at_least", 0, None, False),
        ("at_most", 9, None, False),
        ("equals", 0, None, False),
        ("is", True, True, True),
        ("is", False, True, False),
        ("in", (1, 2), 2, True),
        ("in", (1, 2), 3, False),
        ("not_in", (1, 2), 3, True),
        ("not_in", (1, 2), 1, False),
        ("in", ("a", "b"), frozenset({"b", "c"}), True),
        ("in", ("a", "b"), frozenset({"c"}), False),
        ("in", ("a",), frozenset(), False),
        ("not_in", ("a",), frozenset(), True),
        ("not_in", ("a", "b"), frozenset({"b", "c"}), False),
    ],
)
def test_what_holds(op, expected, actual, held):
    assert conditions.leaf_holds(Leaf("fact", op, expected), actual) is held


def test_groups_hold_as_the_words_say_and_look_no_further_than_they_need():
    rich, late = Leaf("amount_fen", "at_least", 100), Leaf("minute", "at_least", 600)
    facts = Told(amount_fen=99, minute=700)
    assert conditions.holds(Group("any", (rich, late)), facts)
    assert conditions.holds(Group("all", (Not(rich), late)), facts)
    facts = Told(amount_fen=99, minute=700)
    assert not conditions.holds(Group("all", (rich, late)), facts)
    assert facts.asked == ["amount_fen"]


def test_explanation_names_every_leaf_in_order_as_json_can_keep_it():
    tree = Group("any", (Leaf("tag", "in", ("b",)), Not(Leaf("amount_fen", "at_least", 5))))
    found = [(True, ["a", "b"]), (False, 4)]
    assert conditions.explain(tree, Told(tag=frozenset({"b", "a"}), amount_fen=4)) == (True, found)


@quick
@given(make.trees, st.integers(0, 40_000), st.booleans())
def test_explanation_comes_to_what_holds(tree, number, truth):
    sets = {"category": frozenset({10, 11}), "tag": frozenset({"gold"}), "holds_stock": frozenset()}
    single = {"store": 1, "weekday": 2, "parked": truth, "first_visit": truth}
    facts = Told(**dict.fromkeys(FACTS, number) | sets | single)
    assert conditions.explain(tree, facts)[0] is conditions.holds(tree, facts)
