"""Days and hours in words. Days are the mall's; `hours` are minutes of the day, the end excluded."""

from collections.abc import Sequence
from datetime import date

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from coupons.engine.terms import RuleTerms

from .names import all_of, any_of


def when(terms: RuleTerms) -> list[str]:
    """The days, weekdays and hours that a rule names, a clause each."""
    said = []
    if terms.starts_on or terms.ends_on:
        said.append(dates(terms.starts_on, terms.ends_on))
    if terms.weekdays:
        said.append(weekdays(terms.weekdays))
    if terms.hours:
        said.append(hours(terms.hours))
    return said


def dates(first: date | str | None, last: date | str | None) -> str:
    """A span of days, both included; at least one is given."""
    if first and last:
        return _("from %(first)s to %(last)s") % {"first": first, "last": last}
    return _("from %(first)s on") % {"first": first} if first else _("until %(last)s") % {"last": last}


def weekdays(days: Sequence[int]) -> str:
    """``on Monday and Friday``; three or more in a row as ``on Monday to Thursday``."""
    days = sorted(days)
    names = [str(WEEKDAYS[day - 1]) for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("on %(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return _("on %(days)s") % {"days": all_of(names)}


def weekday(day: int) -> str:
    """1 is Monday."""
    return str(WEEKDAYS[day - 1])


def hours(spans: Sequence[Sequence[int]]) -> str:
    return any_of([_("between %(start)s and %(end)s") % {"start": clock(s), "end": clock(e)} for s, e in spans])


def clock(minute: int) -> str:
    """Minutes of the day as ``17:30``; the end of the day is ``24:00``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
