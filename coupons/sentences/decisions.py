"""The trace of a decision: each check as a sentence, each reason of a refusal as a few words."""

from collections.abc import Sequence
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from coupons.engine.terms import RuleTerms
from mallops.lib.format import basis_points, count
from merchants.choices import Standing

from . import times
from .names import Names
from .rules import amount_between, place

MONEY_LIMITS = {"budget_fen", "budget_per_day_fen", "stock_budget_fen"}


def reasons() -> dict[str, str]:
    """What stood in the way, by the name of the check that failed."""
    return {
        "trigger": _("Asked in another way"),
        "place": _("Not offered there"),
        "distance": _("Too far away"),
        "shopper": _("Shopper not known"),
        "amount": _("Amount outside the range"),
        "dates": _("Outside the dates"),
        "weekdays": _("Not on this weekday"),
        "hours": _("Outside the hours"),
        "stock_open": _("Stock closed or over"),
        "payer": _("A service provider may not pay"),
        "not_blocked": _("Shopper blocked"),
        "conditions": _("Conditions not met"),
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
        "per_shopper_in_days": _("Awards per shopper in some days"),
        "quantity_per_store": _("Awards per store"),
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


def asked_of_limit(expected: Any) -> tuple[int, int, int | None]:
    """Ceiling, what the award takes, and the stock whose limit it is; the first version wrote the ceiling alone."""
    ceiling, takes, stock = (*expected, None)[:3] if isinstance(expected, list | tuple) else (expected, 1, None)
    return ceiling, takes, stock


def _limit(name: str, expected: Any, used: int, names: Names) -> str:
    """A limit with what was left of it, and what the award takes."""
    ceiling, takes, stock = asked_of_limit(expected)
    show = names.money if name in MONEY_LIMITS else count
    said = _("%(limit)s: %(used)s of %(ceiling)s used before, %(left)s left; the award takes %(takes)s.") % {
        "limit": limits()[name], "used": show(used), "ceiling": show(ceiling), "left": show(ceiling - used),
        "takes": show(takes),
    }  # fmt: skip
    return said if stock is None else _("%(stock)s · %(said)s") % {"stock": names.stock(stock), "said": said}


def _shopper(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("The shopper is known.") if ok else _("Nobody knows who the shopper is.")


def _trigger(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    if ok:
        return _("Asked in the way the rule answers: %(way)s.") % {"way": triggers()[expected]}
    ways = {"asked": triggers().get(actual, actual), "way": triggers()[expected]}
    return _("Asked by %(asked)s; the rule answers to: %(way)s.") % ways


def triggers() -> dict[str, str]:
    """What starts a rule, in a few words."""
    return {
        "payment": _("a payment"),
        "qr": _("a scanned QR code"),
        "nearby": _("a shopper nearby"),
        "hand_out": _("a hand-out"),
    }


def _place(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    stores, categories = expected
    offered = place(RuleTerms(stores=tuple(stores), categories=tuple(categories)), names)
    return _("Asked at %(store)s; the rule is offered %(place)s.") % {"store": names.store(actual), "place": offered}


def _distance(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("%(metres)s m away; at most %(radius)s m count as nearby.") % {
        "metres": count(actual), "radius": count(expected),
    }  # fmt: skip


def _amount(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Paid %(paid)s; the rule asks for %(range)s.") % {
        "paid": names.money(actual), "range": amount_between(*expected, names),
    }  # fmt: skip


def _dates(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("It was %(day)s; the rule runs %(span)s.") % {"day": actual, "span": times.dates(*expected)}


def _weekdays(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("It was a %(day)s; the rule runs %(days)s.") % {
        "day": WEEKDAYS[actual - 1], "days": times.weekdays(expected),
    }  # fmt: skip


def _hours(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("It was %(time)s; the rule runs %(hours)s.") % {
        "time": times.clock(actual), "hours": times.hours(expected),
    }  # fmt: skip


def _stock_open(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    stock = names.stock(expected)
    if actual:
        return _("Coupons of %(stock)s were valid until %(day)s only.") % {"stock": stock, "day": actual}
    return _("The stock %(stock)s was closed.") % {"stock": stock}


def _payer(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    said = {"payer": names.payer(expected), "standing": Standing(actual).label}
    return _("%(payer)s pays a share and may not now (standing: %(standing)s); until it may, the rule rests.") % said


def _group(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Rule #%(rule)s of the group “%(group)s” came first.") % {"rule": actual, "group": expected}


def _boost(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("Traffic credits of a service provider raised its priority by %(weight)s.") % {"weight": count(expected)}


def _not_blocked(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    return _("The shopper was blocked.")


def _conditions(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    held = {"held": count(sum(1 for leaf_held, _found in actual if leaf_held)), "all": count(len(actual))}
    if ok:
        return _("The conditions were met; %(held)s of %(all)s held.") % held
    return _("The conditions were not met; %(held)s of %(all)s held.") % held


def _control_group(ok: bool, expected: Any, actual: Any, names: Names) -> str:
    share = {"share": basis_points(expected)}
    if actual == "mall":
        return _("The shopper is in the mall's control group (%(share)s of shoppers).") % share
    return _("The shopper is in the rule's control group (%(share)s of shoppers).") % share


_CHECKS = {
    "trigger": _trigger,
    "place": _place,
    "distance": _distance,
    "shopper": _shopper,
    "amount": _amount,
    "dates": _dates,
    "weekdays": _weekdays,
    "hours": _hours,
    "stock_open": _stock_open,
    "payer": _payer,
    "boost": _boost,
    "not_blocked": _not_blocked,
    "conditions": _conditions,
    "group": _group,
    "control_group": _control_group,
}
