"""The comparison within a category: who is told what, and that nobody else's figure can be worked out of it."""

from fractions import Fraction
from itertools import product

import pytest

from analytics.standings import Hidden, Peer, Standing, around, money, rate, standing, why_hidden

OWN = 1


def peers(*values, merchants=None, sales=None) -> dict[int, Peer]:
    """Stores 1, 2, …, each of its own merchant of the same number, unless said otherwise; 1 is the own one."""
    merchants, sales = merchants or range(1, len(values) + 1), sales or values
    return {
        number: Peer(merchant, sold or 0, value)
        for number, (value, merchant, sold) in enumerate(zip(values, merchants, sales, strict=True), 1)
    }


def test_rank_and_quartiles():
    found = standing(peers(30_000, 10_000, 20_000, 40_000, 50_000), OWN)
    assert found == Standing(30_000, 3, 5, low=20_000, middle=30_000, high=40_000)


def test_less_can_be_better_and_equals_share_a_rank():
    rates = [Fraction(number, 100) for number in (3, 3, 1, 2, 9)]
    sales = [100] * 5
    assert standing(peers(*rates, sales=sales), OWN, falling=True).rank == 3
    assert standing(peers(*rates, sales=sales), OWN).rank == 2


def test_stores_without_the_figure_do_not_count():
    found = standing(peers(30_000, None, 20_000, 40_000, 50_000, 60_000), OWN)
    assert (found.rank, found.of) == (4, 5)
    assert standing(peers(None, 1, 2, 3, 4, 5), OWN) == Hidden.NO_VALUE


@pytest.mark.parametrize(
    ("group", "hidden"),
    [
        (peers(1, 1, 1, 1, 1), None),
        (peers(1, 1, 1, 1), Hidden.FEW_STORES),
        (peers(1, 1, 1, 1, None), Hidden.FEW_STORES),
        (peers(1, 1, 1, 1, 1, merchants=[1, 1, 2, 3, 4]), None),
        (peers(1, 1, 1, 1, 1, merchants=[1, 1, 1, 2, 3]), Hidden.FEW_MERCHANTS),
        (peers(1, 1, 1, 1, 1, 1, merchants=[1, 2, 2, 2, 3, 3]), Hidden.FEW_MERCHANTS),
        (peers(1, 4, 1, 1, 1), None),  # just half
        (peers(1, 5, 1, 1, 1), Hidden.RULED),
        (peers(1, 3, 2, 1, 1, 1, merchants=[1, 2, 2, 3, 4, 5]), Hidden.RULED),  # two stores of one merchant
        (peers(5, 1, 1, 1, 1), Hidden.RULED),  # the own one: the others would be read off the rest
        (peers(1, 5, -3, 1, 1, 1), Hidden.RULED),  # more refunded than sold does not make the others smaller
    ],
)
def test_which_groups_are_told(group, hidden):
    assert why_hidden(list(group.values()), OWN) == hidden
    if hidden:
        assert standing(group, OWN) == hidden


@pytest.mark.parametrize(
    ("fen", "told"),
    [
        (0, 0),
        (7, 7),
        (99, 100),
        (123, 120),
        (125, 130),
        (2_099, 2_000),
        (3_700, 3_800),
        (6_249, 6_000),
        (123_456, 120_000),
        (-123, -120),
        (-3_700, -3_600),
        (999, 1_000),
    ],
)
def test_money_comes_in_steps(fen, told):
    assert money(Fraction(fen)) == told


@pytest.mark.parametrize(("share", "told"), [("0", "0"), ("0.0124", "0.01"), ("0.0125", "0.015"), ("-0.004", "-0.005")])
def test_rates_have_half_points(share, told):
    assert rate(Fraction(share)) == Fraction(told)


@pytest.mark.parametrize("number", range(3, 12))
def test_each_quartile_is_the_mean_of_three_stores(number):
    values = [10**place for place in range(number)]
    for quarter in (1, 2, 3):
        digits = str(around(values, Fraction(quarter, 4)) * 3)
        assert digits.count("1") == 3 and set(digits) <= {"0", "1"}
    assert around(values, Fraction(1, 2)) * 3 == sum(values[(number - 1) // 2 - 1 :][:3])


# --- Trying to work out another's figure ---


def test_even_friends_of_all_others_learn_no_figure():
    """The worst case: of five stores one is one's own, and three others tell theirs. What the one left sold still has a
    range: no end of it is told."""
    told = standing(peers(30_000, 10_000, 51_300, 41_700, 20_000), OWN)
    same = [
        fen for fen in range(33_000, 51_000, 100) if standing(peers(30_000, 10_000, 51_300, fen, 20_000), OWN) == told
    ]
    assert 41_700 in same
    assert max(same) - min(same) > 0.02 * 41_700


def test_solving_for_three_unknown_stores_fails():
    """Three quartiles and three unknown stores would be as many equations as unknowns: rounding leaves many answers."""
    mine = (30_000, 25_000)
    told = standing(peers(*mine, 12_300, 41_700, 51_300, merchants=[1, 1, 2, 3, 4]), OWN)
    spread = range(-4_000, 4_001, 1_000)
    same = [
        others
        for moves in product(spread, repeat=3)
        if standing(
            peers(*mine, *(others := tuple(v + m for v, m in zip((12_300, 41_700, 51_300), moves, strict=True))),
                  merchants=[1, 1, 2, 3, 4]), OWN,
        ) == told
    ]  # fmt: skip
    for unknown in zip(*same, strict=True):
        assert max(unknown) - min(unknown) > 0.1 * max(unknown)


def test_own_changes_do_not_measure_another():
    """Making one's own sales a little more or less (with payments to oneself) shows a rank, and no more than where it
    flips: that it takes days, because only whole days up to the last Sunday count, is up to the form."""
    others = (10_000, 20_000, 41_700, 50_000)
    found = [standing(peers(own, *others), OWN) for own in range(30_000, 41_700, 300)]
    assert len({(one.rank, one.of) for one in found}) == 1


def test_two_nested_categories_do_not_give_the_store_between_them():
    """Six stores and the five of them in a category: the difference of the two is one store. What is told of both
    stays the same over a range of what that store sold."""
    five = (30_000, 10_000, 21_300, 41_700, 51_300)

    def both(between: int):
        return standing(peers(*five), OWN), standing(peers(*five, between), OWN)

    same = [fen for fen in range(60_000, 200_000, 1_000) if both(fen) == both(100_000)]
    assert max(same) - min(same) > 0.1 * 100_000
