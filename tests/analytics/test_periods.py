from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from analytics import periods
from analytics.periods import Compare, Preset
from mallops.lib import dates
from mallops.lib.dates import Period


def days(first: str, last: str) -> Period:
    """Both included."""
    return periods.latest((date.fromisoformat(last) - date.fromisoformat(first)).days + 1, date.fromisoformat(last))


@pytest.mark.parametrize(
    ("preset", "today", "first"),
    [
        (Preset.WEEK, "2026-11-21", "2026-11-15"),
        (Preset.MONTH, "2026-11-21", "2026-10-23"),
        (Preset.QUARTER, "2026-11-21", "2026-08-24"),
        (Preset.THIS_MONTH, "2026-11-21", "2026-11-01"),
        (Preset.THIS_MONTH, "2026-11-01", "2026-11-01"),
        (Preset.TODAY, "2026-11-21", "2026-11-21"),
        (Preset.THIS_WEEK, "2026-11-22", "2026-11-16"),  # a Sunday
        (Preset.THIS_WEEK, "2026-11-23", "2026-11-23"),  # a Monday
        (Preset.THIS_YEAR, "2026-11-21", "2026-01-01"),
        (Preset.WEEK, "2024-03-02", "2024-02-25"),  # over a leap day
        (Preset.WEEK, "2023-03-02", "2023-02-24"),
    ],
)
def test_preset_ends_with_today(preset, today, first):
    assert periods.chosen(preset, date.fromisoformat(today)) == days(first, today)


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (("2026-11-15", "2026-11-21"), ("2026-11-08", "2026-11-14")),
        (("2024-03-01", "2024-03-01"), ("2024-02-29", "2024-02-29")),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
    ],
)
def test_previous_period_has_the_same_length(shown, before):
    assert periods.compared(days(*shown), Compare.PREVIOUS) == days(*before)


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (("2026-11-01", "2026-11-21"), ("2026-10-01", "2026-10-21")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),  # a shorter month, all of it
        (("2024-03-01", "2024-03-30"), ("2024-02-01", "2024-02-29")),
        (("2026-01-01", "2026-01-05"), ("2025-12-01", "2025-12-05")),
    ],
)
def test_this_month_compares_with_the_same_days_of_last_month(shown, before):
    assert periods.compared(days(*shown), Compare.PREVIOUS, Preset.THIS_MONTH) == days(*before)


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (("2026-11-15", "2026-11-21"), ("2025-11-15", "2025-11-21")),
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2024-02-28", "2024-03-01"), ("2023-02-28", "2023-03-01")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-28")),
    ],
)
def test_same_days_last_year(shown, before):
    assert periods.compared(days(*shown), Compare.LAST_YEAR) == days(*before)


@pytest.mark.parametrize(
    ("preset", "today", "shown", "before"),
    [
        (Preset.YESTERDAY, "2026-03-01", ("2026-02-28", "2026-02-28"), ("2026-02-27", "2026-02-27")),
        (Preset.LAST_MONTH, "2026-11-21", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        (Preset.LAST_MONTH, "2026-01-31", ("2025-12-01", "2025-12-31"), ("2025-11-01", "2025-11-30")),
        (Preset.LAST_MONTH, "2024-03-31", ("2024-02-01", "2024-02-29"), ("2024-01-01", "2024-01-31")),
        (Preset.THIS_WEEK, "2026-11-18", ("2026-11-16", "2026-11-18"), ("2026-11-09", "2026-11-11")),
        (Preset.THIS_YEAR, "2026-11-21", ("2026-01-01", "2026-11-21"), ("2025-01-01", "2025-11-21")),
        (Preset.TODAY, "2026-11-21", ("2026-11-21", "2026-11-21"), ("2026-11-20", "2026-11-20")),
    ],
)
def test_presets_and_what_they_compare_with(preset, today, shown, before):
    period = periods.chosen(preset, date.fromisoformat(today))
    assert period == days(*shown)
    assert periods.compared(period, Compare.PREVIOUS, preset) == days(*before)


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (("2026-11-21", "2026-11-21"), ("2026-11-14", "2026-11-14")),  # Saturday and Saturday
        (("2026-11-15", "2026-11-21"), ("2026-11-08", "2026-11-14")),
        (("2026-10-23", "2026-11-21"), ("2026-09-18", "2026-10-17")),  # thirty days are five weeks back
        (("2024-02-29", "2024-03-07"), ("2024-02-15", "2024-02-22")),
    ],
)
@pytest.mark.parametrize("preset", ["", Preset.THIS_MONTH, Preset.LAST_MONTH, Preset.THIS_YEAR])
def test_same_weekdays_before(shown, before, preset):
    period = days(*shown)
    found = periods.compared(period, Compare.WEEKDAYS, preset)
    assert found == days(*before)
    assert found.end <= period.start and found.start.weekday() == period.start.weekday()


def test_steps_are_days_or_weeks_and_leave_nothing_out():
    week = days("2026-11-15", "2026-11-21")
    assert [step.days for step in periods.steps(week, weekly=False)] == [1] * 7
    year = days("2025-11-21", "2026-11-21")
    found = periods.steps(year, weekly=True)
    assert [step.days for step in found] == [2] + [7] * 52
    assert (found[0].start, found[-1].end) == (year.start, year.end)
    assert all(one.end == after.start for one, after in pairwise(found))


def test_no_comparison():
    assert periods.compared(days("2026-11-15", "2026-11-21"), Compare.NONE) is None


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), "2026-11-21"),
        ("Asia/Shanghai", datetime(2026, 11, 21, 16, 0, tzinfo=UTC), "2026-11-22"),
        ("America/New_York", datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "2026-11-01"),  # half past midnight, summer
        ("America/New_York", datetime(2026, 11, 2, 4, 30, tzinfo=UTC), "2026-11-01"),  # clocks went back: still Sunday
    ],
)
def test_today_is_the_malls_and_a_week_has_seven_days_whatever_the_clocks_do(zone, now, today):
    week = periods.chosen(Preset.WEEK, dates.today(zone, now))
    assert (week.last, week.days) == (date.fromisoformat(today), 7)
