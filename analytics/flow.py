"""From store to store: how shoppers move on. Pure: columns of purchases in, columns of pairs out.

A move is a purchase of a known shopper at A followed by the same shopper's next purchase, if that is at another store
B and at most so many hours later. Of purchases in a row at A the move starts with the last, so no purchase at B is
reached twice. A move counts when it arrives, with what was paid at B less what was refunded of it; purchases refunded
in full are none.

A move is coupon-driven if a coupon the shopper earned at A was redeemed at B in that window: from the purchase at A
until so many hours later. A redemption on a payment happens when that payment is made; one that was undone is none.
All other moves are organic.

One pass over n purchases that come by shopper and time, and sorts of the moves alone.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

HOUR = 3_600
WITHIN_HOURS = (3, 24, 7 * 24, 30 * 24)
MEASURES = ("moves", "move_shoppers", "move_fen", "driven_moves", "driven_fen")
OF_REDEMPTIONS = ("shopper_id", "source_id", "target_id", "at")


@dataclass(frozen=True, slots=True)
class Flows:
    """A column for each figure, one row for each pair of stores with a move, by `source` and `target` (ids of stores).
    `move_shoppers` are different shoppers, amounts fen; the driven ones are among the moves."""

    source: "np.ndarray"
    target: "np.ndarray"
    moves: "np.ndarray"
    move_shoppers: "np.ndarray"
    move_fen: "np.ndarray"
    driven_moves: "np.ndarray"
    driven_fen: "np.ndarray"

    def columns(self) -> dict[str, list[int]]:
        return {name: getattr(self, name).tolist() for name in self.__slots__}


def count_flows(bought: "np.ndarray", used: "np.ndarray", *, since: int, within: int) -> Flows:
    """The moves that arrived at `since` (seconds) or later, not more than `within` seconds under way.

    `bought` are columns of `coupons.queries.purchases`, by shopper and time, from `since` less `within` on; `used` are
    columns of OF_REDEMPTIONS: who used at `target_id` what was earned at `source_id`, and when.
    """
    import numpy as np

    shopper, store, at = (np.ascontiguousarray(bought[name]) for name in ("shopper_id", "store_id", "at"))
    moved = (np.diff(shopper) == 0) & (np.diff(store) != 0) & (np.diff(at) <= within) & (at[1:] >= since)
    left = np.flatnonzero(moved)
    reached = left + 1
    driven = is_driven((shopper[left], store[left], store[reached]), at[left], used, within)
    return _by_pair(shopper[left], store[left], store[reached], bought["net_fen"][reached], driven)


def is_driven(move: "tuple[np.ndarray, ...]", left_at: "np.ndarray", used: "np.ndarray", within: int) -> "np.ndarray":
    """For each move (columns of shopper, source and target) whether a redemption of the same three was made from
    `left_at` until `within` seconds later."""
    import numpy as np

    driven = np.zeros(len(left_at), dtype=bool)
    asked = np.flatnonzero(np.isin(move[0], used["shopper_id"]))
    if not len(asked):
        return driven
    same = _numbered(
        *(np.concatenate([mine[asked], used[name]]) for mine, name in zip(move, OF_REDEMPTIONS, strict=False))
    )
    start = left_at[asked]
    first = min(start.min(), used["at"].min())
    room = max(start.max(), used["at"].max()) - first + within + 1  # the times of one number never reach the next
    begins = same[: len(asked)] * room + start - first
    moments = np.sort(same[len(asked) :] * room + used["at"] - first)
    next_one = moments[np.minimum(np.searchsorted(moments, begins), len(moments) - 1)]
    driven[asked] = (begins <= next_one) & (next_one <= begins + within)
    return driven


def _numbered(*columns: "np.ndarray") -> "np.ndarray":
    """A number for each row, the same for rows that are equal in all columns."""
    import numpy as np

    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        number = np.unique(number * len(values) + place, return_inverse=True)[1]
    return number


def _by_pair(shopper, source, target, fen, driven) -> Flows:
    """Sums of moves by pair. Floats keep sums of whole fen exactly up to 9 * 10^15."""
    import numpy as np

    stores, code = np.unique(np.concatenate([source, target]), return_inverse=True)
    size = len(stores)
    pair = code[: len(source)] * size + code[len(source) :]
    moves = np.bincount(pair, minlength=size * size)
    shown = np.flatnonzero(moves)

    def total(of: "np.ndarray", weights: "np.ndarray | None" = None) -> "np.ndarray":
        return np.bincount(of, weights, minlength=size * size)[shown].astype(np.int64)

    return Flows(
        source=stores[shown // size], target=stores[shown % size], moves=moves[shown],
        move_shoppers=total(_once_each(pair, shopper, size * size)), move_fen=total(pair, fen),
        driven_moves=total(pair[driven]), driven_fen=total(pair[driven], fen[driven]),
    )  # fmt: skip


def _once_each(pair: "np.ndarray", shopper: "np.ndarray", pairs: int) -> "np.ndarray":
    """The pairs of the moves, each once for each shopper. The moves come by shopper."""
    import numpy as np

    number = np.cumsum(np.diff(shopper, prepend=shopper[:1]) != 0)
    steps = np.sort(number * pairs + pair)
    return steps[np.diff(steps, prepend=-1) != 0] % max(pairs, 1)
