"""Rules of a mall: the list, and one rule with all that is known of it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.engine.terms import BadTerms, RuleTerms
from coupons.filters import RuleFilter
from coupons.models import Rule
from coupons.queries import limits
from coupons.queries import rules as queries
from coupons.queries.names import names_of
from coupons.sentences import Names, audit_sentence, refund_examples, rule_sentence
from coupons.sentences.decisions import limits as limit_names
from coupons.services import rules as services
from mallops.lib import dates
from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .states import rule_state


@login_required
@require_GET
def rule_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    edits = Action.EDIT_RULES in request.rights
    form = RuleFilter(request.GET, mall=opened)
    table = rule_table(request, opened, queries.rule_rows(opened, **form.values()), names_of(opened))
    table.empty = Empty(
        _("No rule here"), _("A rule turns a payment at one store into a coupon of another."),
        reverse("coupons:rule_new", args=[opened.slug]) if edits else "", _("New rule"), icon="rules",
    )  # fmt: skip
    context = {"title": _("Rules"), "mall": opened, "edits": edits, "form": form, "table": table}
    return render_part(request, "coupons/rule_list.html", context, part="board")


def rule_table(request: HttpRequest, mall: Mall, rows, names: Names) -> Table:
    columns = [
        *_head_columns(mall, names),
        Column("awarded", _("Awards"), align="end", format=count, sortable=True, sub=_of_quantity),
        Column("claimed_fen", _("Money claimed"), align="end", sortable=True, hide_on_phone=True,
               title=_("What the awarded coupons cost at most"), format=lambda fen: money(fen, mall.currency)),
    ]  # fmt: skip
    return Table(columns, rows, request.GET, label=_("Rules"), target="board")


def awarding_table(request: HttpRequest, mall: Mall, rows, names: Names, *, links: bool = True) -> Table:
    """Rules that award a stock."""
    empty = Empty(_("No rule awards it"), icon="rules")
    columns = _head_columns(mall, names, links=links)
    return Table(columns, rows, {}, label=_("Rules"), page_size=None, empty=empty)


def _head_columns(mall: Mall, names: Names, *, links: bool = True) -> list[Column]:
    def said(rule: Rule) -> str:
        return sentence_of(rule.version.terms if rule.version else rule.draft, names)

    return [
        Column("name", _("Rule"), sub=said, url=(lambda rule: rule_url("rule_detail", mall, rule)) if links else None),
        Column("state", _("State"), kind="state", value=rule_state, export=False),
    ]


def _of_quantity(rule: Rule) -> str:
    """How many awards there are in all, if that is limited."""
    quantity = rule.version and rule.version.terms["limits"]["quantity"]
    return _("of %(quantity)s") % {"quantity": count(quantity)} if quantity else ""


def read_terms(stored: dict) -> RuleTerms | None:
    """Stored terms, or None for a draft that is not complete."""
    try:
        return RuleTerms.from_json(stored)
    except BadTerms:
        return None


def sentence_of(stored: dict, names: Names) -> str:
    terms = read_terms(stored)
    return rule_sentence(terms, names) if terms else _("The draft is not complete.")


@login_required
@require_GET
def rule_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    names = names_of(opened)
    terms = read_terms(rule.version.terms if rule.version else rule.draft)
    context = {
        "title": rule.name,
        "mall": opened,
        "rule": rule,
        "state": rule_state(rule),
        "sentence": sentence_of(rule.version.terms if rule.version else rule.draft, names),
        "unpublished": sentence_of(rule.draft, names) if is_ahead(rule) else "",
        "examples": terms and refund_examples(terms, names),
        "uses": terms and limit_uses(opened, rule, terms),
        "versions": [(version, sentence_of(version.terms, names)) for version in queries.versions_of(rule)],
        "trail": [(entry, audit_sentence(entry.action, entry.changes)) for entry in queries.audit_rows(rule)],
        "edits": Action.EDIT_RULES in request.rights,
        "steps": {step for step, states in services.STEPS.items() if rule.state in states},
    }
    return render(request, "coupons/rule_detail.html", context)


def is_ahead(rule: Rule) -> bool:
    """Whether the draft differs from what runs."""
    return rule.version is not None and rule.draft != rule.version.terms


def limit_uses(mall: Mall, rule: Rule, terms: RuleTerms) -> list[tuple[str, limits.Use]]:
    """The limits of all shoppers with what is used of them, those of a day for today."""
    today = dates.today(mall.time_zone, timezone.now())
    names = limit_names()
    return [(names[use.name], use) for use in limits.rule_uses(rule, terms.limits, day=today)]


def open_rule(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, Rule]:
    opened = open_mall(request, mall, action)
    return opened, get_object_or_404(opened.rules.select_related("version", "created_by"), pk=pk)


def rule_url(name: str, mall: Mall, rule: Rule) -> str:
    return reverse(f"coupons:{name}", kwargs={"mall": mall.slug, "pk": rule.pk})
