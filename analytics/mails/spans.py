"""Which days a mail report tells of, and when it is due. By the mall's clock; pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from analytics import periods
from analytics.models import MailReport
from analytics.periods import Preset
from mallops.lib.dates import Period

Every = MailReport.Every


def last_over(every: str, day: date) -> Period:
    """The last day, week (from Monday) or calendar month that ended before a day."""
    if every == Every.MONTH:
        return periods.last_month(day)
    if every == Every.WEEK:
        return periods.latest(periods.WEEK, day - timedelta(days=day.weekday() + 1))
    return periods.latest(1, day - timedelta(days=1))


def due(report: MailReport, now: datetime) -> Period | None:
    """What is to be sent at `now` (aware): the last period that is over, from the hour chosen on the day after it.

    What a worker missed is made up for later, the last period only.
    """
    period, waits = _last(report, now)
    return None if waits or (report.sent_for and report.sent_for >= period.last) else period


def up_to_now(report: MailReport, now: datetime) -> date:
    """`sent_for` of a report that begins at `now`: what is due already is not sent, what waits for its hour is."""
    period, waits = _last(report, now)
    return period.start - timedelta(days=1) if waits else period.last


def _last(report: MailReport, now: datetime) -> tuple[Period, bool]:
    """The last period that is over, and whether its mail waits for the hour."""
    local = now.astimezone(ZoneInfo(report.view.mall.time_zone))
    period = last_over(report.every, local.date())
    return period, local.date() == period.end and local.hour < report.hour


def query_for(query: str, period: Period) -> str:
    """The filters of a view for other days."""
    changed = QueryDict(query, mutable=True)
    changed["period"], changed["start"], changed["end"] = Preset.CUSTOM.value, f"{period.start}", f"{period.last}"
    return changed.urlencode()
