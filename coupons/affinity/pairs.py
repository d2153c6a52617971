"""Places from which shoppers move on to others. Pure: columns of purchases in, columns of pairs out.

A shopper who buys at A moves to B if the next purchase anywhere but at A is at B and not later than so many days. Each
shopper counts once for each A and each pair. The rate of a pair is the share of A's shoppers who moved to B; the base
rate of B is the mean of that rate over all places but B, weighted by their shoppers; lift is rate over base rate, and
its lower bound takes the lower end of Wilson's 95 % interval of the rate. What a pair is worth at least in 30 days is

    (lower end of the rate - base rate of B) x shoppers of A in 30 days x average purchase at B

One sort of n purchases, then passes over columns: the cost grows with n log n, not with the number of places.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coupons.uplift.statistics import Z

if TYPE_CHECKING:
    import numpy as np

DAY = 86_400
MONTH = 30  # days that a pair's worth is stated for


@dataclass(frozen=True, slots=True)
class Pairs:
    """A column for each figure, one row for each pair. `source` and `target` are ids of places, `moved` shoppers who
    moved, `bought` shoppers of the source, `back` those who moved the other way; rates are shares of 1."""

    source: "np.ndarray"
    target: "np.ndarray"
    moved: "np.ndarray"
    bought: "np.ndarray"
    back: "np.ndarray"
    rate: "np.ndarray"
    base: "np.ndarray"
    low: "np.ndarray"
    ticket_fen: "np.ndarray"
    worth_fen: "np.ndarray"

    def rows(self, chosen: "np.ndarray") -> list[dict]:
        """Plain values of the pairs at these places."""
        columns = {name: getattr(self, name)[chosen].tolist() for name in self.__slots__}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def find_pairs(
    shopper: "np.ndarray", place: "np.ndarray", at: "np.ndarray", fen: "np.ndarray", *, days: int, until: int
) -> Pairs:
    """All pairs that at least one shopper moved between. Purchases come by shopper and time; `at` and `until`, the
    excluded end of the data, are seconds; a purchase less than `days` before the end starts no move."""
    import numpy as np

    ids, code = np.unique(place, return_inverse=True)
    size = len(ids)
    number = np.cumsum(np.diff(shopper, prepend=shopper[:1]) != 0)
    after = _next_elsewhere(number, code)
    starts = at < until - days * DAY
    same = number[after] == number
    moves = starts & same & (code[after] != code) & (at[after] - at <= days * DAY)

    units = _distinct(number[starts] * size + code[starts]) % size
    bought = np.bincount(units, minlength=size)
    steps = _distinct((number[moves] * size + code[moves]) * size + code[after[moves]]) % (size * size)
    pair, moved = np.unique(steps, return_counts=True)
    source, target = pair // size, pair % size

    base = np.bincount(target, weights=moved, minlength=size) / np.maximum(bought.sum() - bought, 1)
    ticket = np.bincount(code, weights=fen, minlength=size) / np.bincount(code, minlength=size)
    low = wilson_low(moved, bought[source])
    span = max((until - days * DAY - at.min()) / DAY, 1) if len(at) else 1
    extra = np.maximum(low - base[target], 0) * bought[source] * MONTH / span
    return Pairs(
        source=ids[source], target=ids[target], moved=moved, bought=bought[source], back=_reverse(pair, moved, size),
        rate=moved / bought[source], base=base[target], low=low, ticket_fen=ticket[target].round().astype(np.int64),
        worth_fen=(extra * ticket[target]).round().astype(np.int64),
    )  # fmt: skip


def _next_elsewhere(number: "np.ndarray", code: "np.ndarray") -> "np.ndarray":
    """For each purchase the place in the columns of the first later one by another shopper or elsewhere; the last run
    points at itself."""
    import numpy as np

    breaks = (np.diff(number) != 0) | (np.diff(code) != 0)
    run = np.concatenate([[0], np.cumsum(breaks)]) if len(number) else np.zeros(0, dtype=np.int64)
    begins = np.append(np.flatnonzero(breaks) + 1, len(number) - 1)
    return begins[run]


def _distinct(values: "np.ndarray") -> "np.ndarray":
    """Each value once, in order: a sort and a comparison of neighbours, which a million values that are nearly in order
    take a hundredth of a second for. `np.unique` hashes them and takes half a second."""
    import numpy as np

    values = np.sort(values)
    return values[np.diff(values, prepend=values[:1] - 1) != 0]


def _reverse(pair: "np.ndarray", moved: "np.ndarray", size: int) -> "np.ndarray":
    """How many moved the other way, for each pair; `pair` is sorted."""
    import numpy as np

    if not len(pair):
        return moved
    opposite = (pair % size) * size + pair // size
    place = np.minimum(np.searchsorted(pair, opposite), len(pair) - 1)
    return np.where(pair[place] == opposite, moved[place], 0)


def wilson_low(hits: "np.ndarray", total: "np.ndarray") -> "np.ndarray":
    """The lower end of Wilson's interval, of columns (`coupons.uplift.statistics.wilson` has the formula)."""
    import numpy as np

    share, weight = hits / total, Z * Z / total
    half = Z / (1 + weight) * np.sqrt(share * (1 - share) / total + weight / (4 * total))
    return np.maximum((share + weight / 2) / (1 + weight) - half, 0)
