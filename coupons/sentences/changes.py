"""What was changed, with the old and the new values: the audit trail, and what a new version takes away."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coupons.engine.terms import BadTerms, Limits, RuleTerms
from coupons.models import Stock
from coupons.models.stock import Funder, Kind, Validity
from coupons.payers import payer
from mallops.lib.format import basis_points, count
from merchants.models import Mall

from . import times
from .conditions import condition_phrase
from .names import Names, all_of, series
from .rules import amount_between, award, limit_phrases, place, share_phrase

Change = Sequence[Any]  # old and new value
_SHOWN_AS = {"kind": Kind, "validity": Validity, "funder": Funder}
# Said by the headline, or below.
_HIDDEN = {"draft", "state", "version", "proposed", "consent", "merchant", "provider", "reason"}


def audit_sentence(action: str, changes: Mapping[str, Change], names: Names | None = None) -> str:
    """What an entry of the audit trail says was done to a rule or a stock."""
    if action in ("consent_answered", "consent_noted"):
        return _answered(action, changes, names or Names())
    version, proposed = (changes.get(name, (None, None))[1] for name in ("version", "proposed"))
    launched = _("Launched version %(number)s") % {"number": version}
    return {
        "rule_created": _("Created the rule"),
        "rule_changed": _("Changed the draft"),
        "rule_proposed": _("Proposed version %(number)s") % {"number": proposed},
        "rule_recalled": _("Took the proposal back"),
        "rule_approved": _("All concerned agree"),
        "rule_waits": _("Waits for consent again"),
        "rule_launched": launched,
        "rule_published": launched,  # as it was called before merchants were asked
        "rule_paused": _("Paused the rule"),
        "rule_stopped": _("Paused at once: a consent was withdrawn"),
        "rule_resumed": _("Resumed the rule"),
        "rule_ended": _("Ended the rule"),
        "mall_changed": _("Changed the settings"),
        "stock_created": _("Created the stock"),
        "stock_changed": _("Changed the stock"),
        "stock_closed": _("Closed the stock"),
    }.get(action, action)


def _answered(action: str, changes: Mapping[str, Change], names: Names) -> str:
    merchant, provider = (changes.get(side, (None, None))[1] for side in ("merchant", "provider"))
    said = {
        "accepted": _("%(merchant)s agreed"),
        "declined": _("%(merchant)s declined"),
        "withdrawn": _("%(merchant)s withdrew its consent"),
    }[changes["consent"][1]] % {"merchant": names.payer(payer(merchant, provider))}
    if action == "consent_noted":
        said = _("%(answer)s, as noted by the mall") % {"answer": said}
    reason = changes.get("reason", ("", ""))[1]
    return _("%(answer)s: “%(reason)s”") % {"answer": said, "reason": reason} if reason else said


def change_lines(action: str, changes: Mapping[str, Change], names: Names) -> list[str]:
    """Old and new values of an entry, a line each: ``Amount: ¥50 or more → ¥60 or more``. Of a new thing nothing."""
    if action in ("rule_created", "stock_created"):
        return []
    lines = terms_lines(*changes["draft"], names) if "draft" in changes else []
    return lines + [
        _line(_label(name), *(_value(name, each, names) for each in change))
        for name, change in changes.items()
        if name not in _HIDDEN
    ]


def terms_lines(old: dict, new: dict, names: Names) -> list[str]:
    """What differs between two stored terms."""
    before, after = _said(old, names), _said(new, names)
    return [_line(label, said, after[label]) for label, said in before.items() if after.get(label, said) != said]


def narrowed_labels(fields: Sequence[str]) -> str:
    """The fields that a new version narrows, as a list in words."""
    labels = field_labels()
    return all_of(list(dict.fromkeys(labels.get(name, name) for name in fields)))


def field_labels() -> dict[str, str]:
    """The fields of terms in words; several of them are one thing to a reader."""
    return {
        "trigger": pgettext("of a rule", "Trigger"),
        "radius_m": _("Radius"),
        "stores": _("Places"),
        "min_fen": _("Amount"),
        "max_fen": _("Amount"),
        "starts_on": _("Dates"),
        "ends_on": _("Dates"),
        "weekdays": _("Weekdays"),
        "hours": _("Hours"),
        "conditions": _("Conditions"),
        "award": _("Award"),
        "group": _("Exclusive group"),
        "priority": _("Priority"),
        "holdout_bp": _("Control group"),
        "shares": _("Who pays"),
        "on_trigger_refund": _("Refund of the payment that earned the coupon"),
        "on_use_refund": _("Refund of the payment it was used on"),
        "limits": _("Limits"),
        **dict.fromkeys(Limits.__slots__, _("Limits")),
    }


def _said(stored: dict, names: Names) -> dict[str, str]:
    """Each field of stored terms in words, by its label; nothing of a draft that is not complete."""
    try:
        terms = RuleTerms.from_json(stored)
    except BadTerms:
        return {}
    labels, dated = field_labels(), terms.starts_on or terms.ends_on
    said = {
        "trigger": _triggers()[terms.trigger],
        "radius_m": count(terms.radius_m),
        "stores": place(terms, names),
        "min_fen": amount_between(terms.min_fen, terms.max_fen, names),
        "starts_on": times.dates(terms.starts_on, terms.ends_on) if dated else "",
        "weekdays": times.weekdays(terms.weekdays) if terms.weekdays else "",
        "hours": times.hours(terms.hours) if terms.hours else "",
        "conditions": condition_phrase(terms.conditions, names) if terms.conditions else "",
        "award": award(terms, names),
        "limits": series(limit_phrases(terms.limits, names)),
        "group": terms.group,
        "priority": str(terms.priority),
        "holdout_bp": basis_points(terms.holdout_bp),
        "shares": share_phrase(terms.shares, names) if terms.shares else "",
        "on_trigger_refund": _policies()[terms.on_trigger_refund],
        "on_use_refund": _policies()[terms.on_use_refund],
    }
    return {labels[name]: text for name, text in said.items()}


def _triggers() -> dict[str, str]:
    return {"payment": _("Payment"), "qr": _("QR code"), "nearby": _("Nearby"), "hand_out": _("Hand-out")}


def _policies() -> dict[str, str]:
    return {
        "keep": _("keep it"),
        "revoke": _("revoke it at any refund"),
        "revoke_below_minimum": _("revoke it below the minimum"),
        "return": _("give it back"),
        "forfeit": _("it stays used"),
    }


def _line(label: str, old: str, new: str) -> str:
    none = _("none")
    return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": old or none, "new": new or none}


def _label(name: str) -> str:
    """The name of a changed column."""
    return str(_COLUMNS[name].verbose_name).capitalize() if name in _COLUMNS else name


def _value(name: str, value: Any, names: Names) -> str:
    if value in (None, "", []):
        return ""
    if name.endswith("_fen"):
        return names.money(value)
    if name in _SHOWN_AS:
        return str(_SHOWN_AS[name](value).label)
    if name in ("stores", "categories"):
        return all_of([getattr(names, name).get(pk, f"#{pk}") for pk in value])
    return basis_points(value) if name.endswith("_bp") else str(value)


_COLUMNS = {field.name: field for model in (Mall, Stock) for field in (*model._meta.fields, *model._meta.many_to_many)}
