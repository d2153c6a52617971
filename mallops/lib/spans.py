"""Runs of whole local days: from `from_day` until before `until_day`, or without end where that is None.

Agreements and offers run so. The conditions are for rows, reached by `to`; the others for one that is at hand.
"""

from datetime import date, timedelta

from django.db.models import F, Q

UPCOMING, RUNNING, ENDED = "upcoming", "running", "ended"  # what a run is on a day


def on(day: date | F, to: str = "") -> Q:
    """Runs that cover a day."""
    return Q(**{f"{to}from_day__lte": day}) & not_over(day, to)


def not_over(day: date | F, to: str = "") -> Q:
    """Runs that cover a day or begin after it."""
    return Q(**{f"{to}until_day": None}) | Q(**{f"{to}until_day__gt": day})


def overlapping(from_day: date, until_day: date | None) -> Q:
    """Runs that share a day with another."""
    later = not_over(from_day)
    return later & Q(from_day__lt=until_day) if until_day else later


def covers(from_day: date, until_day: date | None, day: date) -> bool:
    return from_day <= day and (until_day is None or day < until_day)


def stage(from_day: date, until_day: date | None, day: date) -> str:
    """What a run is on a day: UPCOMING, RUNNING or ENDED."""
    if from_day > day:
        return UPCOMING
    return ENDED if until_day and until_day <= day else RUNNING


def last_day(until_day: date | None) -> date | None:
    return until_day and until_day - timedelta(days=1)
