"""What would have been enough, from traces as the engine writes them."""

import pytest

from coupons.engine.conditions import Group, Leaf, Not
from coupons.engine.terms import RuleTerms
from coupons.enough import enough, missing
from coupons.sentences import Names

NAMES = Names({3: "Hotpot", 4: "Tea"}, {7: "Food"}, {9: "Tea voucher"}, "¥")


def said(*trace, **terms) -> list[str]:
    return enough(trace, RuleTerms(award=((9, 1),), **terms), NAMES)


@pytest.mark.parametrize(
    ("check", "phrase"),
    [
        (["amount", False, [6_000, None], 4_750], "¥12.50 more"),
        (["amount", False, [0, 6_000], 9_000], "¥60 at most"),
        (["hours", False, [[840, 960], [1_080, 1_200]], 700], "open from 14:00"),
        (["hours", False, [[840, 960], [1_080, 1_200]], 960], "open from 18:00"),
        (["hours", False, [[840, 960]], 1_000], "between 14:00 and 16:00"),
        (["weekdays", False, [1, 5], 3], "on Monday and Friday"),
        (["dates", False, ["2026-11-01", None], "2026-10-30"], "from 2026-11-01 on"),
        (["dates", False, [None, "2026-11-01"], "2026-11-02"], "until 2026-11-01"),
        (["shopper", False, None, None], "a shopper who is known"),
        (["stock_open", False, 9, None], "coupons of Tea voucher to give"),
        (["payer", False, -8, "suspended"], "#8 in good standing"),
        (["not_blocked", False, None, 5], "no block on the shopper"),
        (["group", False, "lunch", 12], "no other award of the group “lunch”"),
        (["distance", False, 300, 450], "150 m nearer"),
        (["quantity", False, [50, 1], 50], "“Awards in all” raised from 50 to 51"),
        (["quantity", False, 50, 50], "“Awards in all” raised from 50 to 51"),  # as written by the first version
        (["budget_fen", False, [10_000, 1_500], 9_000], "“Money in all” raised from ¥100 to ¥105"),
        (["per_shopper_per_day", False, [1, 1], 1],
         "the next day, or “Awards per shopper a day” raised from 1 to 2"),
        (["budget_per_day_fen", False, [10_000, 800], 9_500],
         "the next day, or “Money a day” raised from ¥100 to ¥103"),
        (["stock_quantity", False, [1_000, 2, 9], 999], "“Quantity of the stock” raised from 1,000 to 1,001"),
    ],
)  # fmt: skip
def test_one_check(check, phrase):
    assert said(check) == [phrase]


def test_the_place_of_a_claim():
    assert said(["place", False, [[3], []], 4], stores=(3,)) == ["at Hotpot"]


def test_all_that_failed_is_told_and_nothing_that_held():
    trace = [
        ["shopper", True, None, 5],
        ["amount", False, [6_000, None], 4_750],
        ["hours", False, [[840, 960]], 700],
        ["weekdays", True, [1], 1],
    ]
    assert said(*trace) == ["¥12.50 more", "open from 14:00"]


def test_a_check_nobody_knows_is_passed_over():
    assert said(["moon_phase", False, "full", "new"]) == []


def test_an_award_needs_nothing():
    assert said(["amount", True, [6_000, None], 6_000]) == []


# --- Conditions ---

VISITS = Leaf("visits", "at_least", 3, days=30, stores=(3,))
SPEND = Leaf("spend_fen", "at_least", 50_000)
SINCE = Leaf("days_since_visit", "at_least", 14)
LATE = Leaf("minute", "at_least", 840)
TAG = Leaf("tag", "in", ("gold",))
HELD = Leaf("holds_stock", "in", (9,))


@pytest.mark.parametrize(
    ("leaf", "actual", "phrase"),
    [
        (VISITS, 2, "1 visit more to Hotpot"),
        (VISITS, 0, "3 visits more to Hotpot"),
        (SPEND, 48_750, "¥12.50 more spent before at the mall"),
        (SINCE, 13, "1 day later"),
        (SINCE, None, "that the last visit to the mall was at least 14 days ago"),
        (LATE, 700, "open from 14:00"),
        (Leaf("amount_fen", "at_least", 6_000), 4_750, "¥12.50 more"),
        (Leaf("visits", "at_most", 1), 2, "that the shopper was at the mall on at most 1 day so far"),
        (TAG, [], "that the shopper has the tag “gold”"),
    ],
)
def test_one_leaf(leaf, actual, phrase):
    assert said(["conditions", False, None, [[False, actual]]], conditions=leaf) == [phrase]


def test_what_must_not_be():
    tree = Not(HELD)
    trace = ["conditions", False, None, [[True, [9]]]]
    assert said(trace, conditions=tree) == ["not that the shopper holds a coupon of Tea voucher"]


def leaves_of(tree, *found) -> list[tuple[str, bool]]:
    return [(change.leaf.fact, change.wanted) for change in missing(tree, [[ok, None] for ok in found])]


def test_of_an_and_all_that_failed():
    assert leaves_of(Group("all", (VISITS, SPEND, TAG)), False, True, False) == [("visits", True), ("tag", True)]


def test_of_an_or_the_shortest_way():
    both = Group("all", (VISITS, SPEND))
    assert leaves_of(Group("any", (both, TAG)), False, False, False) == [("tag", True)]


def test_of_a_not_what_made_it_hold():
    tree = Not(Group("any", (TAG, HELD)))
    assert leaves_of(tree, True, True) == [("tag", False), ("holds_stock", False)]
    assert leaves_of(Not(Group("all", (TAG, HELD))), True, True) == [("tag", False)]


def test_the_leaves_found_belong_to_their_place_in_a_deep_tree():
    tree = Group("all", (Group("any", (VISITS, SPEND)), Not(TAG), LATE))
    assert leaves_of(tree, False, True, True, False) == [("tag", False), ("minute", True)]
    assert leaves_of(tree, True, False, False, True) == []
