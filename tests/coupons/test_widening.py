from dataclasses import replace
from datetime import date

import pytest

from coupons.engine import conditions
from coupons.engine.conditions import FACTS, holds, leaves
from coupons.engine.terms import Limits, RuleTerms
from coupons.widening import implies, narrowed
from mallops.lib.dates import clock
from merchants.queries.directory import Directory, StoreEntry

STORES = {pk: StoreEntry(pk, f"s{pk}", category, 1, None) for pk, category in {1: 11, 2: 12, 3: 13}.items()}
SUBTREE = {10: frozenset({10, 11, 12}), 11: frozenset({11}), 12: frozenset({12})}
PLACES = Directory(1, 1, "Asia/Shanghai", clock("Asia/Shanghai"), {}, STORES, SUBTREE, {})
BASE = RuleTerms(
    award=((1, 2),), stores=(1,), categories=(12,), min_fen=5_000, max_fen=90_000, starts_on=date(2026, 3, 1),
    ends_on=date(2026, 3, 31), weekdays=(1, 2), hours=((600, 720),), group="lunch", priority=3, radius_m=100,
    limits=Limits(quantity=10, per_shopper_in_days=2, window_days=7),
)  # fmt: skip


def tree(data) -> conditions.Node:
    return conditions.from_json(data)


def visits(op, value, **more):
    return {"fact": "visits", "op": op, "value": value, **more}


def test_the_same_takes_nothing_away():
    assert narrowed(BASE, BASE, PLACES) == []
    assert narrowed(RuleTerms(award=((1, 1),)), RuleTerms(award=((1, 1),)), PLACES) == []


@pytest.mark.parametrize(
    "wider",
    [
        {"stores": (1, 3)}, {"stores": (), "categories": (10,)}, {"stores": (), "categories": ()},
        {"min_fen": 0}, {"max_fen": None}, {"starts_on": None}, {"starts_on": date(2026, 2, 1)}, {"ends_on": None},
        {"weekdays": ()}, {"weekdays": (1, 2, 3)}, {"hours": ()}, {"hours": ((590, 660), (660, 730))},
        {"award": ((1, 3),)}, {"award": ((1, 1), (2, 1), (1, 1))}, {"group": ""}, {"priority": 4}, {"radius_m": 200},
        {"limits": Limits(quantity=11)}, {"on_trigger_refund": "keep"}, {"shares": ((0, 10_000),)},
    ],
)  # fmt: skip
def test_what_widens(wider):
    assert narrowed(BASE, replace(BASE, **wider), PLACES) == []


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"stores": ()}, ["stores"]),
        ({"categories": (11,)}, ["stores"]),
        ({"min_fen": 5_001}, ["min_fen"]),
        ({"max_fen": 89_999}, ["max_fen"]),
        ({"starts_on": date(2026, 3, 2)}, ["starts_on"]),
        ({"ends_on": date(2026, 3, 30)}, ["ends_on"]),
        ({"weekdays": (2, 3)}, ["weekdays"]),
        ({"hours": ((600, 719),)}, ["hours"]),
        ({"hours": ((601, 1_440),)}, ["hours"]),
        ({"conditions": tree(visits("at_least", 1))}, ["conditions"]),
        ({"award": ((1, 1),)}, ["award"]),
        ({"award": ((2, 2),)}, ["award"]),
        ({"group": "dinner"}, ["group"]),
        ({"priority": 2}, ["priority"]),
        ({"radius_m": 99}, ["radius_m"]),
        ({"radius_m": None}, ["radius_m"]),
        ({"trigger": "qr"}, ["trigger"]),
        ({"on_trigger_refund": "revoke"}, ["on_trigger_refund"]),
        ({"on_use_refund": "forfeit"}, ["on_use_refund"]),
        ({"limits": replace(BASE.limits, quantity=9, per_shopper=5)}, ["quantity", "per_shopper"]),
        ({"limits": replace(BASE.limits, window_days=6)}, ["window_days"]),
        ({"min_fen": 6_000, "hours": ((0, 1),)}, ["min_fen", "hours"]),
    ],
)
def test_what_narrows_is_named(change, fields):
    assert narrowed(BASE, replace(BASE, **change), PLACES) == fields


