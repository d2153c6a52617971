"""Moments and local days, with and without clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mallops.lib.dates import (
    LocalClock,
    Period,
    day_end,
    day_start,
    last_of_month,
    month_before,
    months_back,
    months_between,
    next_month,
    today,
)

SECOND = timedelta(seconds=1)
ZONES = [
    "Asia/Shanghai", "Asia/Kathmandu", "Australia/Sydney", "Australia/Lord_Howe", "America/Sao_Paulo",
    "America/St_Johns", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "Pacific/Chatham",
    "Europe/London", "UTC",
]  # fmt: skip
moments = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2000, 1, 2), date(2035, 1, 1))


def by_zoneinfo(zone: str, moment: datetime) -> tuple[date, int]:
    local = moment.astimezone(ZoneInfo(zone))
    return local.date(), local.hour


@settings(max_examples=100, deadline=None)
@given(st.lists(moments, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_clock_says_what_zoneinfo_says(drawn, zone):
    clock = LocalClock(zone)
    for moment in drawn:
        for near in (moment, moment + SECOND, moment - timedelta(minutes=14)):
            assert clock.day_hour(near) == by_zoneinfo(zone, near)


@pytest.mark.parametrize("zone", ZONES)
def test_clock_is_right_around_every_change_of_the_clocks(zone):
    """Every quarter of an hour that has a change within it, minute by minute."""
    clock, moment, changes = LocalClock(zone), datetime(2004, 1, 1, tzinfo=UTC), 0
    while moment < datetime(2012, 1, 1, tzinfo=UTC):
        after = moment + timedelta(days=1)
        if moment.astimezone(ZoneInfo(zone)).utcoffset() != after.astimezone(ZoneInfo(zone)).utcoffset():
            changes += 1
            for minute in range(24 * 60):
                near = moment + timedelta(minutes=minute)
                assert clock.day_hour(near) == by_zoneinfo(zone, near), near
        moment = after
    assert (changes > 0) == (zone not in ("Asia/Shanghai", "Asia/Kathmandu", "UTC"))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Shanghai", date(2026, 4, 1), "2026-03-31T16:00Z"),  # month end
        ("Asia/Shanghai", date(2028, 2, 29), "2028-02-28T16:00Z"),  # leap day
        ("Asia/Shanghai", date(2028, 3, 1), "2028-02-29T16:00Z"),
        ("Asia/Kathmandu", date(2026, 1, 1), "2025-12-31T18:15Z"),
        ("Australia/Sydney", date(2026, 4, 5), "2026-04-04T13:00Z"),  # 25 hours
        ("Australia/Sydney", date(2026, 4, 6), "2026-04-05T14:00Z"),
        ("Australia/Sydney", date(2026, 10, 4), "2026-10-03T14:00Z"),  # 23 hours
        ("Australia/Sydney", date(2026, 10, 5), "2026-10-04T13:00Z"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00Z"),  # begins at 01:00, midnight was skipped
        ("America/Sao_Paulo", date(2018, 11, 5), "2018-11-05T02:00Z"),
        ("America/Sao_Paulo", date(2018, 2, 18), "2018-02-18T03:00Z"),  # the hour before it came twice
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00Z"),  # its first hour comes twice
    ],
)
def test_local_day_begins(zone, day, start):
    start = datetime.fromisoformat(start)
    assert day_start(day, zone) == day_end(day - timedelta(days=1), zone) == start
    clock = LocalClock(zone)
    assert clock.day_hour(start)[0] == day
    assert clock.day_hour(start - SECOND)[0] == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 4, 5), 24),
        ("Australia/Sydney", date(2026, 4, 5), 25),
        ("Australia/Sydney", date(2026, 10, 4), 23),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_length_of_a_day(zone, day, hours):
    assert day_end(day, zone) - day_start(day, zone) == timedelta(hours=hours)


# Where the clocks went back from one minute past midnight into the day before, a day is no single stretch of time.
WHOLE_DAYS = [zone for zone in ZONES if zone not in ("America/St_Johns", "Pacific/Apia")]


@settings(max_examples=100, deadline=None)
@given(days, st.sampled_from(WHOLE_DAYS))
def test_day_is_what_lies_between_its_ends(day, zone):
    clock = LocalClock(zone)
    start, end = day_start(day, zone), day_end(day, zone)
    inside = [start, start + SECOND, end - SECOND, start + (end - start) / 2]
    assert {clock.day_hour(moment)[0] for moment in inside} == {day}
    assert clock.day_hour(start - SECOND)[0] < day < clock.day_hour(end)[0]


def test_today_is_the_local_day():
    midnight = datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert today("Asia/Shanghai", midnight) == date(2026, 4, 1)
    assert today("Asia/Shanghai", midnight - SECOND) == today("UTC", midnight) == date(2026, 3, 31)


def test_period_is_half_open_and_has_one_before_it():
    march = Period(date(2028, 3, 1), date(2028, 4, 1))
    assert (march.days, march.last, len(list(march))) == (31, date(2028, 3, 31), 31)
    assert march.previous() == Period(date(2028, 1, 30), date(2028, 3, 1))  # 31 days, leap day included


@pytest.mark.parametrize("end", [date(2026, 3, 1), date(2026, 2, 28)])
def test_period_without_days_is_refused(end):
    with pytest.raises(ValueError, match="ends after"):
        Period(date(2026, 3, 1), end)


def test_months_and_the_days_around_them():
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert next_month(date(2024, 1, 31)) == date(2024, 2, 1)
    assert month_before(date(2026, 3, 31)) == date(2026, 2, 1)
    assert last_of_month(date(2028, 2, 1)) == date(2028, 2, 29)
    assert months_back(date(2026, 2, 28), 3) == [date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1)]


def test_months_between():
    assert months_between(date(2025, 11, 30), date(2026, 2, 1)) == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)
    ]  # fmt: skip
