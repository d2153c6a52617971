"""A report in words that claim no more than its interval, and what its lines mean."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mallops.lib.format import basis_points, count, money, percent

from .report import LEAST

MINUS = "\N{MINUS SIGN}"


class Line(NamedTuple):
    """What an outcome is called, and how it is counted."""

    label: str
    definition: str


def line(key: str) -> Line:
    return {
        "visit": Line(
            _("Visited an award store"),
            _("Bought at a store that takes the coupon, with or without it, before the coupon would have expired."),
        ),
        "spend_award": Line(_("Spent at the award stores"), _("Payments less refunds, mean of all shoppers compared.")),
        "spend_mall": Line(_("Spent in the mall"), _("Payments less refunds, mean of all shoppers compared.")),
        "spend_trigger": Line(
            _("Spent at the trigger stores"),
            _("Where the rule is met, after the coupon was given; the payment that earned it does not count."),
        ),
        "spend_competitors": Line(
            _("Spent at competitors of the award stores"),
            _("Other stores of the same category: what they lose was only moved."),
        ),
        "visit_mall": Line(_("Bought in the mall"), _("At least one purchase since the group began.")),
    }[key]


def points(share: float) -> str:
    """A difference of shares in percentage points: ``+3.4``, ``−1.2``."""
    text = f"{share * 100:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def difference(row: dict[str, Any], value: float, symbol: str) -> str:
    """A value of an outcome's interval with its sign."""
    if row["unit"] == "share":
        return _("%(points)s points") % {"points": points(value)}
    sign = "+" if round(value) > 0 else MINUS if round(value) < 0 else ""
    return f"{sign}{money(abs(round(value)), symbol)}"


def span(row: dict[str, Any], symbol: str) -> str:
    """Both ends of an outcome's interval."""
    if row["unit"] == "share":
        return _("%(low)s to %(high)s points") % {"low": points(row["low"]), "high": points(row["high"])}
    ends = {end: difference(row, row[end], symbol) for end in ("low", "high")}
    return _("%(low)s to %(high)s") % ends


def mean(row: dict[str, Any], group: str, symbol: str) -> str:
    return percent(row[group]) if row["unit"] == "share" else money(round(row[group]), symbol)


def verdict(report: dict[str, Any], *, of_mall: bool = False) -> str:
    """One sentence on the first outcome, or on why there is none."""
    if report["state"] == "measured":
        return _judged(report["outcomes"][0], of_mall)
    if report["state"] == "no_control" and of_mall:
        return _("No shopper is kept apart from all rules, so what coupons brought altogether cannot be told.")
    if report["state"] == "no_control":
        return _(
            "Nobody is kept apart as a control group, so what it brought cannot be told from what would have happened "
            "anyway."
        )
    if report["state"] == "too_few":
        sizes = {"treated": count(report["treated"]), "held": count(report["held"]), "least": count(LEAST)}
        few = _(
            "Too few shoppers to compare yet: %(treated)s awarded, %(held)s kept apart; at least %(least)s of each are "
            "needed."
        )
        return few % sizes
    return _("Nothing to compare yet: no shopper's window is over.")


def _judged(row: dict[str, Any], of_mall: bool) -> str:
    ends = {"low": points(row["low"]), "high": points(row["high"])}
    if row["low"] > 0:
        said = _("Brought more shoppers to the mall: between %(low)s and %(high)s points.") if of_mall else _(
            "Brought more shoppers to the award stores: between %(low)s and %(high)s points."
        )  # fmt: skip
    elif row["high"] < 0:
        said = _("Fewer of the awarded shoppers came than of those kept apart: between %(low)s and %(high)s points.")
    else:
        said = _("No effect can be seen yet: between %(low)s and %(high)s points.")
    return said % ends


def short(report: dict[str, Any]) -> tuple[str, str]:
    """The verdict as a state and its tone: only what the interval shows is good or bad."""
    if report["state"] != "measured":
        return {
            "no_control": (_("No control group"), "off"),
            "too_few": (_("Too few shoppers"), "off"),
            "nothing_yet": (_("Nothing yet"), "off"),
        }[report["state"]]
    row = report["outcomes"][0]
    if row["low"] > 0:
        return _("More visits"), "good"
    return (_("Fewer visits"), "warn") if row["high"] < 0 else (_("No effect seen yet"), "info")


def detectable(report: dict[str, Any]) -> str:
    """What these numbers could have found."""
    if report.get("smallest") is None:
        return ""
    text = _("With so many shoppers, a rise of %(points)s points is found in 4 of 5 cases, a smaller one less often.")
    return text % {"points": points(report["smallest"]).removeprefix("+")}


def remarks(report: dict[str, Any]) -> list[str]:
    """Who is compared and who is not."""
    said = []
    if report.get("running"):
        said.append(
            ngettext(
                "%(count)s more shopper can still use the coupon and is not counted yet.",
                "%(count)s more shoppers can still use the coupon and are not counted yet.",
                report["running"],
            )
            % {"count": count(report["running"])}
        )
    if report.get("left_out"):
        said.append(
            ngettext(
                "%(count)s shopper is left out: met under another share of control group, or kept apart by the mall.",
                "%(count)s shoppers are left out: met under another share of control group, or kept apart by the mall.",
                report["left_out"],
            )
            % {"count": count(report["left_out"])}
        )
    return said


def share_apart(report: dict[str, Any]) -> str:
    return basis_points(report["share_bp"])
