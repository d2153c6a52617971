"""A period cut into what roll-ups keep as one: whole calendar months, and days."""

from collections.abc import Iterator
from datetime import date, timedelta

from analytics.models import Span
from mallops.lib.dates import Period


def spans(period: Period) -> Iterator[tuple[Span, date, date]]:
    """The runs that are read from one kind of row: whole months, and the days before and after them."""
    first = period.start if period.start.day == 1 else next_month(period.start)
    last = period.end.replace(day=1)
    if first >= last:
        yield Span.DAY, period.start, period.end
        return
    if period.start < first:
        yield Span.DAY, period.start, first
    yield Span.MONTH, first, last
    if last < period.end:
        yield Span.DAY, last, period.end


def next_month(day: date) -> date:
    """The first day of it."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
