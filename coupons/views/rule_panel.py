"""The panel beside the rule builder: what the rule says, what is still to do, what is worth a look."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from coupons import funding
from coupons.engine.terms import RuleTerms
from coupons.forms.rules import RuleForm
from coupons.models import Rule, Stock
from coupons.queries.names import names_of
from coupons.queries.surroundings import world_of
from coupons.review import Finding, review
from coupons.sentences import Names, refund_examples, rule_sentence
from coupons.sentences.findings import finding_sentences
from coupons.sentences.names import all_of
from coupons.uplift.planning import Outlook, outlook
from coupons.uplift.sentences import points
from mallops.lib.format import count, percent
from merchants.models import Mall

ICONS = {"bad": "error", "warn": "alert", "info": "info"}
# Where a field has no control of its own name.
ANCHORS = {"trigger": "section-trigger", "award": "id_stock_1", "conditions": "section-conditions"}


class Shown(NamedTuple):
    """A finding in words; `weight` is read out for its colour."""

    tone: str
    icon: str
    weight: str
    text: str
    mend: str
    anchor: str


def panel(mall: Mall, rule: Rule | None, form: RuleForm) -> dict:
    """The context of the panel; terms that are not complete are said and looked at as far as they go."""
    missing = list(missing_in(form)) if form.is_bound else []
    names, terms = names_of(mall), form.drafted
    return {
        "sentence": rule_sentence(terms, names),
        "cost": cost_sentence(terms, form.offer.stocks, names),
        "examples": refund_examples(terms, names),
        "missing": missing,
        "findings": list(findings(mall, rule, form, terms, names)),
        "effect": effect(outlook(mall, terms, rule)) if terms.holdout_bp else "",
    }


def cost_sentence(terms: RuleTerms, stocks: Mapping[int, Stock], names: Names) -> str:
    """What the rule costs each payer at most."""
    if not terms.award:
        return ""
    said = [
        _("%(payer)s %(amount)s")
        % {"payer": names.payer(payer), "amount": _("without limit") if fen is None else names.money(fen)}
        for payer, fen in funding.most_fen(terms, stocks).items()
    ]
    return _("It costs at most: %(payers)s.") % {"payers": all_of(said)}


def effect(expected: Outlook | None) -> str:
    """What the control group could show before long."""
    if expected is None:
        return _("Try the rule on the last 90 days to see how small an effect this group could show.")
    if expected.smallest is None:
        return _("With about %(shoppers)s shoppers in 30 days, a group of this size could show nothing.") % {
            "shoppers": count(expected.shoppers)
        }
    return _(
        "With about %(shoppers)s shoppers in 30 days, of whom %(base)s come anyway, it shows a rise by %(points)s "
        "percentage points or more in 4 of 5 cases."
    ) % {
        "shoppers": count(expected.shoppers),
        "base": percent(expected.base_rate),
        "points": points(expected.smallest),
    }


def missing_in(form: RuleForm) -> Iterator[tuple[str, str, list[str]]]:
    """Errors of the form: what the field is called, the id to go to, what is wrong."""
    for name, errors in form.errors.items():
        if name in form.fields:
            yield form[name].label, ANCHORS.get(name, form[name].auto_id), errors
    for leaf in form.tree.leaves:
        if leaf.form.leaf is None:
            yield _("Condition"), f"node-{leaf.path}", [_("is not complete.")]
    for node in form.tree.wrong:
        yield _("Conditions"), f"node-{node.path}", node.errors


def findings(mall: Mall, rule: Rule | None, form: RuleForm, terms: RuleTerms, names: Names) -> Iterator[Shown]:
    weights = {"bad": _("Cannot work"), "warn": _("Warning"), "info": _("Note")}
    for finding in review(terms, world_of(mall, rule, terms, now=timezone.now())):
        text, mend = finding_sentences(finding.code, finding.about, names)
        anchor = anchor_of(finding, form) if mend else ""
        yield Shown(finding.tone, ICONS[finding.tone], weights[finding.tone], text, mend, anchor)


def anchor_of(finding: Finding, form: RuleForm) -> str:
    """The id of the control that a finding is about."""
    what, _colon, place = finding.where.partition(":")
    if what == "leaf":
        whole = [leaf for leaf in form.tree.leaves if leaf.form.leaf is not None]
        return f"node-{whole[int(place)].path}"
    return ANCHORS.get(what, f"id_{what}") if what else ""
