"""The days a dashboard shows, and the days it compares them with. Whole local days of the mall, half-open."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from mallops.lib.dates import Period, first_of_month, month_before

MAX_DAYS = 3 * 366
WEEK = 7
MOST_POINTS = 200  # of a line; longer periods are drawn by week


class Preset(TextChoices):
    TODAY = "today", _("Today")
    YESTERDAY = "yesterday", _("Yesterday")
    WEEK = "7d", _("7 days")
    MONTH = "30d", _("30 days")
    QUARTER = "90d", _("90 days")
    THIS_WEEK = "week", _("This week")
    THIS_MONTH = "month", _("This month")
    LAST_MONTH = "last_month", _("Last month")
    THIS_YEAR = "year", _("This year")
    CUSTOM = "custom", _("Custom dates")


class Compare(TextChoices):
    PREVIOUS = "previous", _("Previous period")
    LAST_YEAR = "last_year", _("Same days last year")
    WEEKDAYS = "weekdays", _("Same weekdays before")
    NONE = "none", _("No comparison")


_LENGTHS = {Preset.TODAY: 1, Preset.WEEK: 7, Preset.MONTH: 30, Preset.QUARTER: 90}
_FIRST: dict[str, Callable[[date], date]] = {
    Preset.THIS_WEEK: lambda today: today - timedelta(days=today.weekday()),
    Preset.THIS_MONTH: first_of_month,
    Preset.THIS_YEAR: lambda today: today.replace(month=1, day=1),
}


def from_to(first: date, last: date) -> Period:
    """Both days included."""
    return Period(first, last + timedelta(days=1))


def latest(days: int, last: date) -> Period:
    """So many days up to and with `last`."""
    return from_to(last - timedelta(days=days - 1), last)


def chosen(preset: str, today: date) -> Period:
    """The days of a preset other than CUSTOM; but for those that say otherwise, up to today, which is not over yet.
    Weeks begin on Monday."""
    if preset == Preset.YESTERDAY:
        return latest(1, today - timedelta(days=1))
    if preset == Preset.LAST_MONTH:
        return last_month(today)
    if preset in _FIRST:
        return from_to(_FIRST[preset](today), today)
    return latest(_LENGTHS[Preset(preset)], today)


def compared(period: Period, compare: str, preset: str = "") -> Period | None:
    """The days to compare with; None for no comparison."""
    if compare == Compare.NONE:
        return None
    if compare == Compare.LAST_YEAR or (compare == Compare.PREVIOUS and preset == Preset.THIS_YEAR):
        return from_to(_year_before(period.start), _year_before(period.last))
    if compare == Compare.WEEKDAYS or preset == Preset.THIS_WEEK:
        return same_weekdays(period)
    if preset == Preset.LAST_MONTH:
        return last_month(period.start)
    return same_days_of_last_month(period) if preset == Preset.THIS_MONTH else period.previous()


def same_weekdays(period: Period) -> Period:
    """The latest earlier days that begin on the same weekday: whole weeks back, as few as leave no day in both."""
    back = timedelta(days=-(-period.days // WEEK) * WEEK)
    return Period(period.start - back, period.end - back)


def last_month(day: date) -> Period:
    """The whole calendar month before that of a day."""
    return Period(month_before(day), first_of_month(day))


def steps(period: Period, weekly: bool) -> list[Period]:
    """Its days, or every seven days up to its last: the first step may be shorter, not the one looked at most."""
    width = timedelta(days=WEEK if weekly else 1)
    ends = [period.end - n * width for n in range(-(-period.days // width.days))]
    return [Period(max(end - width, period.start), end) for end in reversed(ends)]


def same_days_of_last_month(period: Period) -> Period:
    """1 to 21 November -> 1 to 21 October; where the month before is shorter, all of it."""
    whole = last_month(period.start)
    return Period(whole.start, min(whole.start + timedelta(days=period.days), whole.end))


def _year_before(day: date) -> date:
    """29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
