"""What a plan of rebates says, in words. Pure but for the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mallops.lib.format import basis_points, count, money

from .plans import PlanTerms


def plan_lines(terms: PlanTerms, currency: str = "¥") -> list[tuple[str, str]]:
    """Pairs of a label and what the terms say of it."""
    lines = [(_("Redemption reward"), _("; ").join(_tiers(terms, currency)) or _("none"))]
    if terms.tiers:
        lines.append((_("At most in a calendar month"), _amount(terms.cap_fen, currency)))
    lines += [
        (_("Opening reward"), money(terms.opening_fen, currency) if terms.opening_fen else _("none")),
        (_("Traffic credits"), _credits(terms)),
        (_("Due"), _due(terms.maturity_days)),
    ]
    return lines


def plan_sentence(terms: PlanTerms, currency: str = "¥") -> str:
    """The rewards in one line."""
    parts = _tiers(terms, currency)
    if terms.opening_fen:
        parts.append(_("%(amount)s for each opening") % {"amount": money(terms.opening_fen, currency)})
    if terms.credits_per_100_yuan:
        parts.append(_credits(terms))
    return _("; ").join(parts)


def _tiers(terms: PlanTerms, currency: str) -> list[str]:
    base = {"discount": _("of redeemed discounts"), "order": _("of orders with a coupon")}[terms.base]
    said = []
    for start, bp in terms.tiers:
        values = {"rate": basis_points(bp), "base": base, "amount": money(start, currency)}
        said.append(_("%(rate)s %(base)s") % values if not said and not start
                    else _("%(rate)s of the month's part above %(amount)s") % values)  # fmt: skip
    return said


def _amount(fen: int | None, currency: str) -> str:
    return _("without cap") if fen is None else money(fen, currency)


def _credits(terms: PlanTerms) -> str:
    if not terms.credits_per_100_yuan:
        return _("none")
    number = terms.credits_per_100_yuan
    said = ngettext("%(number)s traffic credit for ¥100", "%(number)s traffic credits for each ¥100", number)
    return said % {"number": count(number)}


def _due(days: int) -> str:
    if not days:
        return _("at once")
    return ngettext("%(days)s day after it was earned", "%(days)s days after it was earned", days) % {"days": days}
