"""Many made-up studies, each with another seed: how often the interval covers the truth, how often an effect is found.

Shoppers differ in how often they buy, and amounts have a long tail, as in a mall. Bounds are those within which a
binomial count of so many runs lies 999 times in 1,000.
"""

from statistics import NormalDist

import numpy as np
import pytest

from coupons.uplift import smallest_effect
from coupons.uplift.statistics import Z, compare_means, compare_shares, reduce_variance

RUNS = 600


def bounds(share: float, runs: int = RUNS) -> tuple[float, float]:
    half = NormalDist().inv_cdf(0.9995) * (share * (1 - share) / runs) ** 0.5
    return share - half, share + half


def spending(rng, shoppers: int, rate: float, loyal: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """What each shopper spends in the window and in as long a time before; `rate` is the share that buys."""
    taste = rng.lognormal(-loyal * loyal / 2, loyal, shoppers)

    def once() -> np.ndarray:
        bought = rng.random(shoppers) < np.minimum(1, rate * taste)
        return np.where(bought, taste * rng.lognormal(8, 0.5, shoppers), 0)

    return once(), once()


GROUPS = [(900, 100, 0.05), (900, 100, 0.3), (4_500, 500, 0.1), (500, 500, 0.2)]


@pytest.mark.parametrize(("treated", "held", "rate"), GROUPS)
def test_shares_without_an_effect(treated, held, rate):
    rng = np.random.default_rng(1)
    pairs = zip(rng.binomial(treated, rate, RUNS), rng.binomial(held, rate, RUNS), strict=True)
    found = [compare_shares(hits, treated, other, held) for hits, other in pairs]
    low, high = bounds(0.95)
    assert low <= np.mean([each.low <= 0 <= each.high for each in found]) <= high


@pytest.mark.parametrize(("treated", "held", "rate"), GROUPS)
def test_amounts_without_an_effect(treated, held, rate):
    rng, covered, above, below = np.random.default_rng(2), 0, 0, 0
    for _ in range(RUNS):
        values, before = spending(rng, treated, rate)
        others, others_before = spending(rng, held, rate)
        reduced = reduce_variance(values, before, others, others_before)
        found = compare_means(reduced.values, reduced.others)
        covered += found.low <= 0 <= found.high
        above += found.low > 0
        below += found.high < 0
    low, high = bounds(0.95)
    assert low <= covered / RUNS <= high
    assert max(above, below) / RUNS <= bounds(0.025)[1]


def test_welch_would_see_a_rise_that_is_not_there():
    """Why `compare_means` is not Welch's interval: 5 of 100 kept apart bought anything."""
    rng, above = np.random.default_rng(2), 0
    for _ in range(RUNS):
        values, others = spending(rng, 900, 0.05)[0], spending(rng, 100, 0.05)[0]
        error = (values.var(ddof=1) / len(values) + others.var(ddof=1) / len(others)) ** 0.5
        above += values.mean() - others.mean() > Z * error
    assert above / RUNS > 3 * 0.025


def test_amounts_with_an_effect():
    """A third more shoppers buy: the interval covers the true difference at least as often as it says."""
    rng, covered = np.random.default_rng(3), 0
    many = spending(np.random.default_rng(4), 2_000_000, 0.4)[0].mean()
    truth = many - spending(np.random.default_rng(5), 2_000_000, 0.3)[0].mean()
    for _ in range(RUNS):
        values, _before = spending(rng, 1_800, 0.4)
        others, _before = spending(rng, 200, 0.3)
        found = compare_means(values, others)
        covered += found.low <= truth <= found.high
    assert covered / RUNS >= bounds(0.95)[0]


@pytest.mark.parametrize(("treated", "held", "rate"), [*GROUPS, (9_000, 1_000, 0.05)])
def test_a_planted_effect_is_found_at_the_stated_power(treated, held, rate):
    rng, effect = np.random.default_rng(6), smallest_effect(treated, held, rate)
    runs = 5 * RUNS
    pairs = zip(rng.binomial(treated, rate + effect, runs), rng.binomial(held, rate, runs), strict=True)
    found = np.mean([compare_shares(hits, treated, other, held).low > 0 for hits, other in pairs])
    low, high = bounds(0.8, runs)
    assert low - 0.02 <= found <= high + 0.02  # the equation takes shares to be normal


def test_the_time_before_narrows_the_interval():
    """Shoppers who come every week: what they spent before tells much of what they spend."""
    rng, narrower = np.random.default_rng(7), []
    for _ in range(50):
        (values, before), (others, others_before) = (
            (rate * rng.lognormal(8, 0.3, len(rate)), rate * rng.lognormal(8, 0.3, len(rate)))
            for rate in (rng.gamma(4, 1, 900), rng.gamma(4, 1, 100))
        )
        reduced = reduce_variance(values, before, others, others_before)
        plain, found = compare_means(values, others), compare_means(reduced.values, reduced.others)
        narrower.append((found.high - found.low) / (plain.high - plain.low))
    assert max(narrower) < 0.9
    assert np.mean(narrower) == pytest.approx(0.74, abs=0.03)
