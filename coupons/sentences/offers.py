"""What an offer without a payment says to the shopper: on the claim page, on a poster."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.terms import RuleTerms
from coupons.models import Stock

from . import times
from .names import clauses
from .stocks import stock_sentence, validity_sentence


@dataclass(frozen=True, slots=True)
class Gift:
    """One kind of coupon in an offer: how many, what it is worth, at whose stores, how long."""

    count: int
    name: str
    worth: str
    merchant: str
    validity: str


def gifts(terms: RuleTerms, stocks: Mapping[int, Stock], symbol: str) -> list[Gift]:
    """What is given, one entry per kind of coupon; `stocks` with their merchants."""
    return [
        Gift(count, stock.name, stock_sentence(stock, symbol), stock.merchant.name, validity_sentence(stock))
        for pk, count in terms.award
        if (stock := stocks.get(pk))
    ]


def offer_sentence(terms: RuleTerms) -> str:
    """When and how often, in one sentence: ``From 2026-11-01 to 2026-11-30, on Monday, once per shopper.``"""
    said = []
    if terms.starts_on or terms.ends_on:
        said.append(times.dates(terms.starts_on, terms.ends_on))
    if terms.weekdays:
        said.append(times.weekdays(terms.weekdays))
    if terms.hours:
        said.append(times.hours(terms.hours))
    said.append(_often(terms))
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
    return _("for every shopper")
