"""Public holidays of a country, as charts mark them. Days worked in exchange are ordinary days."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language

from mallops.lib import format as fmt
from mallops.lib.dates import Period

WEEKEND = (5, 6)


class Holiday(NamedTuple):
    """Days off in a row, both ends included, weekends between them too."""

    first: date
    last: date
    name: str


def holidays_of(country: str, period: Period) -> list[Holiday]:
    """The public holidays of a country (two letters; empty: none) that touch a period, in the reader's language where
    the calendar has it, else in English, else in the country's own."""
    if not country:
        return []
    language = "zh_CN" if fmt.is_chinese(get_language()) else "en_US"
    years = range(period.start.year, period.last.year + 1)
    found = [holiday for year in years for holiday in _of_year(country, year, language)]
    return [one for one in found if one.last >= period.start and one.first < period.end]


@lru_cache(maxsize=256)
def _of_year(country: str, year: int, language: str) -> list[Holiday]:
    import holidays

    try:
        languages = holidays.country_holidays(country).supported_languages or ()
    except NotImplementedError:  # a country that the calendar knows no longer
        return []
    wanted = next((one for one in (language, "en_US") if one in languages), None)
    off = holidays.country_holidays(country, years=year, language=wanted)
    proper = holidays.country_holidays(country, years=year, language=wanted, observed=False)
    exchanged = off.tr(off.substituted_label).partition("%s")[0] if hasattr(off, "substituted_label") else None
    named = {day: name for day, name in proper.items() if not (exchanged and name.startswith(exchanged))}
    return [_named(days, named, off) for days in _in_rows(sorted(off))]


def _in_rows(days: Iterable[date]) -> list[list[date]]:
    """Days off one after the other; a weekend between two does not part them."""
    rows: list[list[date]] = []
    for day in days:
        if rows and _free_between(rows[-1][-1], day):
            rows[-1].append(day)
        else:
            rows.append([day])
    return rows


def _free_between(before: date, after: date) -> bool:
    between = ((before + timedelta(days=n)).weekday() for n in range(1, (after - before).days))
    return (after - before).days <= len(WEEKEND) + 1 and all(weekday in WEEKEND for weekday in between)


def _named(days: list[date], named: dict[date, str], off: dict[date, str]) -> Holiday:
    """By what is celebrated; a day in lieu has a name of its own only where it stands alone."""
    names = dict.fromkeys(named[day] for day in days if day in named) or dict.fromkeys(off[day] for day in days)
    return Holiday(days[0], days[-1], ", ".join(names))
