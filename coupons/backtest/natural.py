"""Who would have come anyway: payments at the stores that take a coupon, after its issue and while it is valid. Pure.

Awards and payments are sorted by shopper and time and laid side by side, so a million of each take a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .source import Columns

if TYPE_CHECKING:
    import numpy as np

_SPREAD = 2**34  # seconds; more than any moment


@dataclass(frozen=True, slots=True)
class Offer:
    """A stock as it is given: by whom, usable at which stores, and from when until when (excluded) coupons are valid
    that were given at these seconds, on these local days."""

    stock_id: int
    merchant_id: int
    usable: frozenset[int]
    validity: "Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]"


@dataclass(slots=True)
class Awards:
    """Awards in the order given: shopper, second, local day (numbers since 1970-01-01)."""

    shoppers: list[int] = field(default_factory=list)
    given_at: list[int] = field(default_factory=list)
    given_on: list[int] = field(default_factory=list)

    def add(self, shopper_id: int, given_at: int, given_on: int) -> None:
        self.shoppers.append(shopper_id)
        self.given_at.append(given_at)
        self.given_on.append(given_on)


@dataclass(frozen=True, slots=True)
class Came:
    """Of the awards whose coupons had all ended by the end of what is known (`observed`): how many shoppers came
    anyway, in all and to each merchant."""

    observed: int
    came: int
    by_merchant: dict[int, int]


class Visits:
    """Payments at the stores that take the coupons."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = offers
        self.stores = sorted(frozenset().union(*(offer.usable for offer in offers)))
        self._seen: list[tuple] = []

    def add(self, rows: Columns) -> None:
        import numpy as np

        mine = np.isin(rows.store, self.stores) & (rows.shopper > 0)
        self._seen.append((rows.shopper[mine] * _SPREAD + rows.paid[mine], rows.store[mine]))

    def count(self, awards: Awards, known_until: int) -> Came:
        """Who came anyway, as far as payments up to a second tell."""
        import numpy as np

        shoppers, at, on = (
            np.array(each, dtype=np.int64) for each in (awards.shoppers, awards.given_at, awards.given_on)
        )
        observed, came = np.ones(len(shoppers), dtype=bool), np.zeros(len(shoppers), dtype=bool)
        by_merchant: dict[int, np.ndarray] = {}
        for offer in self.offers:
            start, end = offer.validity(at, on)
            observed &= end <= known_until
            visited = self._visited(offer, shoppers, np.maximum(start - 1, at), end)
            by_merchant[offer.merchant_id] = by_merchant.get(offer.merchant_id, False) | visited
            came |= visited
        counts = {merchant: int((mask & observed).sum()) for merchant, mask in by_merchant.items()}
        return Came(int(observed.sum()), int((came & observed).sum()), counts)

    def _visited(self, offer: Offer, shoppers: "np.ndarray", after: "np.ndarray", end: "np.ndarray") -> "np.ndarray":
        """Whether each shopper paid at a store of the offer later than `after` and before `end`."""
        import numpy as np

        visits = self._of(offer)
        nearest = np.searchsorted(visits, shoppers * _SPREAD + after, side="right")
        visits = np.append(visits, np.iinfo(np.int64).max)
        return visits[nearest] < shoppers * _SPREAD + end

    def _of(self, offer: Offer) -> "np.ndarray":
        """Shopper and second of the payments at the stores of an offer, as one sorted number each."""
        import numpy as np

        keys = [key[np.isin(store, list(offer.usable))] for key, store in self._seen]
        return np.sort(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
