from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from coupons import funding
from coupons.engine.terms import Limits, RuleTerms

TEA, TOYS, POPCORN = 1, 2, 3  # stocks
HOTPOT, PLAY, CINEMA = 11, 12, 13  # merchants
MALL = funding.MALL


class Stock(NamedTuple):
    merchant_id: int
    funder: str
    cost_fen: int


STOCKS = {
    TEA: Stock(HOTPOT, "merchant", 600),
    TOYS: Stock(PLAY, "merchant", 2_000),
    POPCORN: Stock(CINEMA, "mall", 1_000),
}


def terms(*award, shares=(), **values) -> RuleTerms:
    limits = Limits(**{name: values.pop(name) for name in list(values) if name in Limits.__slots__})
    return RuleTerms(award=award or ((TEA, 1),), shares=shares, limits=limits, **values)


def test_without_shares_each_stock_is_paid_by_whom_it_says():
    pack = terms((TEA, 2), (TOYS, 1), (POPCORN, 1))
    assert funding.award_fen(pack, STOCKS) == {HOTPOT: 1_200, PLAY: 2_000, MALL: 1_000}
    assert funding.shares_of(pack, STOCKS) == {HOTPOT: 2_857, PLAY: 4_762, MALL: 2_381}
    assert sum(funding.shares_of(pack, STOCKS).values()) == 10_000


def test_agreed_shares_are_rounded_up_for_each_coupon():
    shared = terms((TEA, 1), shares=((MALL, 3_333), (HOTPOT, 6_667)))
    assert funding.shares_of(shared, STOCKS) == {MALL: 3_333, HOTPOT: 6_667}
    assert funding.award_fen(shared, STOCKS) == {MALL: 200, HOTPOT: 401}
    assert funding.award_fen(replace(shared, award=((TEA, 3),)), STOCKS) == {MALL: 600, HOTPOT: 1_203}


@pytest.mark.parametrize(
    ("limits", "awards"),
    [
        ({}, None),
        ({"quantity": 50}, 50),
        ({"budget_fen": 6_100}, 10),
        ({"budget_fen": 599}, 0),
        ({"quantity": 50, "budget_fen": 6_000}, 10),
        ({"per_shopper": 1, "per_shopper_per_day": 1}, None),
        ({"quantity_per_day": 5}, None),
        ({"quantity_per_day": 5, "starts_on": date(2026, 3, 1)}, None),
        ({"quantity_per_day": 5, "ends_on": date(2026, 3, 1)}, None),
        ({"quantity_per_day": 5, "starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 10)}, 50),
        ({"budget_per_day_fen": 1_800, "starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 10)}, 30),
        ({"quantity_per_store": 5}, None),
        ({"quantity_per_store": 5, "stores": (7, 8)}, 10),
        ({"quantity_per_store": 5, "stores": (7, 8), "categories": (1,)}, None),
        ({"quantity_per_store": 5, "stores": (7, 8), "quantity": 3}, 3),
    ],
)
def test_how_many_awards_the_limits_allow(limits, awards):
    assert funding.most_awards(terms(**limits), STOCKS) == awards


def test_what_each_pays_at_most():
    pack = terms((TEA, 1), (POPCORN, 2), quantity=30)
    assert funding.most_fen(pack, STOCKS) == {HOTPOT: 18_000, MALL: 60_000}
    assert funding.most_fen(replace(pack, limits=Limits()), STOCKS) == {HOTPOT: None, MALL: None}


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "days"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), (), 1),  # a Monday
        (date(2026, 3, 2), date(2026, 3, 2), (2,), 0),
        (date(2026, 3, 2), date(2026, 3, 8), (6, 7), 2),
        (date(2026, 3, 4), date(2026, 3, 17), (1, 3), 4),
        (date(2026, 3, 4), date(2026, 3, 18), (3,), 3),
        (date(1, 1, 1), date(9999, 12, 31), (), 3_652_059),
    ],
)
def test_days_on_which_a_rule_runs(first, last, weekdays, days):
    assert funding.open_days(terms(starts_on=first, ends_on=last, weekdays=weekdays)) == days


def test_who_gives_and_who_pays_is_asked_and_nobody_else():
    pack = terms((TEA, 2), (POPCORN, 1), shares=((MALL, 5_000), (PLAY, 5_000)), quantity=10)
    assert funding.burdens(pack, STOCKS) == {
        HOTPOT: funding.Burden(0, 0, 10, {TEA: 2}, ()),
        PLAY: funding.Burden(5_000, 1_100, 10, {}, ()),
        CINEMA: funding.Burden(0, 0, 10, {POPCORN: 1}, ()),
    }


def test_a_provider_that_pays_is_asked_too():
    shared = terms((TEA, 1), shares=((MALL, 3_333), (-HOTPOT, 6_667)), quantity=10)
    assert funding.award_fen(shared, STOCKS) == {MALL: 200, -HOTPOT: 401}
    assert funding.burdens(shared, STOCKS) == {
        -HOTPOT: funding.Burden(6_667, 401, 10, {}, ()),
        HOTPOT: funding.Burden(0, 0, 10, {TEA: 1}, ()),
    }


def burden(*award, **values) -> funding.Burden:
    return funding.burdens(terms(*award, **values), STOCKS)[HOTPOT]


MARCH = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}
APRIL = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 4, 30)}
HALF = ((MALL, 5_000), (HOTPOT, 5_000))


@pytest.mark.parametrize(
    ("accepted", "new", "is_within"),
    [
        (burden(quantity=10), burden(quantity=10), True),
        (burden(quantity=10), burden(quantity=9), True),
        (burden(quantity=10), burden(quantity=11), False),
        (burden(quantity=10), burden(), False),
        (burden(), burden(quantity=10), True),
        (burden(), burden(), True),
        (burden(shares=HALF), burden(), False),  # without limit, and a whole share for half of one
        (burden(), burden(shares=HALF), True),
        (burden((TEA, 1), quantity=10), burden((TEA, 2), quantity=10), False),
        (burden((TEA, 2), quantity=10), burden((TEA, 1), quantity=10), True),
        # The mall pays: more coupons of it cost nothing, others or more at a time were not agreed to.
        (
            burden((TEA, 1), shares=((MALL, 10_000),), quantity=1),
            burden((TEA, 1), shares=((MALL, 10_000),)),
            True,
        ),
        (burden((TEA, 1), shares=((MALL, 10_000),)), burden((TEA, 2), shares=((MALL, 10_000),)), False),
        # As many awards in other days come on top of those given in the days agreed to.
        (burden(quantity_per_day=5, **MARCH), burden(quantity_per_day=5, **MARCH), True),
        (burden(quantity_per_day=5, **MARCH), burden(quantity_per_day=5, **APRIL), False),
        (burden(quantity=155), burden(quantity_per_day=5, **MARCH), False),
        (burden(quantity_per_day=5, **MARCH), burden(quantity=155), True),
    ],
)  # fmt: skip
def test_what_an_earlier_agreement_covers(accepted, new, is_within):
    assert new.is_within(accepted) is is_within


def test_half_the_share_of_twice_the_awards_may_cost_more_than_agreed():
    """What ran at the whole share was paid already: counters run on over versions."""
    accepted, new = burden(quantity=10), burden(quantity=20, shares=HALF)
    assert new.most_fen == accepted.most_fen
    assert not new.is_within(accepted)
