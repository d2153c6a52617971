"""What is pointed out in a rule while it is edited: pure values, no database."""

from dataclasses import replace
from datetime import date

import pytest

from coupons.engine.conditions import Group, Leaf
from coupons.engine.history import Places
from coupons.engine.rulebook import StockSpec
from coupons.engine.terms import Limits, RuleTerms
from coupons.review import Rival, World, review
from coupons.sentences import Names
from coupons.sentences.findings import finding_sentences
from mallops.lib.dates import clock
from merchants.queries.directory import Directory, StoreEntry

TODAY = date(2026, 11, 23)  # a Monday
HOTPOT, CAFE, CLOSED = 1, 2, 3
TEA, CAKE = 5, 6
NAMES = Names({1: "Hotpot", 2: "Café", 3: "Old shop"}, {7: "Dining", 8: "Drinks"}, {5: "Tea", 6: "Cake"})


def directory() -> Directory:
    stores = [
        StoreEntry(HOTPOT, "hotpot", 7, 11, None),
        StoreEntry(CAFE, "cafe", 8, 12, None),
        StoreEntry(CLOSED, "old", 8, 13, TODAY),
    ]
    by_id = {store.id: store for store in stores}
    subtree = {7: frozenset({7}), 8: frozenset({8})}
    return Directory(1, 1, "Asia/Shanghai", clock("Asia/Shanghai"), {}, by_id, subtree, {})


def spec(pk=TEA, **changes) -> StockSpec:
    values = {
        "id": pk, "cost_fen": 1_000, "quantity": 100, "budget_fen": None, "is_open": True, "last_day": None,
        "usable": frozenset({CAFE}), "valid_days": 7,
    }  # fmt: skip
    return StockSpec(**values | changes)


def world(*specs: StockSpec, **changes) -> World:
    places = Places({HOTPOT: 7, CAFE: 8, CLOSED: 8}, directory().subtree)
    values = {"today": TODAY, "directory": directory(), "places": places}
    return World(**values | {"specs": {each.id: each for each in specs or (spec(),)}} | changes)


def rule(**changes) -> RuleTerms:
    return RuleTerms(**{"award": ((TEA, 1),), "limits": Limits(quantity=50)} | changes)


def codes(terms: RuleTerms, around: World) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.tone, finding.where) for finding in review(terms, around)]


def said(terms: RuleTerms, around: World) -> list[str]:
    return [finding_sentences(each.code, each.about, NAMES)[0] for each in review(terms, around)]


def test_nothing_is_said_of_a_sound_rule():
    assert codes(rule(), world()) == []


@pytest.mark.parametrize(
    ("terms", "finding"),
    [
        ({"ends_on": date(2026, 11, 22)}, ("over", "bad", "ends_on")),
        ({"ends_on": date(2026, 11, 24), "weekdays": (6, 7)}, ("no_day", "bad", "weekdays")),
        ({"stores": (CLOSED,)}, ("trigger_closed", "bad", "stores")),
        ({"min_fen": 100, "conditions": Leaf("amount_fen", "at_most", 99)}, ("never", "bad", "leaf:0")),
        ({"hours": ((660, 840),), "conditions": Leaf("minute", "at_least", 840)}, ("never", "bad", "leaf:0")),
        ({"weekdays": (6,), "conditions": Leaf("weekday", "in", (7,))}, ("never", "bad", "leaf:0")),
        ({"stores": (HOTPOT,), "conditions": Leaf("category", "in", (8,))}, ("never", "bad", "leaf:0")),
        ({"conditions": Leaf("store", "in", (CLOSED,))}, ("never", "bad", "leaf:0")),
        ({"trigger": "qr", "conditions": Leaf("amount_fen", "at_least", 1), "limits": Limits(1, per_shopper=1)},
         ("never", "bad", "leaf:0")),
        ({"conditions": Group("any", (Leaf("parked", "is", True), Leaf("minute", "at_least", 1_440)))},
         ("idle", "warn", "leaf:1")),
        ({"stores": (CAFE,)}, ("same_store", "info", "award")),
        ({"limits": Limits()}, ("no_limit", "warn", "budget_fen")),
        ({"trigger": "qr"}, ("again_and_again", "warn", "per_shopper")),
        ({"trigger": "nearby"}, ("again_and_again", "warn", "per_shopper")),
        ({"trigger": "hand_out"}, ("everybody", "warn", "conditions")),
    ],
)  # fmt: skip
def test_each_finding_of_the_terms(terms, finding):
    assert codes(rule(**terms), world()) == [finding]


