"""Terms of rebate plans: what they give, and which are refused."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mallops.lib.money import MAX_FEN
from settlements.plans import BadPlan, PlanTerms, base_fen, reward, traffic_credits

TIERED = PlanTerms(tiers=((0, 100), (1_000_000, 250), (5_000_000, 400)), credits_per_100_yuan=3)


@pytest.mark.parametrize(
    "run_fen, earned",
    [
        (0, 0),
        (99, 0),  # 0.99 fen
        (100, 1),
        (1_000_000, 10_000),
        (1_000_039, 10_000),  # 0.975 fen more
        (1_000_040, 10_001),
        (5_000_000, 10_000 + 100_000),
        (6_000_000, 10_000 + 100_000 + 40_000),
    ],
)
def test_tiers_are_marginal_and_the_month_is_rounded_down_once(run_fen, earned):
    assert reward(TIERED, run_fen) == earned


def test_a_cap_holds_and_what_lies_below_the_first_tier_earns_nothing():
    assert [reward(replace(TIERED, cap_fen=12_345), run) for run in (1_000_000, 2_000_000)] == [10_000, 12_345]
    late = PlanTerms(tiers=((1_000, 10_000),))
    assert [reward(late, run) for run in (0, 999, 1_000, 1_500)] == [0, 0, 0, 500]
    assert reward(PlanTerms(opening_fen=1), 10**9) == 0


def test_credits_count_parts_of_100_yuan_over_the_month():
    assert [traffic_credits(TIERED, run) for run in (0, 3_333, 3_334, 10_000, 20_000)] == [0, 0, 1, 3, 6]


def test_a_redemption_counts_for_its_discount_or_its_order():
    assert base_fen(TIERED, 500, 9_000) == 500
    assert base_fen(replace(TIERED, base="order"), 500, 9_000) == 9_000


tiers = st.lists(
    st.tuples(st.integers(0, 10**8), st.integers(0, 10_000)), max_size=5, unique_by=lambda tier: tier[0]
).map(lambda found: tuple(sorted(found)))
plans = st.builds(PlanTerms, tiers=tiers, cap_fen=st.none() | st.integers(1, 10**7), opening_fen=st.just(1))


@given(plans, st.lists(st.integers(0, 10**7), max_size=20))
def test_the_parts_of_a_month_come_to_the_month_and_never_above_the_cap(terms, bases):
    runs = [sum(bases[:n]) for n in range(len(bases) + 1)]
    parts = [reward(terms, after) - reward(terms, before) for before, after in pairwise(runs)]
    assert min(parts, default=0) >= 0
    assert sum(parts) == reward(terms, runs[-1]) <= (terms.cap_fen or MAX_FEN)
    assert reward(terms, runs[-1]) <= runs[-1]


@given(plans)
def test_terms_survive_json(terms):
    if not any(bp for _start, bp in terms.tiers):
        terms = replace(terms, cap_fen=None)
    assert PlanTerms.from_json(terms.to_json()) == terms


@pytest.mark.parametrize(
    "wrong, errors",
    [
        ({"opening_fen": -1}, {"opening_fen": ["not_whole"]}),
        ({"opening_fen": 10**12}, {"opening_fen": ["not_whole"]}),
        ({"opening_fen": 1.5}, {"opening_fen": ["not_whole"]}),
        ({"opening_fen": True}, {"opening_fen": ["not_whole"]}),
        ({"base": "sales"}, {"base": ["unknown"]}),
        ({"tiers": ((0, -1),)}, {"tiers": ["rate"]}),
        ({"tiers": ((0, 10_001),)}, {"tiers": ["rate"]}),
        ({"tiers": ((0, 100), (0, 200))}, {"tiers": ["order"]}),
        ({"tiers": ((500, 100), (200, 200))}, {"tiers": ["order"]}),
        ({"tiers": ((-5, 100),)}, {"tiers": ["not_whole"]}),
        ({"tiers": (("a", 100), (None, 5))}, {"tiers": ["not_whole"]}),
        ({"tiers": tuple((n, n) for n in range(11))}, {"tiers": ["too_many"]}),
        ({"tiers": 7}, {"tiers": ["unknown"]}),
        ({"tiers": ((1, 2, 3),)}, {"tiers": ["unknown"]}),
        ({"cap_fen": 0}, {"cap_fen": ["not_whole"]}),
        ({"cap_fen": -5}, {"cap_fen": ["not_whole"]}),
        ({"cap_fen": 500, "tiers": ()}, {"cap_fen": ["cap"]}),
        ({"maturity_days": -1}, {"maturity_days": ["not_whole"]}),
        ({"maturity_days": 366}, {"maturity_days": ["not_whole"]}),
        ({"credits_per_100_yuan": 10_001}, {"credits_per_100_yuan": ["not_whole"]}),
        ({"opening_fen": 0, "tiers": ((0, 0),)}, {"terms": ["nothing"]}),
        ({"surprise": 1}, {"surprise": ["unknown"]}),
    ],
)
def test_absurd_terms_are_refused_and_named(wrong, errors):
    with pytest.raises(BadPlan) as caught:
        PlanTerms.from_json({"opening_fen": 100, "tiers": ((0, 100),)} | wrong)
    assert caught.value.errors == errors


@pytest.mark.parametrize("data", [None, [], "terms", 5])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(BadPlan) as caught:
        PlanTerms.from_json(data)
    assert caught.value.errors == {"terms": ["unknown"]}
