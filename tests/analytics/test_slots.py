"""Hours of the week."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from analytics.slots import by_weekday, differences, extremes, filled, hours_of, opening, slots
from mallops.lib.dates import Period

MONDAY = date(2026, 11, 2)
TWO_WEEKS = Period(MONDAY, date(2026, 11, 16))


def cell(gross: int, payments: int = 1, refunded: int = 0) -> dict:
    return {"gross_fen": gross, "payments": payments, "refund_fen": refunded}


CELLS = {
    (0, MONDAY, 10): cell(301),
    (0, date(2026, 11, 9), 10): cell(100, 2, 200),
    (0, date(2026, 11, 3), 12): cell(500),
    (1, date(2026, 10, 20), 9): cell(700),
}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("net_sales", {(0, 10): 101, (1, 12): 250}),  # (301 + 100 - 200) / 2 = 100.5, half up
        ("transactions", {(0, 10): Fraction(3, 2), (1, 12): Fraction(1, 2)}),
        ("average_ticket", {(0, 10): 134, (1, 12): 500}),  # of all those hours together: 401 / 3
        ("refunded", {(0, 10): 100, (1, 12): 0}),
    ],
)
def test_an_average_hour(key, expected):
    assert slots(CELLS, TWO_WEEKS, key) == expected


def test_the_compared_days_by_themselves():
    assert slots(CELLS, Period(date(2026, 10, 19), MONDAY), "net_sales", side=1) == {(1, 9): 350}


def rows(cells: dict, period: Period) -> list[list[int]]:
    """Net sales with zeros, from Monday down."""
    return by_weekday(filled(slots(cells, period, "net_sales")))


def test_hours_are_averages_over_all_such_weekdays():
    cells = {
        (0, MONDAY, 12): {"gross_fen": 100, "refund_fen": 1},
        (0, MONDAY + timedelta(days=7), 12): {"gross_fen": 50},
        (0, MONDAY + timedelta(days=6), 14): {"gross_fen": 7},
    }
    found = slots(cells, TWO_WEEKS, "net_sales")
    assert list(hours_of(found)) == [12, 13, 14]
    assert rows(cells, TWO_WEEKS) == [[75, 0, 0], *[[0, 0, 0]] * 5, [0, 0, 4]]  # 149/2 and 7/2, half up
    assert by_weekday(found) == [[75, None, None], *[[None] * 3] * 5, [None, None, 4]]


def test_a_weekday_that_the_period_lacks_is_of_zeros():
    found = rows({(0, MONDAY, 9): {"gross_fen": 10}}, Period(MONDAY, MONDAY + timedelta(days=1)))
    assert found == [[10], *[[0]] * 6]


@pytest.mark.parametrize("amount", [-3, -1, 0])
def test_more_refunds_than_sales(amount):
    found = rows({(0, MONDAY, 9): {"refund_fen": -amount}}, TWO_WEEKS)
    assert found[0] == [(2 * amount + 2) // 4]


def test_no_cells_no_hours():
    assert rows({}, TWO_WEEKS) == [[]] * 7


def test_hours_reach_from_the_first_to_the_last():
    assert list(hours_of({(0, 10): 1}, {(3, 12): 1})) == [10, 11, 12]
    assert list(hours_of({})) == []


def test_differences():
    now, before = {(0, 10): 5, (0, 11): None}, {(0, 10): 2, (0, 12): 4}
    assert differences(now, before, both=False) == {(0, 10): 3, (0, 11): 0, (0, 12): -4}
    assert differences(now, before, both=True) == {(0, 10): 3}


def test_extremes_are_the_most_extreme_first():
    found = {(0, hour): value for hour, value in enumerate([5, None, 1, 9, 3, 7])}
    assert extremes(found, 2) == ([(0, 3), (0, 5)], [(0, 2), (0, 4)])


def test_hours_hardly_open_are_not_quiet_hours():
    found = {(0, 0): 1, (1, 0): 0, (0, 12): 96, (0, 13): 3}
    assert opening(found) == {(0, 12): 96, (0, 13): 3}
