"""Where a store stands among others, told so that no other's figures can be worked out. Pure.

Told are the store's own value, its rank, and three values of its group: around the lower quartile, the median and the
upper quartile. In a group of five, each of these would be some store's own figure. So each is the mean of the three
stores nearest to that place, and rounded: money in steps of 4 to 10 percent, rates to half a percentage point. Whoever
knows some of the stores then still cannot solve for another (`tests/analytics/test_standings.py` tries).

A figure is told of a group of at least `LEAST_STORES` stores that have it, of at least `LEAST_OTHERS` merchants beside
the reader, none of which makes more than half of the group's sales: of a group that one merchant rules, any figure is
that merchant's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from analytics.metrics import Value

LEAST_STORES, LEAST_OTHERS = 5, 3
UNITS = ((20, 1), (50, 2), (100, 5))  # of money between 10 and 100, and of all other in proportion: below, step
STEP = Fraction(1, 200)  # of rates
AROUND = 3  # stores that make a quartile


class Hidden(StrEnum):
    """Why nothing is told."""

    NO_VALUE = "no_value"
    FEW_STORES = "few_stores"
    FEW_MERCHANTS = "few_merchants"
    RULED = "ruled"


@dataclass(frozen=True, slots=True)
class Peer:
    """A store of a group: its merchant, its net sales (fen) and its value of the figure that is told."""

    merchant_id: int
    sales_fen: int
    value: Value


@dataclass(frozen=True, slots=True)
class Standing:
    """`rank` 1 is the best of `of` stores; those with the same value share it. `low`, `middle` and `high` are the
    group's rounded values around its quartiles."""

    own: Value
    rank: int
    of: int
    low: Value
    middle: Value
    high: Value


def why_hidden(peers: Sequence[Peer], merchant_id: int) -> Hidden | None:
    """Why a group may not be told to a merchant; None if it may. Stores without the value do not count."""
    known = [peer for peer in peers if peer.value is not None]
    if len(known) < LEAST_STORES:
        return Hidden.FEW_STORES
    if len({peer.merchant_id for peer in known} - {merchant_id}) < LEAST_OTHERS:
        return Hidden.FEW_MERCHANTS
    sales: Counter[int] = Counter()
    for peer in known:
        sales[peer.merchant_id] += max(peer.sales_fen, 0)
    return Hidden.RULED if 2 * max(sales.values()) > sum(sales.values()) else None


def standing(peers: Mapping[int, Peer], store_id: int, *, falling: bool = False) -> Standing | Hidden:
    """Where one of the stores stands, by store id; with `falling`, less is better."""
    own = peers[store_id].value
    if own is None:
        return Hidden.NO_VALUE
    if hidden := why_hidden(list(peers.values()), peers[store_id].merchant_id):
        return hidden
    values = sorted(peer.value for peer in peers.values() if peer.value is not None)
    better = [value for value in values if (value < own if falling else value > own)]
    tell = money if isinstance(own, int) else rate
    low, middle, high = (tell(around(values, Fraction(quarter, 4))) for quarter in (1, 2, 3))
    return Standing(own, 1 + len(better), len(values), low, middle, high)


def around(values: Sequence[Value], share: Fraction) -> Fraction:
    """The mean of the `AROUND` sorted values nearest to the place of a quantile (0 the first, 1 the last), of which
    there must be so many. Halfway, the earlier ones."""
    nearest = ceil(share * (len(values) - 1) - Fraction(1, 2))
    first = min(max(nearest - AROUND // 2, 0), len(values) - AROUND)
    return Fraction(sum(values[first : first + AROUND]), AROUND)


def money(fen: Fraction) -> int:
    """Rounded to its first two digits in steps of 1, 2 or 5 of the second, half up: 123,456 -> 120,000."""
    power = 10 ** max(len(str(floor(abs(fen)))) - 2, 0)
    unit = power * next(step for below, step in UNITS if abs(fen) < below * power)
    return floor(fen / unit + Fraction(1, 2)) * unit


def rate(share: Fraction) -> Fraction:
    """Rounded to half a percentage point, half up."""
    return floor(share / STEP + Fraction(1, 2)) * STEP
