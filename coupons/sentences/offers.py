"""What an offer without a payment says to the shopper: on the claim page, on a poster."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.terms import RuleTerms

from . import times
from .names import clauses


@dataclass(frozen=True, slots=True)
class Gift:
    """One kind of coupon in an offer: how many, what it is worth, where it can be used, how long."""

    count: int
    name: str
    worth: str
    places: str
    validity: str


def offer_sentence(terms: RuleTerms) -> str:
    """When and how often, in one sentence: ``From 2026-11-01 to 2026-11-30, on Monday, once per shopper.``"""
    said = [*times.when(terms), _often(terms)]
    if terms.limits.quantity or terms.limits.quantity_per_day:
        said.append(_("while there are any left"))
    sentence = clauses(said)
    return _("%(sentence)s.") % {"sentence": sentence[0].upper() + sentence[1:]}


def _often(terms: RuleTerms) -> str:
    limits = terms.limits
    if limits.per_shopper:
        return ngettext("once per shopper", "%(count)s times per shopper", limits.per_shopper) % {
            "count": limits.per_shopper
        }
    if limits.per_shopper_per_day:
        return ngettext("once a day per shopper", "%(count)s times a day per shopper", limits.per_shopper_per_day) % {
            "count": limits.per_shopper_per_day
        }
    if limits.per_shopper_in_days:
        said = {"count": limits.per_shopper_in_days, "days": limits.window_days}
        return ngettext(
            "once in %(days)s days per shopper", "%(count)s times in %(days)s days per shopper", said["count"]
        ) % said  # fmt: skip
    return _("for every shopper")
