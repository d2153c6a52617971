"""From the text of a cell to its value. A reader takes text and raises ValueError with a translated phrase.

Most cells of a large file were seen before, so readers remember: `Remembered` by the whole text, `MomentReader`
by the minute. That is what makes a million rows cheap.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mallops.lib.money import BadAmount, parse_yuan
from payments.validation import AHEAD, EARLIEST

KEEP = 200_000  # texts remembered per column
_FORMULA = re.compile(r"=|[+\-@].*[(|!]")
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_MOMENT = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})[T ](\d{1,2}):(\d\d)"
    r"(:\d\d(?:\.\d{1,6})?)? ?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# What BadAmount says, for the translators.
gettext_noop("has more than two decimals")
gettext_noop("is not an amount such as 12.50")
gettext_noop("is too large")


class Remembered(dict):
    """Values by text: `self[text]` reads a text the first time only. What cannot be read is not remembered."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Any:
        value = self._read(text.strip())
        if len(self) >= KEEP:
            self.clear()
        self[text] = value
        return value


def remember(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return Remembered(read).__getitem__


def amount(text: str) -> int:
    """Fen above zero, by the rules of `parse_yuan`."""
    try:
        fen = parse_yuan(text)
    except BadAmount as error:
        raise ValueError(_(str(error))) from None
    if fen <= 0:
        raise ValueError(_("must be above zero"))
    return fen


def identifier(text: str, longest: int = 64) -> str:
    """A number given by another system, kept as it is."""
    if text.isalnum() and len(text) <= longest:
        return text
    text = plain(text.strip(), longest)
    if not text:
        raise ValueError(_("is empty"))
    if _SHORTENED.fullmatch(text):
        raise ValueError(_("was shortened by a spreadsheet; format the column as text before saving"))
    return text


def plain(text: str, longest: int) -> str:
    """Text on one line that no spreadsheet would run."""
    if _FORMULA.match(text):
        raise ValueError(_("begins like a formula"))
    if not text.isprintable():
        raise ValueError(_("contains characters that cannot be printed"))
    if len(text) > longest:
        raise ValueError(_("is longer than %(limit)d characters") % {"limit": longest})
    return text


def one_of(values: Mapping[str, Any], otherwise: str) -> Callable[[str], Any]:
    """A reader for a fixed set of texts; `otherwise` is the phrase for all others."""

    def read(text: str) -> Any:
        try:
            return values[text]
        except KeyError:
            raise ValueError(_("is empty") if not text else otherwise) from None

    return read


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("is not a day such as 2026-03-31")) from None


class MomentReader:
    """Moments (aware, UTC) of texts such as ``2026-03-31 18:05:00``: the mall's time, unless an offset follows.

    An hour that a clock change repeats is taken as its first run; one that it leaves out is an error, and so
    is what lies before 2000 or more than a day ahead of `now`.
    """

    def __init__(self, zone: str, now: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._latest = now + AHEAD
        self._local: dict[str, datetime] = {}
        self._offset: dict[str, datetime] = {}
        self._rests: dict[str, tuple[dict[str, datetime], timedelta]] = {}

    def __call__(self, text: str) -> datetime:
        try:
            minutes, rest = self._rests[text[16:]]
            moment = minutes[text[:16]] + rest
        except KeyError:
            moment = self._read(text)
        if not EARLIEST <= moment <= self._latest:
            raise self._out_of_range(moment.year)
        return moment

    def _out_of_range(self, year: int) -> ValueError:
        return ValueError(_("lies before the year 2000") if year < 2010 else _("lies in the future"))

    def _read(self, text: str) -> datetime:
        match = _MOMENT.fullmatch(text.strip())
        try:
            minute = datetime(*(int(match[i]) for i in (1, 3, 4, 5, 6)))
            rest = self._seconds(match[7]) - self._difference(match[8])
        except (TypeError, ValueError):
            raise ValueError(_("is not a time such as 2026-03-31 18:05:00")) from None
        if not 1999 <= minute.year <= self._latest.year + 1:
            raise self._out_of_range(minute.year)
        minutes = self._offset if match[8] else self._local
        start = minute.replace(tzinfo=UTC) if match[8] else self._in_zone(minute)
        if match.end(6) == 16 and match.string == text:
            if len(minutes) >= KEEP:
                minutes.clear()
            minutes[text[:16]] = start
            self._rests[text[16:]] = minutes, rest
        return start + rest

    def _in_zone(self, minute: datetime) -> datetime:
        moment = minute.replace(tzinfo=self._zone).astimezone(UTC)
        if moment.astimezone(self._zone).replace(tzinfo=None) != minute:
            raise ValueError(_("does not exist: clocks are put forward then"))
        return moment

    @staticmethod
    def _seconds(text: str | None) -> timedelta:
        seconds, _dot, fraction = (text or ":0")[1:].partition(".")
        if int(seconds) > 59:
            raise ValueError
        return timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0") or 0))

    @staticmethod
    def _difference(text: str | None) -> timedelta:
        if not text or text == "Z":
            return timedelta()
        hours, minutes = int(text[1:3]), int(text[-2:])
        if hours > 14 or minutes > 59:
            raise ValueError
        return timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)
