"""Which stores give back more often than chance explains. Pure.

Were all stores alike, each refund would fall on a store with the chance of its share of the payments; how many do is
then binomial (J. Przyborowski, H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika
31, 1940). A store stands out if so many or more would come in fewer than 1 in 20 cases by luck, divided by the number
of stores (Bonferroni): so that in 19 of 20 malls in which all are alike none does.

Wilson's interval of refunds by payments against the share of the others promises as much and does not keep it, so far
out in the tail of small shares: in 9 of 100 such malls it names a store.
"""

from collections.abc import Mapping
from math import exp, lgamma, log

from analytics.metrics import Sums

BY_LUCK = 0.05  # in how many cases any store stands out though all are alike
ENOUGH = 1e-12  # a part of the tail that adds nothing


def standing_out(stores: Mapping[int, Sums]) -> set[int]:
    """Ids of the stores that give back more often than the others, by more than luck, of sums with `payments` and
    `refunds` by store id. Stores without payments are left out."""
    counted = {pk: sums for pk, sums in stores.items() if sums["payments"]}
    refunds, payments = (sum(sums[name] for sums in counted.values()) for name in ("refunds", "payments"))
    if len(counted) < 2:
        return set()
    return {
        pk for pk, sums in counted.items()
        if chance_of_more(sums["refunds"], refunds, sums["payments"] / payments) < BY_LUCK / len(counted)
    }  # fmt: skip


def chance_of_more(hits: int, number: int, share: float) -> float:
    """The chance of at least so many hits in a number of tries that each hit with the chance `share` (between 0 and 1);
    1.0 if so many are to be expected anyway."""
    if hits <= number * share:
        return 1.0
    ways = lgamma(number + 1) - lgamma(hits + 1) - lgamma(number - hits + 1)
    term = tail = exp(ways + hits * log(share) + (number - hits) * log(1 - share))
    for more in range(hits, number):
        term *= (number - more) / (more + 1) * share / (1 - share)
        tail += term
        if term <= tail * ENOUGH:
            break
    return tail
