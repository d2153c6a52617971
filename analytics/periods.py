"""The days a dashboard shows, and the days it compares them with. Whole local days of the mall, half-open."""

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from mallops.lib.dates import Period

MAX_DAYS = 366


class Preset(TextChoices):
    WEEK = "7d", _("7 days")
    MONTH = "30d", _("30 days")
    THIS_MONTH = "month", _("This month")
    QUARTER = "90d", _("90 days")
    CUSTOM = "custom", _("Custom")


class Compare(TextChoices):
    PREVIOUS = "previous", _("Previous period")
    LAST_YEAR = "last_year", _("Same days last year")
    NONE = "none", _("No comparison")


_LENGTHS = {Preset.WEEK: 7, Preset.MONTH: 30, Preset.QUARTER: 90}


def latest(days: int, last: date) -> Period:
    """So many days up to and with `last`."""
    return Period(last - timedelta(days=days - 1), last + timedelta(days=1))


def chosen(preset: str, today: date) -> Period:
    """The days of a preset other than CUSTOM; each ends with today, which is not over yet."""
    if preset == Preset.THIS_MONTH:
        return Period(today.replace(day=1), today + timedelta(days=1))
    return latest(_LENGTHS[Preset(preset)], today)


def compared(period: Period, compare: str, preset: str = "") -> Period | None:
    """The days to compare with; None for no comparison."""
    if compare == Compare.NONE:
        return None
    if compare == Compare.LAST_YEAR:
        return Period(_year_before(period.start), _year_before(period.last) + timedelta(days=1))
    return same_days_of_last_month(period) if preset == Preset.THIS_MONTH else period.previous()


def same_days_of_last_month(period: Period) -> Period:
    """1 to 21 November -> 1 to 21 October; where the month before is shorter, all of it."""
    first = (period.start - timedelta(days=1)).replace(day=1)
    return Period(first, min(first + timedelta(days=period.days), period.start))


def _year_before(day: date) -> date:
    """29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
