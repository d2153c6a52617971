from datetime import date, timedelta

from analytics import frames
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from mallops.lib.dates import Period

MONDAY = date(2026, 11, 16)


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
