"""Triggers, conditions, shares and the newer limits in words."""

import pytest

from coupons.engine.conditions import Group, Leaf, Not
from coupons.engine.terms import Limits, RuleTerms
from coupons.sentences import Names, refund_examples, rule_sentence
from coupons.sentences.conditions import condition_phrase

NAMES = Names(
    {1: "Hotpot", 2: "Noodles"}, {7: "Dining"}, {5: "Tea", 6: "Cake"}, "¥", {11: "Pearl Lane"}, {8: "Lantern"}
)


def said(**terms) -> str:
    return rule_sentence(RuleTerms(**{"award": ((5, 1),)} | terms), NAMES)


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"trigger": "qr"}, "A shopper who scans the QR code anywhere in the mall gets 1 × Tea."),
        ({"trigger": "qr", "stores": (1,)}, "A shopper who scans the QR code at Hotpot gets 1 × Tea."),
        ({"trigger": "nearby"}, "A shopper who asks for it near the mall gets 1 × Tea."),
        ({"trigger": "nearby", "radius_m": 1_200, "stores": (1,), "categories": (7,)},
         "A shopper who asks for it within 1,200 m of Hotpot or a store of Dining gets 1 × Tea."),
        ({"trigger": "hand_out", "conditions": Leaf("parked", "is", True)},
         "At a hand-out, each shopper, if the shopper's car is in the car park, gets 1 × Tea."),
        ({"shares": ((0, 3_000), (11, 7_000))},
         "A shopper who pays any amount anywhere in the mall gets 1 × Tea; paid by the mall (30%) and "
         "Pearl Lane (70%)."),
        ({"shares": ((0, 3_000), (-8, 7_000))},
         "A shopper who pays any amount anywhere in the mall gets 1 × Tea; paid by the mall (30%) and Lantern (70%)."),
        ({"limits": Limits(per_shopper_in_days=1, window_days=30, quantity_per_store=2)},
         "A shopper who pays any amount anywhere in the mall gets 1 × Tea; at most 1 award per shopper in 30 days, "
         "2 awards at each store."),
        ({"limits": Limits(per_shopper_in_days=1)},
         "A shopper who pays any amount anywhere in the mall gets 1 × Tea; at most 1 award per shopper in … days."),
        ({"award": ()}, "A shopper who pays any amount anywhere in the mall gets nothing yet."),
    ],
)  # fmt: skip
def test_whole_sentences(terms, sentence):
    assert said(**terms) == sentence


@pytest.mark.parametrize(
    ("leaf", "phrase"),
    [
        (Leaf("amount_fen", "equals", 5_050), "the amount is exactly ¥50.50"),
        (Leaf("store", "in", (1, 2)), "the store is Hotpot or Noodles"),
        (Leaf("store", "not_in", (9,)), "the store is not #9"),
        (Leaf("category", "in", (7,)), "the store belongs to Dining"),
        (Leaf("category", "not_in", (7,)), "the store does not belong to Dining"),
        (Leaf("weekday", "in", (1, 7)), "it is Monday or Sunday"),
        (Leaf("weekday", "not_in", (1,)), "it is not Monday"),
        (Leaf("minute", "at_least", 1_050), "it is 17:30 or later"),
        (Leaf("minute", "at_most", 1_440), "it is 24:00 at the latest"),
        (Leaf("first_visit", "is", True), "the shopper was never at the mall before"),
        (Leaf("first_visit", "is", False, stores=(1,)), "the shopper was at Hotpot before"),
        (Leaf("visits", "at_least", 1, days=1), "the shopper was at the mall on at least 1 day in the last 1 day"),
        (Leaf("visits", "at_most", 0, days=30, categories=(7,)),
         "the shopper was at stores of Dining on at most 0 days in the last 30 days"),
        (Leaf("spend_fen", "at_least", 100_000, stores=(1,)), "the shopper spent at least ¥1,000 at Hotpot so far"),
        (Leaf("days_since_visit", "at_least", 60), "the last visit to the mall was at least 60 days ago"),
        (Leaf("tag", "in", ("gold",)), "the shopper has the tag “gold”"),
        (Leaf("tag", "not_in", ("gold", "new")), "the shopper does not have the tag “gold” or “new”"),
        (Leaf("holds_stock", "in", (5,)), "the shopper holds a coupon of Tea"),
        (Leaf("holds_stock", "not_in", (5, 6)), "the shopper holds no coupon of Tea or Cake"),
        (Leaf("parked", "is", True), "the shopper's car is in the car park"),
        (Leaf("parked", "is", False), "no car of the shopper is in the car park"),
    ],
)  # fmt: skip
def test_each_condition(leaf, phrase):
    assert condition_phrase(leaf, NAMES) == phrase


def test_groups_inside_groups_stand_in_brackets():
    parked, monday = Leaf("parked", "is", True), Leaf("weekday", "in", (1,))
    tree = Group("all", (parked, Group("any", (monday, Not(Group("all", (parked, monday)))))))
    assert condition_phrase(tree, NAMES) == (
        "the shopper's car is in the car park and (it is Monday or it is not so that (the shopper's car is in the car "
        "park and it is Monday))"
    )
    assert condition_phrase(Group("all", (Group("any", (monday,)),)), NAMES) == "it is Monday"


def test_a_coupon_that_no_payment_earns_is_taken_back_by_none():
    earning, _using = refund_examples(RuleTerms(award=((5, 1),), trigger="qr"), NAMES)
    assert earning == "No payment earns this coupon, so no refund takes it back."