@pytest.mark.parametrize(
    ("stock", "terms", "finding"),
    [
        ({"is_open": False}, {}, ("stock_closed", "bad", "award")),
        ({"last_day": date(2026, 11, 22)}, {}, ("stock_over", "bad", "award")),
        ({"last_day": date(2026, 11, 30)}, {"starts_on": date(2026, 12, 1)}, ("stock_over", "bad", "award")),
        ({"last_day": date(2026, 11, 30)}, {"ends_on": date(2026, 12, 1)}, ("stock_ends_first", "warn", "award")),
        ({"last_day": date(2026, 11, 30)}, {}, ("stock_ends_first", "info", "award")),
        ({"usable": frozenset({CLOSED})}, {}, ("award_closed", "bad", "award")),
        ({"usable": frozenset()}, {}, ("award_closed", "bad", "award")),
    ],
)
def test_each_finding_of_a_stock(stock, terms, finding):
    assert codes(rule(**terms), world(spec(**stock))) == [finding]


def test_a_stock_that_ends_with_the_rule_is_sound():
    assert codes(rule(ends_on=date(2026, 11, 30)), world(spec(last_day=date(2026, 11, 30)))) == []


def test_a_store_is_open_until_the_day_it_closes():
    closing = directory()
    closing.by_id[CAFE] = replace(closing.by_id[CAFE], closed_on=date(2026, 12, 1))
    around = world(directory=closing)
    assert codes(rule(starts_on=date(2026, 11, 30)), around) == []
    assert codes(rule(starts_on=date(2026, 12, 1)), around) == [("award_closed", "bad", "award")]


def test_expected_awards_follow_traffic_days_and_limits():
    def expected(a_day=40.0, **terms):
        return [each.about["awards"] for each in review(rule(**terms), world(spec(quantity=10**6), a_day=a_day))]

    assert expected(limits=Limits(quantity=10**6)) == [1_200]  # thirty days where there is no end
    assert expected(limits=Limits(quantity=10**6), holdout_bp=2_500) == [900]
    assert expected(limits=Limits(quantity=300)) == [300]
    assert expected(limits=Limits(quantity=10**6, quantity_per_day=10)) == [300]
    assert expected(limits=Limits(quantity=10**6), ends_on=date(2026, 11, 24)) == [80]
    assert expected(limits=Limits(quantity=10**6), starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 3)) == [120]
    assert expected(0.0, limits=Limits(quantity=10**6)) == [0]


def test_a_stock_too_small_for_what_is_expected():
    terms = rule(award=((TEA, 2), (CAKE, 1)), limits=Limits(quantity=300))
    around = world(spec(quantity=1_000), spec(CAKE), a_day=40.0, left={TEA: 599, CAKE: 300})
    assert codes(terms, around) == [("stock_small", "warn", "award"), ("expected", "info", "")]
    assert said(terms, around) == [
        "Tea has 599 coupons left, but some 300 awards are expected in 30 days.",
        "About 40 payments a day matched lately: some 300 awards in 30 days.",
    ]
    assert codes(terms, replace(around, left={TEA: 600, CAKE: 300})) == [("expected", "info", "")]


def test_what_a_backtest_met_is_said_as_such():
    terms = rule(conditions=Leaf("parked", "is", True))
    assert said(terms, world(a_day=1.25, is_tried=True)) == [
        "The last backtest met about 1.2 shoppers a day: some 38 awards in 30 days."
    ]


