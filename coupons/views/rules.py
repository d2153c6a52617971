"""Rules of a mall in lists."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.engine.terms import BadTerms, RuleTerms
from coupons.filters import RuleFilter
from coupons.models import Rule
from coupons.queries import rules as queries
from coupons.queries.names import names_of
from coupons.sentences import Names, rule_sentence
from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .opening import open_rule, rule_url
from .states import rule_state

__all__ = ["awarding_table", "open_rule", "read_terms", "rule_list", "rule_url", "sentence_of"]


@login_required
@require_GET
def rule_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    edits = Action.EDIT_RULES in request.rights
    form = RuleFilter(request.GET, mall=opened)
    today = opened.today()
    rows = queries.rule_rows(opened, today=today, **form.values())
    table = rule_table(request, opened, rows, names_of(opened))
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
    """Rules that award a stock; without `links` as a merchant reads them, who is not told what others pay."""
    empty = Empty(_("No rule awards it"), icon="rules")
    columns = _head_columns(mall, names, links=links)
    return Table(columns, rows, {}, label=_("Rules"), page_size=None, empty=empty)


def _head_columns(mall: Mall, names: Names, *, links: bool = True) -> list[Column]:
    today = mall.today()

    def said(rule: Rule) -> str:
        terms = rule.version.terms if rule.version else rule.draft
        return sentence_of(terms if links else terms | {"shares": []}, names)

    return [
        Column("name", _("Rule"), sub=said, url=(lambda rule: rule_url("rule_detail", mall, rule)) if links else None),
        Column("state", _("State"), kind="state", value=lambda rule: rule_state(rule, today), export=False),
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
