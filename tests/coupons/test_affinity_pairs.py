"""Moves between places, against a plain computation that follows each shopper step by step."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.affinity.pairs import DAY, find_pairs
from coupons.uplift.statistics import wilson

UNTIL = 200 * DAY
Purchase = tuple[int, int, int, int]  # shopper, place, at, fen


def found(purchases: list[Purchase], *, days: int = 14, until: int = UNTIL) -> dict[tuple[int, int], dict]:
    rows = sorted(purchases, key=lambda row: (row[0], row[2]))
    columns = [np.array([row[place] for row in rows], dtype=np.int64) for place in range(4)]
    pairs = find_pairs(*columns, days=days, until=until)
    return {(row["source"], row["target"]): row for row in pairs.rows(np.arange(len(pairs.moved)))}


def followed(purchases: list[Purchase], days: int = 14, until: int = UNTIL):
    """Shoppers of each place, and those of each pair: purchase by purchase."""
    bought, moved, by_shopper = defaultdict(set), defaultdict(set), defaultdict(list)
    for shopper, place, at, _fen in sorted(purchases, key=lambda row: (row[0], row[2])):
        by_shopper[shopper].append((place, at))
    for shopper, steps in by_shopper.items():
        for step, (place, at) in enumerate(steps):
            if at >= until - days * DAY:
                continue
            bought[place].add(shopper)
            onward = next(((there, when) for there, when in steps[step + 1 :] if there != place), None)
            if onward and onward[1] - at <= days * DAY:
                moved[place, onward[0]].add(shopper)
    return {place: len(who) for place, who in bought.items()}, {pair: len(who) for pair, who in moved.items()}


purchases = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from([3, 5, 8, 90]), st.integers(0, 200 * DAY - 1), st.integers(1, 900)),
    max_size=40,
    unique_by=lambda row: (row[0], row[2]),
)


@given(purchases, st.integers(1, 60))
def test_pairs_are_those_one_finds_step_by_step(purchases, days):
    bought, moved = followed(purchases, days)
    pairs = found(purchases, days=days)
    assert {pair: row["moved"] for pair, row in pairs.items()} == moved
    for (source, target), row in pairs.items():
        assert row["bought"] == bought[source]
        assert row["back"] == moved.get((target, source), 0)
        assert row["rate"] == moved[source, target] / bought[source]
        others = sum(count for place, count in bought.items() if place != target)
        assert row["base"] == sum(count for (_place, to), count in moved.items() if to == target) / others
        assert row["low"] == pytest.approx(wilson(row["moved"], row["bought"])[0])
        spent = [fen for _who, place, _at, fen in purchases if place == target]
        assert row["ticket_fen"] == round(sum(spent) / len(spent))


def test_worth_is_the_lower_bound_of_what_comes_beyond_the_usual():
    """Of 100 shoppers of 1 half go on to 2, of 100 of 3 a tenth; over 100 days. A purchase at 2 is 40 yuan."""
    steps = [(who, 1, 0, 1) for who in range(100)] + [(who, 3, 0, 1) for who in range(100, 200)]
    steps += [(who, 2, DAY, 4_000) for who in (*range(50), *range(100, 110))]
    pair = found(steps, until=114 * DAY)[1, 2]
    low, base = wilson(50, 100)[0], 60 / 200
    assert (pair["moved"], pair["bought"], pair["back"], pair["base"]) == (50, 100, 0, base)
    assert pair["worth_fen"] == round((low - base) * 100 * 30 / 100 * 4_000)


def test_a_pair_below_the_usual_is_worth_nothing():
    steps = [(who, 1, 0, 1) for who in range(100)] + [(who, 3, 0, 1) for who in range(100, 200)]
    steps += [(who, 2, DAY, 4_000) for who in (*range(50), *range(100, 110))]
    assert found(steps)[3, 2]["worth_fen"] == 0


def test_the_window_and_the_end_of_the_data():
    assert (1, 2) in found([(7, 1, 0, 1), (7, 2, 14 * DAY, 1)])
    assert (1, 2) not in found([(7, 1, 0, 1), (7, 2, 14 * DAY + 1, 1)])
    start = UNTIL - 14 * DAY
    assert (1, 2) in found([(7, 1, start - 1, 1), (7, 2, start, 1)])
    assert (1, 2) not in found([(7, 1, start, 1), (7, 2, start + 1, 1)])  # its window is not over


def test_repeated_purchases_count_once_and_other_shoppers_do_not_follow():
    steps = [(7, 1, 0, 1), (7, 1, DAY, 1), (7, 2, 2 * DAY, 1), (7, 1, 3 * DAY, 1), (7, 2, 4 * DAY, 1), (8, 3, DAY, 1)]
    pairs = found(steps)
    assert {pair: row["moved"] for pair, row in pairs.items()} == {(1, 2): 1, (2, 1): 1}


def test_no_purchases_no_pairs():
    assert found([]) == {}
