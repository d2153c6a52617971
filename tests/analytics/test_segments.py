"""Segments and cohorts against plain computations, shopper by shopper."""

from collections import Counter
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.segments import COLUMNS, DAYS, SEGMENTS, report_of, score, segments_of

LAST = 20_000


def table(rows) -> np.ndarray:
    return np.array(list(rows), dtype=[(name, np.int64) for name in COLUMNS])


def plain_score(values, value) -> int:
    return 1 + floor(5 * Fraction(sum(other < value for other in values), len(values)))


def plain_segment(rows, row) -> str:
    _id, days, last, fen = row
    lately = plain_score([each[2] for each in rows], last)
    value = plain_score([each[1] for each in rows], days) + plain_score([each[3] for each in rows], fen)
    if days == 1:
        return "new" if lately >= 4 else "promising" if lately == 3 else "lapsed"
    if value >= 8 and lately >= 4:
        return "champions"
    if value >= 6:
        return "loyal" if lately >= 3 else "at_risk"
    return "promising" if lately >= 3 else "lapsed"


shoppers = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(1, 14), st.integers(LAST - 40, LAST), st.integers(0, 60)), max_size=40
)


@given(shoppers)
def test_segments_are_those_of_the_scheme(rows):
    found = [SEGMENTS[place] for place in segments_of(table(rows))]
    assert found == [plain_segment(rows, row) for row in rows]


@given(shoppers)
def test_a_report_adds_up(rows):
    report = report_of(table(rows), LAST)
    for part, keys in (("segments", SEGMENTS), ("days", DAYS)):
        assert [group["key"] for group in report[part]] == list(keys)
        assert sum(group["shoppers"] for group in report[part]) == report["shoppers"] == len(rows)
        assert sum(group["spent_fen"] for group in report[part]) == sum(row[3] for row in rows)
        assert sum(group["idle_days"] for group in report[part]) == sum(LAST - row[2] for row in rows)
    assert {group["key"]: group["shoppers"] for group in report["segments"] if group["shoppers"]} == Counter(
        plain_segment(rows, row) for row in rows
    )


@pytest.mark.parametrize(
    ("days", "key"), [(1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6-10"), (10, "6-10"), (11, "11+"), (365, "11+")]
)
def test_frequencies(days, key):
    report = report_of(table([(7, days, LAST - 3, 500)]), LAST)
    assert {"key": key, "shoppers": 1, "spent_fen": 500, "idle_days": 3} in report["days"]


def test_scores():
    assert score(np.arange(10)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert score(np.array([1, 1, 1, 1, 9])).tolist() == [1, 1, 1, 1, 5]
    assert score(np.array([], dtype=np.int64)).tolist() == []


def test_nobody():
    report = report_of(table([]), LAST)
    assert report["shoppers"] == 0
    assert all(group["shoppers"] == 0 for group in report["segments"] + report["days"])
