from datetime import date, timedelta

import pytest

from analytics import frames
from analytics.queries.places import Choice, Place
from mallops.lib.dates import Period

MONDAY = date(2026, 11, 16)
TWO_WEEKS = Period(MONDAY, MONDAY + timedelta(days=14))


def test_a_day_without_cells_is_of_zeros(mall):
    choice = Choice(Place(mall, []), Period(MONDAY, MONDAY + timedelta(days=2)), None)
    cells = {(0, MONDAY): {"gross_fen": 100, "payments": 3}, (1, MONDAY): {"gross_fen": 9}}
    frame = frames.by_step(choice, cells, ["net_sales", "average_ticket"])
    assert list(frame.index) == [MONDAY, MONDAY + timedelta(days=1)]
    assert list(frame["net_sales"]) == [100, 0]
    assert list(frame["average_ticket"]) == [33, None]


def test_weeks_of_a_long_period_are_sums_of_their_days(mall):
    period = Period(MONDAY - timedelta(days=301), MONDAY)
    choice = Choice(Place(mall, []), period, period.previous())
    cells = {(0, period.start): {"gross_fen": 10}, (0, period.start + timedelta(days=6)): {"gross_fen": 5},
             (0, period.last): {"gross_fen": 1}, (1, period.previous().start): {"gross_fen": 7}}  # fmt: skip
    now, before = (list(frames.by_step(choice, cells, ["net_sales"], side)["net_sales"]) for side in (0, 1))
    assert now == [15, *[0] * 41, 1]
    assert before == [7, *[0] * 42]


def test_hours_are_averages_over_all_such_weekdays():
    later = MONDAY + timedelta(days=7)
    cells = {
        (0, MONDAY, 12): {"gross_fen": 100, "refund_fen": 1},
        (0, later, 12): {"gross_fen": 50},
        (0, MONDAY + timedelta(days=6), 14): {"gross_fen": 7},
    }
    frame = frames.by_weekday_hour(cells, TWO_WEEKS)
    assert list(frame.columns) == [12, 13, 14]
    assert frame.to_numpy().tolist() == [[75, 0, 0], *[[0, 0, 0]] * 5, [0, 0, 4]]  # 149/2 and 7/2, half up


def test_a_weekday_that_the_period_lacks_is_of_zeros():
    frame = frames.by_weekday_hour({(0, MONDAY, 9): {"gross_fen": 10}}, Period(MONDAY, MONDAY + timedelta(days=1)))
    assert frame[9].tolist() == [10, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("amount", [-3, -1, 0])
def test_more_refunds_than_sales(amount):
    frame = frames.by_weekday_hour({(0, MONDAY, 9): {"refund_fen": -amount}}, TWO_WEEKS)
    assert frame.at[0, 9] == (2 * amount + 2) // 4


def test_no_cells_no_hours():
    assert frames.by_weekday_hour({}, TWO_WEEKS).shape == (7, 0)
