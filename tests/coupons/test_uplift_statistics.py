"""The methods, against published figures and worked examples."""

import numpy as np
import pytest

from coupons.uplift import share_needed, smallest_effect
from coupons.uplift.statistics import compare_means, compare_shares, reduce_variance, t_quantile, wilson


def rounded(interval, places=4):
    return tuple(round(float(value), places) for value in interval)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_as_newcombe_tabulates_it(hits, total, low, high):
    """R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3."""
    assert rounded(wilson(hits, total)) == (low, high)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_difference_of_shares_as_newcombe_tabulates_it(counts, low, high):
    """R. G. Newcombe, Statistics in Medicine 17, 1998, table II, method 10."""
    assert rounded(compare_shares(*counts)[1:]) == (low, high)


def test_difference_of_shares_is_first_less_second():
    assert compare_shares(30, 100, 20, 100).difference == pytest.approx(0.1)
    there, back = compare_shares(30, 100, 20, 100), compare_shares(20, 100, 30, 100)
    assert rounded((there.low, there.high)) == rounded((-back.high, -back.low))


@pytest.mark.parametrize(
    ("freedom", "t"), [(5, 2.570), (10, 2.228), (19, 2.093), (30, 2.042), (100, 1.984), (10_000, 1.960)]
)
def test_student(freedom, t):
    assert round(t_quantile(freedom), 3) == pytest.approx(t, abs=0.0011)


def test_means_of_equal_and_symmetric_groups_are_compared_by_student():
    """Two groups of five, 1 to 5 and 3 to 7: variance 2.5 in both, so 2 ± 2.306 × 1."""
    found = compare_means(np.arange(3.0, 8), np.arange(1.0, 6))
    assert rounded(found, 2) == (2.0, -0.31, 4.31)


def test_skewness_moves_the_interval_of_unequal_groups():
    """A long tail to the right and a small second group: now and then its mean is far too high and the difference far
    too low, so the interval reaches further up."""
    tail = np.array([0.0] * 19 + [100.0])
    found = compare_means(np.tile(tail, 20), tail)
    assert found.difference == 0
    assert -found.high < found.low < 0


def test_means_of_nothing_but_one_value():
    assert compare_means(np.zeros(30), np.zeros(20)) == (0.0, 0.0, 0.0)


def test_the_time_before_is_taken_out():
    """What is spent is twice what was spent before, in both groups, and 5 more in the first."""
    before, others_before = np.array([1.0, 2, 3, 6]), np.array([2.0, 4, 9])
    reduced = reduce_variance(2 * before + 5, before, 2 * others_before, others_before)
    assert reduced.share == pytest.approx(1)
    assert rounded(compare_means(reduced.values, reduced.others)) == (5, 5, 5)


def test_a_time_before_without_purchases_changes_nothing():
    values, others = np.array([1.0, 2, 3]), np.array([2.0, 5])
    reduced = reduce_variance(values, np.zeros(3), others, np.zeros(2))
    assert (reduced.values == values).all() and (reduced.others == others).all() and reduced.share == 0


@pytest.mark.parametrize(
    ("sizes", "effect"),
    [
        # Two groups of 199 or 200 find 20 % against 10 % in 4 of 5 cases: the textbook example.
        ((199, 199, 0.1), 0.1),
        ((9_000, 1_000, 0.1), 0.0303),
        ((100, 10, 0.5), 0.3742),
        ((1_000, 1_000, 0.0), 0.0078),
    ],
)
def test_smallest_effect(sizes, effect):
    assert smallest_effect(*sizes) == pytest.approx(effect, abs=5e-4)


@pytest.mark.parametrize(
    "sizes", [(0, 10, 0.1), (10, 0, 0.1), (3, 3, 0.5), (10, 10, 1.0), (10, 10, -0.1), (9, 9, float("nan"))]
)
def test_no_effect_can_be_found_by_too_few(sizes):
    assert smallest_effect(*sizes) is None


def test_more_power_asks_for_more():
    assert smallest_effect(900, 100, 0.2, power=0.9) > smallest_effect(900, 100, 0.2, power=0.8)


def test_share_needed():
    assert share_needed(10_000, 0.1, 0.03) == 1_100
    assert share_needed(10_000, 0.1, 0.5) == 100
    assert share_needed(10_000, 0.1, 0.001) is None
    assert share_needed(0, 0.1, 0.05) is None
