"""A decision as sentences."""

from coupons.engine.conditions import Group, Leaf, Not
from coupons.engine.terms import RuleTerms
from coupons.explain import Line, found_phrase, lines, not_asked
from coupons.sentences import Names

NAMES = Names({3: "Hotpot"}, {7: "Food", 8: "Mall"}, {9: "Tea voucher"}, "¥")


def told(check, rules=None, **terms) -> Line:
    (line,) = lines([check], RuleTerms(award=((9, 1),), **terms), NAMES, rules)
    return line


def test_limits_say_what_was_left():
    assert told(["quantity_per_day", True, [50, 1], 40]) == Line(
        True, "Awards a day: 40 of 50 used before, 10 left; the award takes 1."
    )
    assert told(["budget_fen", False, [10_000, 1_500], 9_000]) == Line(
        False, "Money in all: ¥90 of ¥100 used before, ¥10 left; the award takes ¥15."
    )
    assert told(["stock_quantity", False, [1_000, 2, 9], 999]).said == (
        "Tea voucher · Quantity of the stock: 999 of 1,000 used before, 1 left; the award takes 2."
    )


def test_limits_as_the_first_version_wrote_them():
    assert told(["quantity", False, 50, 50]).said == ("Awards in all: 50 of 50 used before, 0 left; the award takes 1.")


def test_who_won_the_ranking_is_named():
    check = ["group", False, "lunch", 12]
    assert told(check, {12: "Tea after hotpot"}).said == "“Tea after hotpot” won the ranking in the group “lunch”."
    assert told(check).said == "“#12” won the ranking in the group “lunch”."


def test_conditions_leaf_by_leaf():
    visits = Leaf("visits", "at_least", 3, days=30, stores=(3,))
    tree = Group("any", (visits, Not(Leaf("tag", "in", ("gold",)))))
    line = told(["conditions", False, None, [[False, 2], [True, ["gold", "new"]]]], conditions=tree)
    assert line == Line(
        False,
        "The rule asks that the shopper was at Hotpot on at least 3 days in the last 30 days or it is not so that the "
        "shopper has the tag “gold”.",
        (
            Line(False, "The shopper was at Hotpot on at least 3 days in the last 30 days; found: 2 days."),
            Line(False, "Not that the shopper has the tag “gold”; found: gold, new."),
        ),
    )


def test_what_was_found_of_each_fact():
    found = [
        ("amount_fen", 4_750, "¥47.50"), ("spend_fen", 0, "¥0"), ("visits", 1, "1 day"),
        ("days_since_visit", 14, "14 days"), ("days_since_visit", None, "never before"),
        ("first_visit", True, "yes"), ("parked", False, "no"),
        ("store", 3, "Hotpot"), ("category", [7, 8], "Food, Mall"), ("weekday", 1, "Monday"), ("minute", 850, "14:10"),
        ("tag", [], "none"), ("holds_stock", [9], "Tea voucher"),
    ]  # fmt: skip
    assert [found_phrase(fact, actual, NAMES) for fact, actual, _said in found] == [said for *_rest, said in found]


def test_why_a_rule_was_not_asked():
    def said(*, fits=True, launched=None, paused=False, kept_days=None, **terms) -> str:
        rule = RuleTerms(award=((9, 1),), **terms)
        return not_asked(rule, NAMES, fits=fits, launched=launched, paused=paused, kept_days=kept_days)

    assert said(trigger="qr") == "It answers a scanned QR code, not a payment."
    assert said(trigger="nearby") == "It answers shoppers nearby, not a payment."
    assert said(trigger="hand_out") == "It is handed out, and answers no payment."
    assert said(launched="2026-11-21 10:00") == "It did not run yet: launched 2026-11-21 10:00."
    assert said(stores=(3,), fits=False) == "Paid at another store: the rule asks for a payment at Hotpot."
    assert said(paused=True, kept_days=90) == "It was paused when the payment arrived."
    assert said(kept_days=90) == "Refused or not asked: refusals are deleted after 90 days."
    assert said() == (
        "It was not running when the payment arrived, or the payment came without awards, as from a file."
    )
