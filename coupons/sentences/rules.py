"""A rule's terms as one plain sentence, and what its refund policy means on an example."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.terms import Limits, RuleTerms
from mallops.lib.format import basis_points, count

from . import times
from .conditions import condition_phrase
from .names import Names, all_of, any_of, clauses, series


def rule_sentence(terms: RuleTerms, names: Names) -> str:
    """``A shopper who pays ¥60 or more at Hotpot, on Saturday and Sunday, gets 1 × Tea; at most 50 awards a day.``

    Terms that are not complete are said as far as they go.
    """
    gets = _("%(when)s gets %(award)s") if len(when := _when(terms, names)) == 1 else _("%(when)s, gets %(award)s")
    said = [gets % {"when": clauses(when), "award": award(terms, names) or _("nothing yet")}]
    if limits := limit_phrases(terms.limits, names):
        said.append(_("at most %(limits)s") % {"limits": series(limits)})
    if terms.group:
        said.append(_("only one award of the group “%(group)s”") % {"group": terms.group})
    if terms.holdout_bp:
        share = basis_points(terms.holdout_bp)
        said.append(_("%(share)s of shoppers are kept apart as a control group") % {"share": share})
    if terms.shares:
        said.append(_("paid by %(payers)s") % {"payers": share_phrase(terms.shares, names)})
    return _("%(sentence)s.") % {"sentence": _("; ").join(said)}


def _when(terms: RuleTerms, names: Names) -> list[str]:
    """Trigger, times and conditions, one clause each."""
    when = [trigger(terms, names), *times.when(terms)]
    if terms.conditions is not None:
        when.append(_("if %(conditions)s") % {"conditions": condition_phrase(terms.conditions, names)})
    return when


def trigger(terms: RuleTerms, names: Names) -> str:
    """Who does what, where."""
    where = place(terms, names)
    if terms.trigger == "qr":
        return _("A shopper who scans the QR code %(place)s") % {"place": where}
    if terms.trigger == "nearby":
        return _("A shopper who asks for it %(place)s") % {"place": nearby(terms, names)}
    if terms.trigger == "hand_out":
        return _("At a hand-out, each shopper")
    paid = {"amount": amount_between(terms.min_fen, terms.max_fen, names), "place": where}
    return _("A shopper who pays %(amount)s %(place)s") % paid


def nearby(terms: RuleTerms, names: Names) -> str:
    stores = [names.store(pk) for pk in terms.stores]
    categories = [_("a store of %(category)s") % {"category": names.category(pk)} for pk in terms.categories]
    where = any_of([*stores, *categories]) or _("the mall")
    if terms.radius_m is None:
        return _("near %(place)s") % {"place": where}
    return _("within %(metres)s m of %(place)s") % {"metres": count(terms.radius_m), "place": where}


def share_phrase(shares: Sequence[tuple[int, int]], names: Names) -> str:
    """``the mall (30%) and Pearl Lane (70%)``."""
    said = _("%(payer)s (%(share)s)")
    return all_of([said % {"payer": names.payer(payer), "share": basis_points(bp)} for payer, bp in shares])


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
    if limits.per_shopper_in_days is not None:
        said.append(_in_days(limits.per_shopper_in_days, limits.window_days))
    if limits.quantity_per_store is not None:
        said.append(_("%(awards)s at each store") % {"awards": _awards(limits.quantity_per_store)})
    return said


def _in_days(awards: int, days: int | None) -> str:
    """In each run of so many days; the number of days is missing while a draft is written."""
    said = {"awards": _awards(awards), "days": "…" if days is None else count(days)}
    return ngettext(
        "%(awards)s per shopper in %(days)s day", "%(awards)s per shopper in %(days)s days", days or 2
    ) % said  # fmt: skip


def _awards(number: int) -> str:
    return ngettext("%(count)s award", "%(count)s awards", number) % {"count": count(number)}


def refund_examples(terms: RuleTerms, names: Names) -> tuple[str, str]:
    """What the two refund policies do, on round amounts near the rule's minimum: earning, then using."""
    if terms.on_use_refund == "return":
        use = _("A payment on which the coupon was used is refunded in full: the shopper has the coupon again.")
    else:
        use = _("A payment on which the coupon was used is refunded in full: the coupon stays used.")
    return _earning(terms, names), use


def _earning(terms: RuleTerms, names: Names) -> str:
    if terms.trigger != "payment":
        return _("No payment earns this coupon, so no refund takes it back.")
    least = terms.min_fen or 10_000
    paid, back = least + least // 4, least // 2
    story = _("Example: a shopper pays %(paid)s, gets the coupon, and is refunded %(back)s; %(left)s stay paid.") % {
        "paid": names.money(paid), "back": names.money(back), "left": names.money(paid - back),
    }  # fmt: skip
    return _("%(story)s %(end)s") % {"story": story, "end": _earned(terms, names)}


def _earned(terms: RuleTerms, names: Names) -> str:
    """What becomes of the coupon of the example."""
    if terms.on_trigger_refund == "keep":
        return _("The coupon stays, even if all is refunded.")
    if terms.on_trigger_refund == "revoke":
        return _("The coupon is revoked, as at any refund, if it was not used yet.")
    if not terms.min_fen:
        return _("There is no minimum: the coupon stays until all is refunded.")
    return _("That is below the minimum of %(least)s: the coupon is revoked if it was not used yet.") % {
        "least": names.money(terms.min_fen)
    }
