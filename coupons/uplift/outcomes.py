"""What shoppers did in their windows, and in as long a time before: figures of each shopper, as columns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coupons import rulebooks
from coupons.engine.terms import RuleTerms
from coupons.models import Rule
from coupons.queries.purchases import purchase_columns
from merchants.models import Mall
from merchants.queries.directory import Directory
from payments.models import Payment

from .cohorts import Cohort, said_yes

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Places:
    """Ids of stores; `trigger` is empty for a rule that can be met anywhere."""

    award: frozenset[int]
    trigger: frozenset[int] = frozenset()
    competitors: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Spent:
    """Of each shopper, in fen: what was spent in the window and before. `visited` only for the award stores."""

    after: "np.ndarray"
    before: "np.ndarray"
    visited: "np.ndarray" = field(repr=False)


def places_of(cohort: Cohort, directory: Directory) -> Places:
    """Where the versions of a cohort are triggered and where their coupons are used. Competitors are the other stores
    of the categories of those."""
    award, trigger, anywhere = set(), set(), False
    for version in cohort.versions:
        terms = RuleTerms.from_json(version.terms)
        for stock in version.stocks.all():
            award |= rulebooks.usable_stores(stock, directory)
        stores = directory.stores_in(terms.stores, terms.categories)
        anywhere |= not stores
        trigger |= stores
    kinds = {directory.category_of[store] for store in award if store in directory.category_of}
    same = {store for store, category in directory.category_of.items() if category in kinds}
    return Places(frozenset(award), frozenset(() if anywhere else trigger), frozenset(same - award))


def purchases_of(mall: Mall, cohort: Cohort, rule: Rule | None = None) -> "np.ndarray":
    """All that the shoppers of a cohort paid, from before the first window to the end of the last. `rule` names whose
    shoppers they are; without it they are all of the mall."""
    firsts = cohort.firsts
    since = (2 * firsts["given_at"] - firsts["ends_at"]).min()
    paid = Payment.objects.for_mall(mall).filter(
        paid_at__gte=_moment(since), paid_at__lt=_moment(firsts["ends_at"].max())
    )
    if rule:
        paid = paid.filter(shopper__in=said_yes(rule).values("shopper"))
    return purchase_columns(paid)


def spent(cohort: Cohort, purchases: "np.ndarray", stores: frozenset[int] | None = None) -> Spent:
    """Net spend of each shopper of the cohort at the stores (None: in the whole mall).

    A payment counts for the window if it was made after the decision and before the end, and for the time before if
    made up to the decision and no longer ago than the window is long; the one that earned the coupon never counts.
    """
    import numpy as np

    firsts = cohort.firsts
    if stores is not None:
        purchases = purchases[np.isin(purchases["store_id"], list(stores))]
    place = np.searchsorted(firsts["shopper_id"], purchases["shopper_id"])
    place[place == len(firsts)] = 0
    mine = firsts[place]
    counts = (mine["shopper_id"] == purchases["shopper_id"]) & (mine["payment_id"] != purchases["pk"])
    at, given_at, ends_at = purchases["at"], mine["given_at"], mine["ends_at"]
    after = counts & (at > given_at) & (at < ends_at)
    before = counts & (at <= given_at) & (at > 2 * given_at - ends_at)

    def total(chosen: "np.ndarray") -> "np.ndarray":
        return np.bincount(place[chosen], weights=purchases["net_fen"][chosen], minlength=len(firsts))

    kept = after & (purchases["net_fen"] > 0)  # a purchase taken back in full is no visit
    return Spent(total(after), total(before), np.bincount(place[kept], minlength=len(firsts)) > 0)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
