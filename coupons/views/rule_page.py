"""One rule with all that is known of it."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coupons.engine.terms import RuleTerms
from coupons.models import Rule, Stock
from coupons.models.rule import RuleState
from coupons.queries import consents as asked
from coupons.queries import limits
from coupons.queries import rules as queries
from coupons.queries.names import names_of
from coupons.sentences import (
    Names,
    audit_sentence,
    change_lines,
    problem_sentences,
    refund_examples,
    terms_lines,
)
from coupons.sentences.decisions import limits as limit_names
from coupons.services import checks
from merchants.choices import Action
from merchants.models import AuditEntry, Mall

from .opening import open_rule
from .rule_steps import offered
from .rules import read_terms, sentence_of
from .states import consent_state, rule_state


@login_required
@require_GET
def rule_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    names, today = names_of(opened), opened.today()
    steps = offered(rule, request.rights)
    context = {
        "title": rule.name,
        "mall": opened,
        "rule": rule,
        "state": rule_state(rule, today),
        "steps": steps,
        **_saying(opened, rule, names, today),
        **_ahead(rule, names, may_propose="propose" in steps),
        "boosts": queries.boosts_of(rule, today),
        "consents": [(consent, consent_state(consent)) for consent in asked.consents_of(rule)],
        "versions": [(version, sentence_of(version.terms, names)) for version in queries.versions_of(rule)],
        "trail": trail(rule, names),
        "edits": Action.EDIT_RULES in request.rights,
        "launches": Action.LAUNCH_RULES in request.rights,
    }
    return render(request, "coupons/rule_detail.html", context)


def _saying(mall: Mall, rule: Rule, names: Names, today: date) -> dict:
    """What runs, or is to run, in words; what is used of its limits; what the newest terms cost each payer at most."""
    stored = rule.version.terms if rule.version else newest(rule)
    terms, planned = read_terms(stored), read_terms(newest(rule))
    is_live = rule.state == RuleState.LIVE
    return {
        "sentence": sentence_of(stored, names),
        "examples": terms and refund_examples(terms, names),
        "uses": limit_uses(rule, terms, today) if rule.version else [],
        "resting": _barred(mall, terms, names) if is_live else [],
        "held_up": _barred(mall, planned, names) if rule.proposed or rule.state == RuleState.PAUSED else [],
        "costs": [(names.payer(cost.payer), cost) for cost in asked.costs_of(mall, planned)] if planned else [],
    }


def _barred(mall: Mall, terms: RuleTerms | None, names: Names) -> list[str]:
    """Which providers that would pay may not, in words."""
    return problem_sentences(checks.barred(mall, checks.paying(terms)), names) if terms else []


def newest(rule: Rule) -> dict:
    """The stored terms that were proposed last, else those that run, else the draft."""
    version = rule.proposed or rule.version
    return version.terms if version else rule.draft


def _ahead(rule: Rule, names: Names, *, may_propose: bool) -> dict:
    """How the proposal differs from what runs, and the draft from both; why it cannot be proposed."""
    context: dict = {}
    if rule.proposed and rule.version:
        context["proposal_lines"] = terms_lines(rule.version.terms, rule.proposed.terms, names)
    if (rule.proposed or rule.version) and rule.draft != newest(rule):
        context["draft_lines"] = terms_lines(newest(rule), rule.draft, names)
    draft = read_terms(rule.draft)
    if may_propose and draft:
        context["problems"] = problem_sentences(checks.problems_of(rule, draft, now=timezone.now()), names)
    return context


def limit_uses(rule: Rule, terms: RuleTerms, today: date) -> list[tuple[str, limits.Use]]:
    """The limits of all shoppers with what is used of them, those of a day for today."""
    names = limit_names()
    return [(names[use.name], use) for use in limits.rule_uses(rule, terms.limits, day=today)]


def trail(obj: Rule | Stock | Mall, names: Names) -> list[tuple[AuditEntry, str, list[str]]]:
    """The latest changes: the entry, what was done, old and new values."""
    return [
        (entry, audit_sentence(entry.action, entry.changes, names), change_lines(entry.action, entry.changes, names))
        for entry in queries.audit_rows(obj)
    ]