def test_a_rule_without_bounds_takes_none_later():
    free = RuleTerms(award=((1, 1),))
    bounds = {
        "stores": (1,), "max_fen": 9, "starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 1), "weekdays": (1,),
        "hours": ((0, 1_439),), "group": "x", "limits": Limits(per_shopper=1),
    }  # fmt: skip
    for name, value in bounds.items():
        found = narrowed(free, replace(free, **{name: value}), PLACES)
        assert found == ["per_shopper" if name == "limits" else name]


def test_lower_priority_matters_in_a_group_only():
    alone = replace(BASE, group="")
    assert narrowed(alone, replace(alone, priority=-1), PLACES) == []


ONE, TWO = visits("at_least", 1), visits("at_least", 2)
VIP, NEW = {"fact": "tag", "op": "in", "value": ["vip"]}, {"fact": "first_visit", "op": "is", "value": True}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TWO, ONE),
        (visits("at_most", 3), visits("at_most", 4)),
        (visits("equals", 3), TWO),
        (VIP, {"fact": "tag", "op": "in", "value": ["gold", "vip"]}),
        ({"fact": "tag", "op": "not_in", "value": ["a", "b"]}, {"fact": "tag", "op": "not_in", "value": ["a"]}),
        (VIP, {"any": [VIP, NEW]}),
        ({"all": [VIP, NEW]}, NEW),
        ({"all": [VIP, TWO]}, {"all": [ONE, VIP]}),
        ({"any": [VIP, TWO]}, {"any": [ONE, NEW, VIP]}),
        ({"not": ONE}, {"not": TWO}),
        ({"not": {"any": [VIP, NEW]}}, {"not": VIP}),
        ({"all": [{"any": [VIP, TWO]}, NEW]}, {"any": [{"all": [NEW, ONE]}, VIP, NEW]}),
    ],
)
def test_weaker_conditions_are_seen_as_such(old, new):
    old, new = tree(old), tree(new)
    assert implies(old, new)
    assert not implies(new, old)
    assert narrowed(replace(BASE, conditions=old), replace(BASE, conditions=new), PLACES) == []
    assert narrowed(replace(BASE, conditions=new), replace(BASE, conditions=old), PLACES) == ["conditions"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ONE, TWO), (VIP, NEW), (TWO, visits("at_least", 1, days=30)), (TWO, visits("at_least", 1, stores=[1])),
        (TWO, {"fact": "spend_fen", "op": "at_least", "value": 1}), (visits("at_least", 3), visits("equals", 3)),
        (VIP, {"fact": "tag", "op": "not_in", "value": ["gold"]}), (VIP, {"not": VIP}), ({"any": [VIP, NEW]}, VIP),
        (VIP, {"all": [VIP, NEW]}), (NEW, {"fact": "first_visit", "op": "is", "value": False}),
    ],
)  # fmt: skip
def test_other_conditions_are_not_taken_for_weaker_ones(old, new):
    assert not implies(tree(old), tree(new))


def test_conditions_that_go_take_nothing_away():
    assert narrowed(replace(BASE, conditions=tree(VIP)), BASE, PLACES) == []


@pytest.mark.parametrize("seed", range(40))
def test_what_is_taken_for_implied_holds(seed):
    """On random trees over two numbers: wherever the old tree holds, so does the new one."""
    import random

    rng = random.Random(seed)

    def made(depth):
        if depth == 0 or rng.random() < 0.3:
            op = rng.choice(["at_least", "at_most", "equals"])
            return {"fact": rng.choice(["visits", "spend_fen"]), "op": op, "value": rng.randrange(4)}
        kind = rng.choice(["all", "any", "not"])
        return {"not": made(depth - 1)} if kind == "not" else {kind: [made(depth - 1) for _ in range(2)]}

    class Known:
        def __init__(self, values):
            self.values = values

        def value(self, leaf):
            return self.values[leaf.fact]

    for _ in range(200):
        old, new = tree(made(3)), tree(made(2))
        if implies(old, new):
            for seen in range(5):
                for spent in range(5):
                    facts = Known({"visits": seen, "spend_fen": spent})
                    assert not holds(old, facts) or holds(new, facts), (old, new)
    assert {leaf.fact for leaf in leaves(old)} <= FACTS.keys()
