"""Moments, days and periods. Moments are aware UTC; a day belongs to a zone (the mall's); periods are half-open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_QUARTER = 900  # seconds: within one, the local day and hour nearly always stay the same
_TO_LAST_MOMENT = timedelta(seconds=_QUARTER) - timedelta(microseconds=1)


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


class LocalClock:
    """Local day and hour of moments in one zone, remembered per quarter of an hour: cheap for a million rows."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._known: dict[float, tuple[date, int]] = {}

    def day_hour(self, moment: datetime) -> tuple[date, int]:
        """The local calendar day and the hour (0 to 23) in which an aware moment falls."""
        quarter = moment.timestamp() // _QUARTER
        found = self._known.get(quarter)
        if found is None:
            found = self._look_up(moment)
            start = datetime.fromtimestamp(quarter * _QUARTER, UTC)
            # A few clocks were changed in the middle of a quarter: St. John's until 2011 at a minute past midnight.
            if self._look_up(start) == self._look_up(start + _TO_LAST_MOMENT):
                if len(self._known) > 100_000:
                    self._known.clear()
                self._known[quarter] = found
        return found

    def _look_up(self, moment: datetime) -> tuple[date, int]:
        local = moment.astimezone(self.zone)
        return local.date(), local.hour


@lru_cache(maxsize=512)
def clock(zone: str) -> LocalClock:
    return LocalClock(zone)


def day_start(day: date, zone: str) -> datetime:
    """The first moment (UTC) of a local day. Where clocks skip midnight, the day begins when they resume."""
    # In a skipped hour, fold=0 reads midnight by the clock before the change: just the moment they resume.
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def day_end(day: date, zone: str) -> datetime:
    """The first moment (UTC) after a local day: its excluded end."""
    return day_start(day + timedelta(days=1), zone)


def as_day(value: date | str) -> date:
    """A day as read by hand-written SQL: SQLite gives one that is computed, or returned by RETURNING, as its text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after that of a day."""
    return first_of_month(first_of_month(day) + timedelta(days=31))


def month_before(day: date) -> date:
    """The first day of the month before that of a day."""
    return first_of_month(first_of_month(day) - timedelta(days=1))


def last_of_month(day: date) -> date:
    return next_month(day) - timedelta(days=1)


def months_back(day: date, number: int) -> list[date]:
    """First days of the month of a day and of those before it, the newest first, `number` in all."""
    months = [first_of_month(day)]
    while len(months) < number:
        months.append(month_before(months[-1]))
    return months


def months_between(first: date, last: date) -> list[date]:
    """First days of the months of two days and of all between, the oldest first."""
    months = [first_of_month(first)]
    while (month := next_month(months[-1])) <= last:
        months.append(month)
    return months


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, `start` included and `end` excluded."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    def previous(self) -> "Period":
        """The period of the same length that ends where this one starts."""
        return Period(self.start - timedelta(days=self.days), self.start)

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))
