"""The days of a mall's past on which people did something."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mallops.lib.dates import day_start, months_back
from merchants.models import Mall, User

from .offer_plans import AWARD_DAYS, SEASON_DAY

LONG = 40  # days; in a shorter past everything lies closer together


@dataclass(frozen=True, slots=True)
class Days:
    """A mall's past, from the day before its first payments to its last day."""

    mall: Mall
    first: date
    last: date

    @property
    def rules(self) -> date:
        """Since when the rules run."""
        return max(self.first + timedelta(days=1), self.last - timedelta(days=AWARD_DAYS - 1))

    @property
    def season(self) -> date:
        """Since when there are coupons: in the third month before the last one, so that a month can be paid, one talked
        about, and the last full one be closed by the reader."""
        begins = months_back(self.last, 4)[-1].replace(day=SEASON_DAY)
        return min(self.rules, max(begins, self.first + timedelta(days=1)))

    def ago(self, days: int) -> date:
        """So many days before the last, or in a short past as much nearer."""
        return self.last - timedelta(days=days * min(LONG, (self.last - self.first).days) // LONG)

    def start(self, day: date) -> datetime:
        return day_start(day, self.mall.time_zone)

    def nine(self, day: date) -> datetime:
        return nine(self.mall, day)


def nine(mall: Mall, day: date) -> datetime:
    """Nine in the morning of a local day."""
    return day_start(day, mall.time_zone) + timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody does at nine in the morning of a day; what follows from it, if anything, is returned."""

    mall: Mall
    day: date
    do: Callable[[datetime], Any]

    def make(self, *, by: User) -> Iterable | None:
        return self.do(nine(self.mall, self.day))
