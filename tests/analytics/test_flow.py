"""Moves between stores, against a plain computation that follows each shopper purchase by purchase."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.flow import HOUR, MEASURES, OF_REDEMPTIONS, count_flows
from coupons.queries.purchases import COLUMNS

A, B, C = 3, 5, 90
Purchase = tuple[int, int, int, int, int]  # number, shopper, store, at, fen: see COLUMNS
Use = tuple[int, int, int, int]  # shopper, source, target, at


def table(rows, names) -> np.ndarray:
    return np.array(list(rows), dtype=[(name, np.int64) for name in names])


def found(purchases: list[Purchase], uses: list[Use] = (), *, since: int = 0, within: int = 3 * HOUR) -> dict:
    rows = sorted(purchases, key=lambda row: (row[1], row[3], row[0]))
    flows = count_flows(table(rows, COLUMNS), table(uses, OF_REDEMPTIONS), since=since, within=within).columns()
    pairs = zip(flows.pop("source"), flows.pop("target"), strict=True)
    return dict(zip(pairs, zip(*(flows[name] for name in MEASURES), strict=True), strict=True))


def followed(purchases: list[Purchase], uses: list[Use], *, since: int, within: int) -> dict:
    """Moves, shoppers, fen, driven moves and driven fen by pair."""
    pairs: dict[tuple[int, int], list] = {}
    for who in {row[1] for row in purchases}:
        steps = sorted((row for row in purchases if row[1] == who), key=lambda row: (row[3], row[0]))
        for (_, _, here, left, _), (_, _, there, reached, fen) in pairwise(steps):
            if here == there or reached - left > within or reached < since:
                continue
            driven = any(use[:3] == (who, here, there) and left <= use[3] <= left + within for use in uses)
            row = pairs.setdefault((here, there), [0, set(), 0, 0, 0])
            row[0], row[2] = row[0] + 1, row[2] + fen
            row[1].add(who)
            if driven:
                row[3], row[4] = row[3] + 1, row[4] + fen
    return {pair: (row[0], len(row[1]), *row[2:]) for pair, row in pairs.items()}


stores, moments = st.sampled_from([A, B, C]), st.integers(0, 12)
ledgers = st.lists(st.tuples(st.integers(1, 4), stores, moments, st.integers(1, 900)), max_size=40)
used = st.lists(st.tuples(st.integers(1, 5), stores, stores, moments), max_size=15)


@given(ledgers, used, st.integers(0, 12), st.integers(1, 8))
def test_flows_are_those_one_finds_step_by_step(ledger, uses, since, within):
    purchases = [(number, *row) for number, row in enumerate(ledger, 1)]
    assert found(purchases, uses, since=since, within=within) == followed(purchases, uses, since=since, within=within)


def test_a_move_counts_once_with_what_was_paid_first():
    purchases = [(1, 7, A, 0, 100), (2, 7, A, 10, 200), (3, 7, B, 20, 400), (4, 7, B, 30, 800), (5, 7, A, 40, 1_600)]
    assert found(purchases) == {(A, B): (1, 1, 400, 0, 0), (B, A): (1, 1, 1_600, 0, 0)}


def test_within_is_included_and_so_is_the_start():
    purchases = [(1, 7, A, 0, 100), (2, 7, B, 3 * HOUR, 200)]
    assert found(purchases, since=3 * HOUR) == {(A, B): (1, 1, 200, 0, 0)}
    assert found(purchases, since=3 * HOUR + 1) == {}
    assert found(purchases, within=3 * HOUR - 1) == {}


@pytest.mark.parametrize(
    ("use", "driven"),
    [
        ((7, A, B, 0), True), ((7, A, B, 20), True), ((7, A, B, 3 * HOUR), True), ((7, A, B, -1), False),
        ((7, A, B, 3 * HOUR + 1), False), ((8, A, B, 20), False), ((7, C, B, 20), False), ((7, A, C, 20), False),
    ],
)  # fmt: skip
def test_a_coupon_drives_the_moves_in_whose_window_it_was_redeemed(use, driven):
    purchases = [(1, 7, A, 0, 100), (2, 7, B, 20, 400), (3, 8, A, 0, 100), (4, 8, C, 20, 300)]
    assert found(purchases, [use])[A, B] == (1, 1, 400, int(driven), 400 * driven)


def test_shoppers_of_a_pair_are_different_ones():
    purchases = [(n, 1 + n // 6, (A, B)[n % 2], n, 100) for n in range(12)]
    assert found(purchases) == {(A, B): (6, 2, 600, 0, 0), (B, A): (4, 2, 400, 0, 0)}


def test_nothing_bought():
    assert found([]) == {}
    assert found([(1, 7, A, 0, 100)], [(7, A, B, 0)]) == {}


def test_amounts_are_exact_however_large():
    most = 10**13
    assert found([(1, 7, A, 0, 1), (2, 7, B, 1, most + 1)]) == {(A, B): (1, 1, most + 1, 0, 0)}
