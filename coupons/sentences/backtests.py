"""What a backtest found, in one sentence of the reader's language; and what its figures do not say."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mallops.lib.format import basis_points, count

from .names import Names


def backtest_sentence(result: Mapping[str, Any], names: Names) -> str:
    """``On 90 days of payments this rule would have given 1,204 coupons to 903 shoppers, …``"""
    if not result["tried"]:
        return untried_sentence()
    if not result["awards"]:
        return _("On %(days)s of payments this rule would have given nothing.") % {"days": days(result["days_known"])}
    said = _("On %(days)s of payments this rule would have given %(coupons)s to %(shoppers)s, at most %(cost)s") % {
        "days": days(result["days_known"]),
        "coupons": coupons(result["coupons"]),
        "shoppers": shoppers(result["shoppers"]),
        "cost": names.money(result["cost_fen"]),
    }
    bp = result["natural"]["bp"]
    if bp is None:
        return _("%(sentence)s; it is too early to say how many would have come anyway.") % {"sentence": said}
    return _("%(sentence)s; in %(share)s of the cases they came anyway.") % {
        "sentence": said, "share": basis_points(round(bp, -2) if bp >= 100 else bp),
    }  # fmt: skip


def untried_sentence() -> str:
    return _(
        "This rule waits for shoppers to scan or to be near. The ledger holds payments only, so it cannot be tried."
    )


def notes(result: Mapping[str, Any], *, hand_out: bool, was_live: bool) -> list[str]:
    """What the reader of the figures has to know."""
    said = []
    if not result["tried"]:
        return said
    if hand_out:
        said.append(_("Tried as one hand-out at the beginning of the first day, to all shoppers who had paid before."))
    if result["set_aside"]:
        said.append(_("The first and last day of the rule lie outside these days and were not obeyed."))
    if number := len(result["alongside"]):
        said.append(
            ngettext(
                "%(count)s live rule of its group or stock was replayed with it.",
                "%(count)s live rules of its group or stock were replayed with it.",
                number,
            )
            % {"count": count(number)}
        )
    if was_live:
        said.append(_("The rule ran on some of these days, so some of those who came anyway came because of it."))
    said.append(
        _("Limits begin empty, as if the rule had started on the first day. Tags and blocked shoppers are today's.")
    )
    return said


def days(number: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", number) % {"count": count(number)}


def coupons(number: int) -> str:
    return ngettext("%(count)s coupon", "%(count)s coupons", number) % {"count": count(number)}


def shoppers(number: int) -> str:
    return ngettext("%(count)s shopper", "%(count)s shoppers", number) % {"count": count(number)}


def failure_sentence(code: str) -> str:
    """Why a backtest failed."""
    return {
        "foreign": _("Something the rule names is gone."),
        "bad_terms": _("The terms cannot be read any more."),
        "empty": _("The mall has no payments yet."),
        "no_store": _("No store takes part any more."),
    }.get(code, _("The backtest failed. Start it again; if it fails again, tell whoever looks after the system."))
