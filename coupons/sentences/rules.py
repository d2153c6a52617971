"""A rule's terms as one plain sentence, and what its refund policy means on an example."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.terms import Limits, RuleTerms
from mallops.lib.format import basis_points, count

from . import times
from .names import Names, all_of, any_of, clauses, series


def rule_sentence(terms: RuleTerms, names: Names) -> str:
    """``A shopper who pays ¥60 or more at Hotpot, on Saturday and Sunday, gets 1 × Tea; at most 50 awards a day.``"""
    paid = {"amount": amount_between(terms.min_fen, terms.max_fen, names), "place": place(terms, names)}
    when = [_("A shopper who pays %(amount)s %(place)s") % paid]
    if terms.starts_on or terms.ends_on:
        when.append(times.dates(terms.starts_on, terms.ends_on))
    if terms.weekdays:
        when.append(times.weekdays(terms.weekdays))
    if terms.hours:
        when.append(times.hours(terms.hours))
    gets = _("%(when)s gets %(award)s") if len(when) == 1 else _("%(when)s, gets %(award)s")
    said = [gets % {"when": clauses(when), "award": award(terms, names)}]
    if limits := limit_phrases(terms.limits, names):
        said.append(_("at most %(limits)s") % {"limits": series(limits)})
    if terms.group:
        said.append(_("only one award of the group “%(group)s”") % {"group": terms.group})
    if terms.holdout_bp:
        share = basis_points(terms.holdout_bp)
        said.append(_("%(share)s of shoppers are kept apart as a control group") % {"share": share})
    return _("%(sentence)s.") % {"sentence": _("; ").join(said)}


def amount_between(least: int, most: int | None, names: Names) -> str:
    if most is None:
        return _("%(amount)s or more") % {"amount": names.money(least)} if least else _("any amount")
    if not least:
        return _("at most %(amount)s") % {"amount": names.money(most)}
    return _("%(least)s to %(most)s") % {"least": names.money(least), "most": names.money(most)}


def place(terms: RuleTerms, names: Names) -> str:
    if not terms.stores and not terms.categories:
        return _("anywhere in the mall")
    stores = any_of([names.store(pk) for pk in terms.stores])
    categories = any_of([names.category(pk) for pk in terms.categories])
    if not categories:
        return _("at %(stores)s") % {"stores": stores}
    if not stores:
        return _("at any store of %(categories)s") % {"categories": categories}
    return _("at %(stores)s, or any store of %(categories)s") % {"stores": stores, "categories": categories}


def award(terms: RuleTerms, names: Names) -> str:
    return all_of([f"{number} × {names.stock(stock)}" for stock, number in terms.award])


def limit_phrases(limits: Limits, names: Names) -> list[str]:
    """Each limit as what follows "at most"."""
    said = []
    if limits.quantity is not None:
        said.append(_awards(limits.quantity))
    if limits.budget_fen is not None:
        said.append(_("%(amount)s in all") % {"amount": names.money(limits.budget_fen)})
    if limits.quantity_per_day is not None:
        said.append(_("%(awards)s a day") % {"awards": _awards(limits.quantity_per_day)})
    if limits.budget_per_day_fen is not None:
        said.append(_("%(amount)s a day") % {"amount": names.money(limits.budget_per_day_fen)})
    if limits.per_shopper is not None:
        said.append(_("%(awards)s per shopper") % {"awards": _awards(limits.per_shopper)})
    if limits.per_shopper_per_day is not None:
        said.append(_("%(awards)s per shopper a day") % {"awards": _awards(limits.per_shopper_per_day)})
    return said


def _awards(number: int) -> str:
    return ngettext("%(count)s award", "%(count)s awards", number) % {"count": count(number)}


def refund_examples(terms: RuleTerms, names: Names) -> tuple[str, str]:
    """What the two refund policies do, on round amounts near the rule's minimum: earning, then using."""
    least = terms.min_fen or 10_000
    paid, back = least + least // 4, least // 2
    story = _("Example: a shopper pays %(paid)s, gets the coupon, and is refunded %(back)s; %(left)s stay paid.") % {
        "paid": names.money(paid), "back": names.money(back), "left": names.money(paid - back),
    }  # fmt: skip
    if terms.on_trigger_refund == "keep":
        end = _("The coupon stays, even if all is refunded.")
    elif terms.on_trigger_refund == "revoke":
        end = _("The coupon is revoked, as at any refund, if it was not used yet.")
    elif terms.min_fen:
        end = _("That is below the minimum of %(least)s: the coupon is revoked if it was not used yet.") % {
            "least": names.money(least)
        }
    else:
        end = _("There is no minimum: the coupon stays until all is refunded.")
    if terms.on_use_refund == "return":
        use = _("A payment on which the coupon was used is refunded in full: the shopper has the coupon again.")
    else:
        use = _("A payment on which the coupon was used is refunded in full: the coupon stays used.")
    return _("%(story)s %(end)s") % {"story": story, "end": end}, use
