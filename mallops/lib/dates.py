"""Moments, days and periods. Moments are aware UTC; a day belongs to a zone (the mall's); periods are half-open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_QUARTER = 900  # seconds; every zone of the tz database since 1972 shifts at, and by, multiples of a quarter hour


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]


class LocalClock:
    """Local day and hour of moments in one zone, remembered per quarter of an hour: cheap for a million rows."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._known: dict[int, tuple[date, int]] = {}

    def day_hour(self, moment: datetime) -> tuple[date, int]:
        """The local calendar day and the hour (0 to 23) in which an aware moment falls."""
        quarter = int(moment.timestamp()) // _QUARTER
        found = self._known.get(quarter)
        if found is None:
            if len(self._known) > 100_000:
                self._known.clear()
            local = moment.astimezone(self.zone)
            found = self._known[quarter] = (local.date(), local.hour)
        return found


@lru_cache(maxsize=512)
def clock(zone: str) -> LocalClock:
    return LocalClock(zone)


def day_start(day: date, zone: str) -> datetime:
    """The first moment (UTC) of a local day. Where clocks skip midnight, the day begins when they resume."""
    start = datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
    if clock(zone).day_hour(start)[0] < day:  # midnight does not exist on this day
        start += timedelta(hours=1)
    return start


def day_end(day: date, zone: str) -> datetime:
    """The first moment (UTC) after a local day: its excluded end."""
    return day_start(day + timedelta(days=1), zone)


def today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


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

    def __iter__(self):
        return (self.start + timedelta(days=n) for n in range(self.days))
