"""The trace of a decision: each check as a sentence, each reason of a refusal as a few words."""

from collections.abc import Sequence
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from mallops.lib.format import count

from . import times
from .names import Names
from .rules import amount_between

MONEY_LIMITS = {"budget_fen", "budget_per_day_fen", "stock_budget_fen"}


def reasons() -> dict[str, str]:
    """What stood in the way, by the name of the check that failed."""
    return {
        "shopper": _("Shopper not known"),
        "amount": _("Amount outside the range"),
        "dates": _("Outside the dates"),
        "weekdays": _("Not on this weekday"),
        "hours": _("Outside the hours"),
        "stock_open": _("Stock closed or over"),
        "group": _("Another rule of the group awarded"),
        **limits(),
    }


def limits() -> dict[str, str]:
    """The limits by name, those of the stocks included."""
    return {
        "quantity": _("Awards in all"),
        "budget_fen": _("Money in all"),
        "quantity_per_day": _("Awards a day"),
        "budget_per_day_fen": _("Money a day"),
        "per_shopper": _("Awards per shopper"),
        "per_shopper_per_day": _("Awards per shopper a day"),
        "stock_quantity": _("Quantity of the stock"),
        "stock_budget_fen": _("Budget of the stock"),
    }


def reason_label(reason: str) -> str:
    """The reason of a refusal in a few words; of a limit, that it is used up."""
    if reason in (names := limits()):
        return _("Used up: %(limit)s") % {"limit": names[reason]}
    return reasons().get(reason, reason)


def check_sentence(check: Sequence[Any], names: Names) -> str:
    """One line of a trace (name, ok, expected, actual) in words."""
    name, ok, expected, actual = check
    if name in limits():
        return _limit(name, expected, actual, names)
    say = _CHECKS.get(name)
    return say(ok, expected, actual, names) if say else f"{name}: {expected} / {actual}"


def _limit(name: str, ceiling: int, used: int, names: Names) -> str:
    show = names.money if name in MONEY_LIMITS else count
    return _("%(limit)s: %(used)s of %(ceiling)s were used before.") % {
        "limit": limits()[name], "used": show(used), "ceiling": show(ceiling),
    }  # fmt: skip


def _shopper(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("The shopper is known.") if ok else _("The payment came without a shopper.")


def _amount(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Paid %(paid)s; the rule asks for %(range)s.") % {
        "paid": names.money(actual), "range": amount_between(*expected, names),
    }  # fmt: skip


def _dates(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Paid on %(day)s; the rule runs %(span)s.") % {"day": actual, "span": times.dates(*expected)}


def _weekdays(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Paid on a %(day)s; the rule runs %(days)s.") % {
        "day": WEEKDAYS[actual - 1], "days": times.weekdays(expected),
    }  # fmt: skip


def _hours(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Paid at %(time)s; the rule runs %(hours)s.") % {
        "time": times.clock(actual), "hours": times.hours(expected),
    }  # fmt: skip


def _stock_open(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    stock = names.stock(expected)
    if actual:
        return _("Coupons of %(stock)s were valid until %(day)s only.") % {"stock": stock, "day": actual}
    return _("The stock %(stock)s was closed.") % {"stock": stock}


def _group(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Rule #%(rule)s of the group “%(group)s” came first.") % {"rule": actual, "group": expected}


_CHECKS = {
    "shopper": _shopper,
    "amount": _amount,
    "dates": _dates,
    "weekdays": _weekdays,
    "hours": _hours,
    "stock_open": _stock_open,
    "group": _group,
}
