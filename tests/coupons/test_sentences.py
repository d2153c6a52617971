from datetime import date

import pytest
from django.utils import translation

from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Stock
from coupons.models.stock import Kind, Validity
from coupons.sentences import (
    Names,
    audit_sentence,
    check_sentence,
    problem_sentences,
    reason_label,
    refund_examples,
    rule_sentence,
    stock_sentence,
    validity_sentence,
)
from coupons.sentences.names import any_of
from coupons.sentences.times import weekdays

NAMES = Names({1: "Hotpot", 2: "Noodles"}, {7: "Dining"}, {5: "Tea", 6: "Cake"}, providers={8: "Lantern"})
LIMITS = Limits(600, 1_000_000, 1, 5_000, 3, 1)


def test_the_shortest_rule():
    assert (
        rule_sentence(RuleTerms(award=((5, 1),)), NAMES)
        == "A shopper who pays any amount anywhere in the mall gets 1 × Tea."
    )


def test_a_rule_with_everything():
    terms = RuleTerms(
        award=((5, 1), (6, 2)), stores=(1, 2), categories=(7,), min_fen=6_050, max_fen=20_000,
        starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), weekdays=(1, 2, 3, 4), 
        hours=((660, 840), (1020, 1440)), limits=LIMITS, group="meal", holdout_bp=1_250,
    )  # fmt: skip
    assert rule_sentence(terms, NAMES) == (
        "A shopper who pays ¥60.50 to ¥200 at Hotpot or Noodles, or any store of Dining, from 2026-11-01 "
        "to 2026-11-30, "
        "on Monday to Thursday, between 11:00 and 14:00 or between 17:00 and 24:00, gets 1 × Tea and 2 × Cake; "
        "at most 600 awards, ¥10,000 in all, 1 award a day, ¥50 a day, 3 awards per shopper, "
        "1 award per shopper a day; "
        "only one award of the group “meal”; 12.5% of shoppers are kept apart as a control group."
    )


@pytest.mark.parametrize(
    ("terms", "part"),
    [
        ({"min_fen": 5_000}, "pays ¥50 or more"),
        ({"max_fen": 5_000}, "pays at most ¥50"),
        ({"categories": (7,)}, "at any store of Dining"),
        ({"stores": (1,)}, "at Hotpot gets"),
        ({"stores": (99,)}, "at #99 gets"),
        ({"starts_on": date(2026, 1, 2)}, ", from 2026-01-02 on, gets"),
        ({"ends_on": date(2026, 1, 2)}, ", until 2026-01-02, gets"),
        ({"weekdays": (6, 7)}, "on Saturday and Sunday"),
    ],
)
def test_parts(terms, part):
    assert part in rule_sentence(RuleTerms(award=((5, 1),), **terms), NAMES)


def test_a_long_list_is_counted():
    assert any_of([*"ABCDE"]) == "A, B, C, D or E"
    assert any_of([*"ABCDEFG"]) == "A, B, C, D or 3 more"


def test_weekdays_in_a_row_and_apart():
    assert weekdays((3, 1, 5)) == "on Monday, Wednesday and Friday"
    assert weekdays((5, 6, 7)) == "on Friday to Sunday"


def test_the_readers_language_is_used_for_weekdays():
    with translation.override("zh-hans"):
        assert "星期一" in weekdays((1,))


