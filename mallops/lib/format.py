"""Every number and time shown to a person becomes text here: pages, charts, exports and mails.

Amounts are integer fen. Rounding is half up, and always before the sign, the arrow or the unit is chosen, so
that a text never says "-0.0%" or "1000.0K". `language` is a Django language code; left out, the active one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

NONE = "–"  # shown where there is nothing to show: no base, no value

Number = int | float | Decimal | Fraction
Better = Literal["up", "down"] | None

_CHINESE_UNITS = ((10**4, "万", 1), (10**8, "亿", 2))
_ENGLISH_UNITS = ((10**3, "K", 1), (10**6, "M", 2), (10**9, "B", 2))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_chinese(language: str | None = None) -> bool:
    return (language or get_language() or "en").startswith("zh")


def _exact(value: Number) -> Fraction:
    """Floats by their shortest text, so that 0.285 is what it looks like."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _round(value: Fraction, places: int) -> Decimal:
    """Half up, away from zero; never minus zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-places)


def _short(value: Fraction, language: str | None) -> str | None:
    """A large positive value in the largest unit that its rounded figure fills; None: show it in full."""
    text, reached = None, value
    for size, unit, places in _CHINESE_UNITS if is_chinese(language) else _ENGLISH_UNITS:
        if reached < size:
            break
        rounded = _round(value / size, places)
        text, reached = f"{rounded:.{places}f}{unit}", Fraction(rounded) * size
    return text


def money(fen: int | None, symbol: str = "¥") -> str:
    """An amount in full: 128642050 -> ``¥1,286,420.50``."""
    if fen is None:
        return NONE
    return f"{'-' if fen < 0 else ''}{symbol}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def money_short(fen: int | None, language: str | None = None, symbol: str = "¥") -> str:
    """An amount for tiles and axes: ``¥128.6万``, ``¥1.28亿``; ``¥1.29M``, ``¥45.2K``; small ones in full."""
    if fen is None:
        return NONE
    short = _short(Fraction(abs(fen), 100), language)
    return f"{'-' if fen < 0 else ''}{symbol}{short}" if short else money(fen, symbol)


def count(number: int | None) -> str:
    """A whole number: 32234 -> ``32,234``."""
    return NONE if number is None else f"{number:,}"


def count_short(number: int | None, language: str | None = None) -> str:
    """A whole number for tiles: ``10.4万``, ``104.2K``."""
    if number is None:
        return NONE
    short = _short(Fraction(abs(number)), language)
    return f"{'-' if number < 0 else ''}{short}" if short else count(number)


def decimal(number: Number | None, places: int = 1) -> str:
    """A mean: 2.345 -> ``2.3``."""
    return NONE if number is None else f"{_round(_exact(number), places):,.{places}f}"


def percent(ratio: Number | None, places: int = 1) -> str:
    """A ratio (1 is the whole) as percent: 0.437 -> ``43.7%``."""
    return NONE if ratio is None else f"{_round(_exact(ratio) * 100, places):,.{places}f}%"


def rate(numerator: int, denominator: int) -> str:
    """A share as percent with one decimal; without a whole there is no rate."""
    return percent(Fraction(numerator, denominator)) if denominator else NONE


def basis_points(bp: int | None) -> str:
    """A rate kept in basis points (1 bp = 0.01 %): 1250 -> ``12.5%``, 1255 -> ``12.55%``."""
    return NONE if bp is None else f"{(Decimal(bp) / 100).normalize():f}%"


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved: its text, where its arrow points, and whether that is good news for this figure."""

    text: str
    arrow: Literal["up", "down", "flat"] | None
    tone: Literal["better", "worse", "flat"]

    def __str__(self) -> str:
        return self.text


NO_CHANGE_KNOWN = Change(NONE, None, "flat")


def change(
    current: Number | None,
    previous: Number | None,
    better: Better = "up",
    *,
    points: bool = False,
    language: str | None = None,
) -> Change:
    """The move from `previous` to `current` in percent; of two ratios, with `points`, in percentage points.

    Without a base (nothing before, or zero before a percentage) there is no change to speak of. `better` says
    which direction is good news; None is for figures that are neither.
    """
    if current is None or previous is None or (not points and not previous):
        return NO_CHANGE_KNOWN
    now, before = _exact(current), _exact(previous)
    moved = _round((now - before if points else (now - before) / abs(before)) * 100, 1)
    unit = (" 个百分点" if is_chinese(language) else " pp") if points else "%"
    if not moved:
        return Change(f"0.0{unit}", "flat", "flat")
    arrow: Literal["up", "down"] = "up" if moved > 0 else "down"
    tone: Literal["better", "worse", "flat"] = "flat" if better is None else "better" if arrow == better else "worse"
    return Change(f"{moved:+,.1f}{unit}", arrow, tone)


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale of a money axis: divide fen by `divisor`, write `label` under the title."""

    divisor: int | Fraction
    label: str


def axis_money(largest: int, language: str | None = None, symbol: str = "¥") -> Axis:
    """The scale of an axis up to `largest` fen: of the units that it fills at least five times, the largest.

    元, 万元 or 亿元 for Chinese, which does not read K and M; ¥, ¥K, ¥M or ¥B otherwise.
    """
    chinese = is_chinese(language)
    units = ((1, "", 0), *(_CHINESE_UNITS if chinese else _ENGLISH_UNITS))
    size, unit = max((size, unit) for size, unit, _places in units if size == 1 or largest >= 5 * size * 100)
    if chinese:
        return Axis(size * 100, f"{unit}元" if symbol == "¥" else f"{symbol} {unit}".strip())
    return Axis(size * 100, f"{symbol}{unit}" if symbol == "¥" or not unit else f"{symbol} {unit}")


def date_range(first: date, last: date) -> str:
    """Two days, both included: ``2026-10-23 – 2026-11-21``; one day stands alone."""
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"


def day_label(day: date, language: str | None = None) -> str:
    """A day on an axis: ``11月8日``, ``Nov 8``."""
    return f"{day.month}月{day.day}日" if is_chinese(language) else f"{_MONTHS[day.month - 1]} {day.day}"


def month_label(day: date, language: str | None = None) -> str:
    """The month of a day: ``2026年11月``, ``Nov 2026``."""
    return f"{day.year}年{day.month}月" if is_chinese(language) else f"{_MONTHS[day.month - 1]} {day.year}"


def moment(when: datetime | None, zone: str | ZoneInfo, *, seconds: bool = False) -> str:
    """An aware moment on the wall clock of a zone (the mall's): ``2026-11-21 22:15``."""
    if when is None:
        return NONE
    local = when.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
