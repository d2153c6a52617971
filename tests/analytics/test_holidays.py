from datetime import date

import pytest
from django.utils import translation

from analytics.holidays import holidays_of
from mallops.lib.dates import Period


def of(country: str, first: str, last: str, language: str = "en") -> list[tuple[str, str, str]]:
    with translation.override(language):
        found = holidays_of(country, Period(date.fromisoformat(first), date.fromisoformat(last)))
    return [(str(one.first), str(one.last), one.name) for one in found]


def test_days_off_in_a_row_are_one_holiday_and_days_worked_in_exchange_are_none():
    assert of("CN", "2026-09-01", "2026-11-01") == [
        ("2026-09-25", "2026-09-25", "Mid-Autumn Festival"),
        ("2026-10-01", "2026-10-07", "National Day"),  # with two days in lieu; 20 September and 10 October are worked
    ]


def test_names_are_in_the_language_of_the_reader():
    assert of("CN", "2026-02-01", "2026-03-01", "zh-hans") == [("2026-02-16", "2026-02-23", "农历除夕, 春节")]
    assert of("JP", "2026-02-11", "2026-02-12", "zh-hans") == [("2026-02-11", "2026-02-11", "Foundation Day")]


def test_a_weekend_between_does_not_part_a_holiday():
    assert of("DE", "2026-04-01", "2026-04-30") == [("2026-04-03", "2026-04-06", "Good Friday, Easter Monday")]


def test_only_what_touches_the_period():
    assert of("CN", "2026-10-07", "2026-10-08") == [("2026-10-01", "2026-10-07", "National Day")]
    assert of("CN", "2026-10-08", "2026-10-09") == []
    assert [name for *_days, name in of("US", "2024-12-25", "2025-01-02")] == ["Christmas Day", "New Year's Day"]


@pytest.mark.parametrize("country", ["", "XX"])
def test_no_country_has_no_holidays(country):
    assert of(country, "2026-01-01", "2027-01-01") == []
