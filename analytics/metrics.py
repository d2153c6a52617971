"""The registry of figures: every one on a screen, in an export, a mail or the API is defined here and nowhere else.

A metric is a formula over the additive measures of the roll-ups (`analytics.rollups.MEASURES`), so it is computed
from sums of any set of cells (a store, a category, a day) and never by averaging averages.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from django.utils.translation import gettext_lazy as _

from mallops.lib import format as fmt
from mallops.lib.money import yuan

Sums = Mapping[str, int]  # measure -> sum over some cells; a measure that is not there is 0
Value = int | Fraction | None

PAID = _("By the day of the payment.")
PAID_AND_REFUNDED = _("Payments by their day, refunds by the day they were made.")
HAPPENED = _("By the day it happened.")


@dataclass(frozen=True)
class Metric:
    """`formula` is a sum of measures such as ``gross_fen - refund_fen``; `per`, the same, is what it is divided by.

    Units: fen and counts are whole numbers (a quotient in fen is rounded half up), rates are Fractions of 1.
    A quotient whose divisor is 0 has no value (None).
    """

    key: str
    label: str
    definition: str
    basis: str
    unit: Literal["fen", "count", "rate"]
    formula: str
    per: str = ""
    brief: str = ""  # the label where only coupons are spoken of
    better: fmt.Better = "up"

    @cached_property
    def terms(self) -> dict[str, int]:
        return _terms(self.formula)

    @cached_property
    def divisor(self) -> dict[str, int]:
        return _terms(self.per)

    @property
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
        above = _weigh(self.terms, sums)
        if not self.per:
            return above
        below = _weigh(self.divisor, sums)
        if not below:
            return None
        ratio = Fraction(above, below)
        return ratio if self.unit == "rate" else _half_up(ratio)

    def text(self, value: Value, currency: str = "¥") -> str:
        """The value in full, as in tables: ``¥1,286,420.50``, ``32,234``, ``43.7%``."""
        if self.unit == "fen":
            return fmt.money(value, currency)
        return fmt.count(value) if self.unit == "count" else fmt.percent(value)

    def short(self, value: Value, currency: str = "¥") -> str:
        """The value in the space of a tile: ``¥1.29M``, ``32.2K``, ``43.7%``."""
        if self.unit == "fen":
            return fmt.money_short(value, symbol=currency)
        return fmt.count_short(value) if self.unit == "count" else fmt.percent(value)

    def plain(self, value: Value) -> str | int:
        """The value as a bare number for files: yuan with two decimals, or percent with one."""
        if value is None:
            return ""
        if self.unit == "fen":
            return yuan(value)
        return value if self.unit == "count" else fmt.percent(value).rstrip("%").replace(",", "")

    def change(self, now: Value, before: Value) -> fmt.Change:
        return fmt.change(now, before, self.better, points=self.unit == "rate")


def _terms(formula: str) -> dict[str, int]:
    """``gross_fen - refund_fen`` -> {"gross_fen": 1, "refund_fen": -1}."""
    found = re.findall(r"([+-]?)\s*(\w+)", formula)
    return {measure: -1 if sign == "-" else 1 for sign, measure in found}


def _weigh(terms: Mapping[str, int], sums: Sums) -> int:
    return sum(sign * sums.get(measure, 0) for measure, sign in terms.items())


def _half_up(ratio: Fraction) -> int:
    return (2 * ratio.numerator + ratio.denominator) // (2 * ratio.denominator)


def add(rows: Iterable[Sums]) -> dict[str, int]:
    """The sums of several sets of cells together."""
    total: dict[str, int] = {}
    for row in rows:
        for measure, amount in row.items():
            total[measure] = total.get(measure, 0) + amount
    return total


_ALL = (
    Metric(
        "net_sales", _("Net sales"), _("Payments less refunds."), PAID_AND_REFUNDED, "fen", "gross_fen - refund_fen"
    ),
    Metric("gross_sales", _("Gross sales"), _("All payments, before refunds."), PAID, "fen", "gross_fen"),
    Metric("transactions", _("Transactions"), _("Number of payments."), PAID, "count", "payments"),
    Metric(
        "average_ticket", _("Average ticket"), _("Gross sales divided by the number of payments."), PAID,
        "fen", "gross_fen", per="payments",
    ),
    Metric(
        "refunded", _("Refunds"), _("Money given back."), _("By the day of the refund."), "fen", "refund_fen",
        better="down",
    ),
    Metric(
        "refund_rate", _("Refund rate"), _("Refunds divided by gross sales of the same days."), PAID_AND_REFUNDED,
        "rate", "refund_fen", per="gross_fen", better="down",
    ),
    Metric(
        "issued", _("Coupons issued"), _("Coupons given for payments at these stores."), HAPPENED, "count", "issued",
        brief=_("Issued"),
    ),
    Metric(
        "redeemed", _("Coupons redeemed"), _("Coupons used at these stores, less redemptions undone."), HAPPENED,
        "count", "redeemed - reversals", brief=_("Redeemed"),
    ),
    Metric(
        "redemption_rate", _("Redemption rate"),
        _("Coupons redeemed divided by coupons issued in the same days, whenever those redeemed were issued."),
        HAPPENED, "rate", "redeemed - reversals", per="issued",
    ),
    Metric(
        "expired", _("Coupons expired"), _("Coupons not used in time."), HAPPENED, "count", "expired",
        brief=_("Expired"), better="down",
    ),
    Metric(
        "revoked", _("Coupons revoked"), _("Coupons taken back, for example after a refund."), HAPPENED,
        "count", "revoked", brief=_("Revoked"), better="down",
    ),
    Metric(
        "discount", _("Discount"), _("What shoppers did not pay thanks to coupons, less redemptions undone."),
        HAPPENED, "fen", "discount_fen - reversed_fen", better=None,
    ),
    Metric(
        "coupon_sales", _("Sales with coupon"),
        _("Orders on which a coupon was redeemed, before the discount, less redemptions undone."),
        HAPPENED, "fen", "coupon_sales_fen - reversed_sales_fen",
    ),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}


def measures_of(keys: Iterable[str]) -> tuple[str, ...]:
    """The measures that some metrics need summed, in a fixed order."""
    return tuple(sorted(frozenset().union(*(METRICS[key].measures for key in keys))))
