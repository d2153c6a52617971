"""The days of a mall's past."""

from datetime import date

import pytest

from mallops.demo.days import Days
from mallops.demo.settling import ahead
from tests.factories import make_mall

FIRST, LAST = date(2025, 9, 26), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("first", "last", "season", "rules"),
    [
        (FIRST, LAST, date(2026, 7, 22), date(2026, 9, 20)),
        (FIRST, date(2026, 2, 1), date(2025, 11, 22), date(2025, 12, 22)),
        (date(2026, 9, 1), LAST, date(2026, 9, 2), date(2026, 9, 20)),
        (date(2026, 10, 21), LAST, date(2026, 10, 22), date(2026, 10, 22)),
        (date(2026, 10, 30), LAST, LAST, LAST),
    ],
    ids=["a year", "the first of a month", "two months", "ten days", "a day"],
)
def test_when_coupons_began(first, last, season, rules):
    days = Days(None, first, last)
    assert (days.season, days.rules) == (season, rules)


def test_a_short_past_is_told_closer_together():
    assert [Days(None, FIRST, LAST).ago(days) for days in (4, 24)] == [date(2026, 10, 27), date(2026, 10, 7)]
    assert [Days(None, date(2026, 10, 21), LAST).ago(days) for days in (4, 24)] == [
        date(2026, 10, 30), date(2026, 10, 25),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_last_full_month_stays_open():
    mall = make_mall()
    closes = [deed.day for deed in ahead(Days(mall, FIRST, LAST), {}) if deed.day.day == 5]
    assert closes == [date(2026, 8, 5), date(2026, 9, 5)]
    assert max(deed.day for deed in ahead(Days(mall, FIRST, date(2026, 2, 1)), {})) == date(2026, 1, 11)
    assert ahead(Days(mall, date(2026, 10, 21), LAST), {}) == []