def test_a_stock_used_up():
    terms = rule(award=((TEA, 2),))
    assert codes(terms, world(left={TEA: 1})) == [("stock_empty", "bad", "award")]


def test_money_that_only_the_stock_limits_is_said():
    terms = rule(award=((TEA, 2),), limits=Limits(per_shopper=1))
    assert said(terms, world(left={TEA: 61})) == ["Nothing but the stock limits the money: up to ¥600."]
    assert codes(terms, world(spec(budget_fen=1))) == []
    daily = rule(limits=Limits(quantity_per_day=5), starts_on=TODAY, ends_on=date(2026, 12, 31))
    assert codes(daily, world()) == []


def test_nobody_is_near_a_mall_without_a_position():
    terms = rule(trigger="nearby", limits=Limits(quantity=1, per_shopper=1))
    assert codes(terms, world(has_position=False)) == [("no_position", "bad", "trigger")]


class TestRivals:
    """Other live rules of the same exclusive group."""

    terms = rule(group="meal", stores=(HOTPOT,), hours=((660, 840),), weekdays=(1, 2))

    def found(self, rank=(0, -2_000, 1), **changes):
        rival = Rival(1, "Old rule", replace(self.terms, **changes), rank)
        return codes(self.terms, world(rivals=(rival,)))

    def test_who_comes_first_is_said(self):
        assert self.found() == [("rival", "warn", "group")]
        assert self.found(rank=(0, -500, 1)) == [("rival", "info", "group")]
        assert self.found(rank=(0, -1_000, 1)) == [("rival", "warn", "group")]  # of equals the older

    @pytest.mark.parametrize(
        "changes",
        [
            {"group": "other"},
            {"trigger": "qr"},
            {"stores": (CAFE,)},
            {"weekdays": (3,)},
            {"hours": ((840, 900),)},
        ],
        ids=str,
    )
    def test_rules_that_never_meet_are_none(self, changes):
        assert self.found(**changes) == []

    def test_days_apart_are_none(self):
        ended = Rival(1, "Old", replace(self.terms, ends_on=date(2026, 11, 30)), (0, 0, 1))
        later = replace(self.terms, starts_on=date(2026, 12, 1))
        assert codes(later, world(rivals=(ended,))) == []
        assert codes(replace(later, starts_on=date(2026, 11, 30)), world(rivals=(ended,))) != []


def test_a_rule_that_ran_keeps_its_control_group_and_only_widens_while_it_is_live():
    ran = rule(min_fen=5_000, holdout_bp=1_000)
    narrower = replace(ran, min_fen=6_000)
    assert codes(narrower, world(running=ran, is_live=True)) == [("narrows", "bad", "min_fen")]
    assert codes(narrower, world(running=ran)) == []
    assert codes(replace(ran, holdout_bp=0), world(running=ran)) == [("holdout_fixed", "bad", "holdout_bp")]


def test_the_gravest_comes_first():
    terms = rule(award=((TEA, 1), (CAKE, 1)), limits=Limits(), stores=(CAFE,))
    around = world(spec(), spec(CAKE, is_open=False), a_day=1.0)
    assert [each.tone for each in review(terms, around)] == ["bad", "warn", "info", "info", "info"]


def test_without_an_award_nothing_is_said_of_it():
    assert codes(RuleTerms(), world()) == []
    assert codes(RuleTerms(award=((99, 1),)), world()) == []


def test_every_finding_has_its_words():
    from coupons.sentences.findings import _SAY

    assert said(rule(min_fen=100, conditions=Leaf("amount_fen", "at_most", 99)), world()) == [
        "It never matches: with ¥1 or more, no amount meets the conditions."
    ]
    assert said(rule(ends_on=date(2026, 11, 24), weekdays=(6, 7)), world()) == [
        "It never runs: none of the days from 2026-11-23 to 2026-11-24 is one of those chosen (on Saturday and Sunday)."
    ]
    assert len(_SAY) == 20
