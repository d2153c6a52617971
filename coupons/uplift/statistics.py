"""Two groups compared, with 95 % intervals. Pure: counts and columns in, figures out.

Shares: Newcombe's hybrid score interval (R. G. Newcombe, Interval estimation for the difference between independent
proportions, Statistics in Medicine 17, 1998, method 10), made of Wilson's intervals of the two shares.
Means: Student's interval corrected for skewness (E. A. Cornish, R. A. Fisher, Moments and cumulants in the
specification of distributions, 1938), after the variance reduction CUPED (A. Deng, Y. Xu, R. Kohavi, T. Walker,
Improving the sensitivity of online controlled experiments by utilizing pre-experiment data, WSDM 2013).
"""

from math import isnan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


class Interval(NamedTuple):
    """First group less second, and the ends of the interval that covers the true difference 95 times in 100."""

    difference: float
    low: float
    high: float


def wilson(hits: int, total: int, z: float = Z) -> tuple[float, float]:
    """Wilson's score interval of a share (1927). `total` above 0."""
    share, weight = hits / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / total + weight / (4 * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def compare_shares(hits: int, total: int, other_hits: int, other_total: int) -> Interval:
    """The difference of two independent shares (Newcombe's method 10). Totals above 0."""
    share, other = hits / total, other_hits / other_total
    low, high = wilson(hits, total)
    other_low, other_high = wilson(other_hits, other_total)
    return Interval(
        share - other,
        share - other - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        share - other + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def compare_means(values: "np.ndarray", others: "np.ndarray") -> Interval:
    """The difference of two means: Student's interval with the variance of both groups taken together, its ends moved
    by the skewness term of Cornish and Fisher. Two values at least in each group.

    Welch's interval, which trusts each group's own variance, is no good here: in a small control group a few large
    amounts make mean and variance small or large together, and it then claims a rise that is not there in up to 12 of
    100 cases instead of 2.5 (`tests/coupons/test_uplift_simulation.py`).
    """
    import numpy as np

    sizes = len(values), len(others)
    deviations = np.concatenate([values - values.mean(), others - others.mean()])
    variance = float((deviations**2).sum()) / (sum(sizes) - 2)
    difference, error = float(values.mean() - others.mean()), sqrt(variance * (1 / sizes[0] + 1 / sizes[1]))
    if not error:
        return Interval(difference, difference, difference)
    skewness = float((deviations**3).mean()) * (1 / sizes[0] ** 2 - 1 / sizes[1] ** 2) / error**3
    t = t_quantile(sum(sizes) - 2)
    shift = skewness * (t * t - 1) / 6
    return Interval(difference, difference - error * (t + shift), difference + error * (t - shift))


def t_quantile(freedom: float) -> float:
    """Student's t for the two-sided 95 % interval, by the expansion 26.7.5 of Abramowitz and Stegun: exact to three
    decimals from 5 degrees of freedom."""
    z, terms = Z, (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92_160,
    )  # fmt: skip
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


class Reduced(NamedTuple):
    """The values of both groups with what the time before explains taken out, and the share of the variance that
    this took away (0 to 1)."""

    values: "np.ndarray"
    others: "np.ndarray"
    share: float


def reduce_variance(
    values: "np.ndarray", before: "np.ndarray", others: "np.ndarray", others_before: "np.ndarray"
) -> Reduced:
    """CUPED: each value less theta times how far the same shopper's value before lies from the mean before.

    theta is the slope of values on values before within the groups. Chance alone makes the groups differ before, so
    taking that out leaves the expected difference as it is.
    """
    import numpy as np

    spread = _within(before, before) + _within(others_before, others_before)
    theta = (_within(values, before) + _within(others, others_before)) / spread if spread else 0.0
    middle = np.concatenate([before, others_before]).mean()
    adjusted, others_adjusted = values - theta * (before - middle), others - theta * (others_before - middle)
    full = _within(values, values) + _within(others, others)
    left = _within(adjusted, adjusted) + _within(others_adjusted, others_adjusted)
    return Reduced(adjusted, others_adjusted, 1 - left / full if full else 0.0)


def _within(first: "np.ndarray", second: "np.ndarray") -> float:
    """The sum of products of deviations from the means."""
    return float(((first - first.mean()) * (second - second.mean())).sum())


def smallest_effect(n_treated: int, n_held: int, base_rate: float, power: float = 0.8) -> float | None:
    """The smallest rise of a share (of 1) that is found with this power at 5 % two-sided, given the sizes of the two
    groups and the share without coupons. None where not even a rise to 100 % would be.

    Solves the usual equation of two shares (Fleiss, Levin and Paik, Statistical methods for rates and proportions,
    4.14) for the difference, by halving.
    """
    if min(n_treated, n_held) < 1 or isnan(base_rate) or not 0 <= base_rate < 1:
        return None
    low, high = 0.0, 1 - base_rate
    if _needed(n_treated, n_held, base_rate, high, power) > high:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if _needed(n_treated, n_held, base_rate, middle, power) > middle:
            low = middle
        else:
            high = middle
    return high


def _needed(n_treated: int, n_held: int, base: float, rise: float, power: float) -> float:
    """The difference that has to lie between the shares, if their spread is that of `base` and `base + rise`."""
    raised = base + rise
    pooled = (n_treated * raised + n_held * base) / (n_treated + n_held)
    under_none = sqrt(max(0.0, pooled * (1 - pooled)) * (1 / n_treated + 1 / n_held))
    under_rise = sqrt(max(0.0, raised * (1 - raised)) / n_treated + base * (1 - base) / n_held)
    return Z * under_none + NormalDist().inv_cdf(power) * under_rise


def share_needed(shoppers: int, base_rate: float, rise: float, power: float = 0.8) -> int | None:
    """The smallest control group (basis points, whole percents up to half of the shoppers) with which a rise of a
    share is found at this power; None if half is not enough."""
    for percent in range(1, 51):
        held = shoppers * percent // 100
        found = smallest_effect(shoppers - held, held, base_rate, power)
        if found is not None and found <= rise:
            return percent * 100
    return None
