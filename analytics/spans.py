"""A period cut into the days of which roll-ups keep something together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from analytics.models import Span
from mallops.lib.dates import Period, first_of_month, next_month

FOUR = 4


def first_day(span: Span, day: date) -> date:
    """Of the days of a span that one day belongs to. Spans lie within calendar months."""
    if span == Span.MONTH:
        return first_of_month(day)
    return day if span == Span.DAY else day.replace(day=day.day - (day.day - 1) % FOUR)


def end_of(span: Span, first: date) -> date:
    """The day after the last one."""
    if span == Span.MONTH:
        return next_month(first)
    return min(first + timedelta(days=FOUR if span == Span.FOUR else 1), next_month(first))


def cut(periods: Iterable[Period], spans: Sequence[Span]) -> dict[Span, list[date]]:
    """The first days of the longest spans that make up the periods, by span. `spans` are those to be used, the longest
    first, the last of them days."""
    found: dict[Span, list[date]] = defaultdict(list)
    for period in periods:
        day = period.start
        while day < period.end:
            span = next(one for one in spans if first_day(one, day) == day and end_of(one, day) <= period.end)
            found[span].append(day)
            day = end_of(span, day)
    return found
