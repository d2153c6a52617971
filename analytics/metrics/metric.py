"""What a figure is: a formula over the additive measures of the roll-ups (`analytics.rollups.MEASURES`), so that it is
computed from sums of any set of cells (a store, a category, a day) and never by averaging averages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from mallops.lib import format as fmt
from mallops.lib.money import yuan

Sums = Mapping[str, int | None]  # measure -> sum over some cells; not there: 0, None: not known of such cells
Value = int | Fraction | None

SHOPPERS = "shoppers"  # the one measure that is a count of a set, and not additive


@dataclass(frozen=True)
class Metric:
    """`formula` is a sum of measures such as ``gross_fen - refund_fen``; `per`, the same, is what it is divided by.

    Units: fen and counts are whole numbers (a quotient in fen is rounded half up), rates are Fractions of 1, means
    Fractions. A quotient whose divisor is 0 has no value (None), nor has what is made of a measure that is None.

    A `distinct` one counts different shoppers: its measure ``shoppers`` is no sum but comes from
    `analytics.queries.visitors` for just the cells meant; without it there is no value.
    """

    key: str
    label: str
    definition: str
    basis: str
    unit: Literal["fen", "count", "rate", "mean"]
    formula: str
    per: str = ""
    brief: str = ""  # the label where only coupons are spoken of
    better: fmt.Better = "up"
    scale: int = 1  # of the quotient: 100 makes fen for each yuan of one for each fen

    @property
    def distinct(self) -> bool:
        return SHOPPERS in self.measures

    @cached_property
    def terms(self) -> dict[str, int]:
        return _terms(self.formula)

    @cached_property
    def divisor(self) -> dict[str, int]:
        return _terms(self.per)

    @cached_property
    def measures(self) -> frozenset[str]:
        return frozenset(self.terms) | frozenset(self.divisor)

    @property
    def help(self) -> str:
        """What is shown on hover."""
        return f"{self.definition} {self.basis}"

    @property
    def short_label(self) -> str:
        return self.brief or self.label

    def value(self, sums: Sums) -> Value:
        if any(_unknown(measure, sums) for measure in self.measures):
            return None
        above = _weigh(self.terms, sums)
        if not self.per:
            return above
        below = _weigh(self.divisor, sums)
        if not below:
            return None
        ratio = Fraction(self.scale * above, below)
        return _half_up(ratio) if self.unit in ("fen", "count") else ratio

    def text(self, value: Value, currency: str = "¥") -> str:
        """The value in full, as in tables: ``¥1,286,420.50``, ``32,234``, ``43.7%``."""
        if self.unit == "fen":
            return fmt.money(value, currency)
        return _TEXTS[self.unit](value)

    def short(self, value: Value, currency: str = "¥") -> str:
        """The value in the space of a tile: ``¥1.29M``, ``32.2K``, ``43.7%``."""
        if self.unit == "fen":
            return fmt.money_short(value, symbol=currency)
        return fmt.count_short(value) if self.unit == "count" else _TEXTS[self.unit](value)

    def plain(self, value: Value) -> str | int:
        """The value as a bare number for files: yuan with two decimals, or percent with one."""
        if value is None:
            return ""
        if self.unit == "fen":
            return yuan(value)
        return value if self.unit == "count" else _TEXTS[self.unit](value).rstrip("%").replace(",", "")

    def change(self, now: Value, before: Value) -> fmt.Change:
        return fmt.change(now, before, self.better, points=self.unit == "rate")


_TEXTS = {"count": fmt.count, "rate": fmt.percent, "mean": fmt.decimal}


def _terms(formula: str) -> dict[str, int]:
    """``gross_fen - refund_fen`` -> {"gross_fen": 1, "refund_fen": -1}."""
    found = re.findall(r"([+-]?)\s*(\w+)", formula)
    return {measure: -1 if sign == "-" else 1 for sign, measure in found}


def _unknown(measure: str, sums: Sums) -> bool:
    return sums.get(measure, None if measure == SHOPPERS else 0) is None


def _weigh(terms: Mapping[str, int], sums: Sums) -> int:
    return sum(sign * sums.get(measure, 0) for measure, sign in terms.items())


def _half_up(ratio: Fraction) -> int:
    return (2 * ratio.numerator + ratio.denominator) // (2 * ratio.denominator)


def add(rows: Iterable[Sums]) -> dict[str, int | None]:
    """The sums of several sets of cells together; what is not known of some is not known of all."""
    total: dict[str, int | None] = {}
    for row in rows:
        for measure, amount in row.items():
            have = total.get(measure, 0)
            total[measure] = None if amount is None or have is None else have + amount
    return total