def test_examples_follow_the_policy():
    def ends(**terms):
        return refund_examples(RuleTerms(award=((5, 1),), **terms), NAMES)

    below, back = ends(min_fen=20_000)
    assert below == (
        "Example: a shopper pays ¥250, gets the coupon, and is refunded ¥100; ¥150 stay paid. "
        "That is below the minimum of ¥200: the coupon is revoked if it was not used yet."
    )
    assert back.endswith("the shopper has the coupon again.")
    assert "until all is refunded" in ends()[0]
    assert "The coupon stays" in ends(on_trigger_refund="keep")[0]
    assert "at any refund" in ends(on_trigger_refund="revoke")[0]
    assert ends(on_use_refund="forfeit")[1].endswith("the coupon stays used.")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (["shopper", True, None, 3], "The shopper is known."),
        (["shopper", False, None, None], "Nobody knows who the shopper is."),
        (["amount", False, [20_000, None], 10_000], "Paid ¥100; the rule asks for ¥200 or more."),
        (["dates", False, ["2026-01-01", None], "2025-12-31"], "It was 2025-12-31; the rule runs from 2026-01-01 on."),
        (["weekdays", False, [6, 7], 1], "It was a Monday; the rule runs on Saturday and Sunday."),
        (["hours", False, [[660, 840]], 1050], "It was 17:30; the rule runs between 11:00 and 14:00."),
        (["stock_open", False, 5, None], "The stock Tea was closed."),
        (
            ["payer", False, -8, "terminated"],
            "Lantern pays a share and may not now (standing: Terminated); until it may, the rule rests.",
        ),
        (["stock_open", False, 5, "2026-01-31"], "Coupons of Tea were valid until 2026-01-31 only."),
        (["group", False, "meal", 4], "Rule #4 of the group “meal” came first."),
        (["quantity", False, 600, 600], "Awards in all: 600 of 600 used before, 0 left; the award takes 1."),
        (
            ["stock_budget_fen", True, 100_000, 0],
            "Budget of the stock: ¥0 of ¥1,000 used before, ¥1,000 left; the award takes ¥0.01.",
        ),
        (
            ["stock_quantity", False, [600, 2, 5], 599],
            "Tea · Quantity of the stock: 599 of 600 used before, 1 left; the award takes 2.",
        ),
        (["budget_fen", False, [600, 200], 500], "Money in all: ¥5 of ¥6 used before, ¥1 left; the award takes ¥2."),
        (["trigger", True, "qr", "qr"], "Asked in the way the rule answers: a scanned QR code."),
        (["trigger", False, "payment", "nearby"], "Asked by a shopper nearby; the rule answers to: a payment."),
        (["place", False, [[9], []], 8], "Asked at #8; the rule is offered at #9."),
        (["distance", False, 300, 1_200], "1,200 m away; at most 300 m count as nearby."),
        (["not_blocked", False, None, 3], "The shopper was blocked."),
        (["conditions", False, None, [[True, 3], [False, None]]], "The conditions were not met; 1 of 2 held."),
        (["conditions", True, None, [[True, 3]]], "The conditions were met; 1 of 1 held."),
        (
            ["control_group", True, 500, "mall"],
            "The shopper is in the mall's control group (5% of shoppers).",
        ),
        (["control_group", True, 1_000, "rule"], "The shopper is in the rule's control group (10% of shoppers)."),
        (["later", True, 1, 2], "later: 1 / 2"),
    ],
)
def test_each_check_of_a_trace(check, said):
    assert check_sentence(check, NAMES) == said


def test_reasons():
    assert reason_label("per_shopper") == "Used up: Awards per shopper"
    assert reason_label("hours") == "Outside the hours"
    assert reason_label("later") == "later"


@pytest.mark.parametrize(
    ("stock", "worth", "valid"),
    [
        (
            {"value_fen": 800, "min_spend_fen": 2_500, "valid_for": 1},
            "¥8 off on orders of ¥25 or more", "1 day after receipt",
        ),
        (
            {"kind": Kind.PERCENT_OFF, "percent_bp": 2_000, "ceiling_fen": 4_000, "validity": Validity.HOURS,
             "valid_for": 5},
            "20% off, at most ¥40", "5 hours from receipt",
        ),
        (
            {"kind": Kind.EXCHANGE, "value_fen": 2_600, "exchange_price_fen": 1_050, "validity": Validity.FIXED,
             "valid_from_day": date(2026, 1, 1), "valid_until_day": date(2026, 1, 31)},
            "Goods worth ¥26 for ¥10.50", "2026-01-01 – 2026-01-31",
        ),
    ],
)  # fmt: skip
def test_stocks(stock, worth, valid):
    row = Stock(**stock)
    assert (stock_sentence(row), validity_sentence(row)) == (worth, valid)


def test_problems_name_what_they_are_about():
    said = problem_sentences([("closed_stock", [5, 6]), ("foreign_store", [9]), ("over", [date(2020, 1, 1)])], NAMES)
    assert said == [
        "Closed, so nothing can be awarded of it: Tea and Cake.",
        "Stores that are not of this mall: #9.",
        "The last day of the rule has passed.",
    ]


@pytest.mark.parametrize("action", ["rule_launched", "rule_published"])
def test_a_launch_is_told_also_by_its_former_name(action):
    assert audit_sentence(action, {"state": ["draft", "live"], "version": [None, 3]}) == "Launched version 3"
