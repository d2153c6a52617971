from datetime import UTC, date, datetime

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
