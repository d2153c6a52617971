"""Pairs of places between which shoppers move, and the rules they suggest."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons.affinity import queries, sentences, services
from coupons.affinity.drafts import read_key
from coupons.affinity.queries import Suggestion
from coupons.affinity.report import LEAST
from coupons.forms.suggestions import SuggestionFilter
from coupons.models import Backtest, SuggestionReport
from mallops.lib.format import count, date_range, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .rules import rule_url


@login_required
@require_GET
def suggestion_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    report = SuggestionReport.objects.filter(mall=opened).select_related("mall").first()
    form = SuggestionFilter(request.GET, mall=opened)
    context = {
        "title": _("Suggestions"),
        "mall": opened,
        "edits": Action.EDIT_RULES in request.rights,
        "pending": services.is_asked(mall=opened),
        "form": form,
        "report": report,
        "least": LEAST,
    }
    if report:
        context["table"] = suggestion_table(request, report, form)
        context["span"] = date_range(report.first_day, report.last_day)
    return render_part(request, "coupons/suggestions.html", context, part="board")


def suggestion_table(request: HttpRequest, report: SuggestionReport, form: SuggestionFilter) -> Table:
    mall, days, chosen = report.mall, report.result["days"], form.values()
    columns = [
        Column("name", _("From and to"), value=pair_name, sub=lambda each: sentences.said(each, days)),
        Column("worth_fen", _("Worth a month, at least"), align="end", sortable=True,
               format=lambda fen: rounded(fen, mall.currency),
               title=_("(Lower end of the rate − usual rate of the target) × shoppers of the source in 30 days × "
                       "average purchase at the target")),
        Column("lift_low", _("Lift, at least"), align="end", sortable=True, format=sentences.lift, hide_on_phone=True,
               title=_("Lower end of the interval (95 %) of the rate, over the usual rate of the target")),
        Column("moved", _("Shoppers"), align="end", sortable=True, format=count, hide_on_phone=True),
        *_store_columns(chosen["kind"]),
        Column("rules", _("Covered by"), kind="html", format=lambda rules: rule_links(mall, rules), hide_on_phone=True),
    ]  # fmt: skip
    if Action.EDIT_RULES in request.rights:
        columns.append(Column("key", _("Try it"), kind="html", format=use_button))
    empty = Empty(
        _("No pair here"), _("Pairs show once enough shoppers move between two places more often than usual."),
        icon="transfer",
    )  # fmt: skip
    rows = queries.suggestions_of(report, **chosen)
    return Table(
        columns, rows, request.GET, label=_("Suggestions"), default_sort="-worth_fen", target="board", empty=empty,
        page_size=25,
    )  # fmt: skip


def _store_columns(kind: str) -> list[Column]:
    """What only pairs of stores have."""
    if kind != "stores":
        return []
    return [
        Column("floors", _("Distance"), sortable=True, format=sentences.distance, hide_on_phone=True,
               sub=lambda each: _("Same category") if each.is_same_category else ""),
    ]  # fmt: skip


def rounded(fen: int, symbol: str) -> str:
    """To whole yuan: the figure is an estimate."""
    return money(round(fen / 100) * 100, symbol).removesuffix(".00")


def pair_name(each: Suggestion) -> str:
    return f"{each.source.name} → {each.target.name}"


def rule_links(mall: Mall, rules: tuple) -> SafeString | str:
    links = [(rule_url("rule_detail", mall, rule), rule.name) for rule in rules]
    return format_html_join(_(", "), '<a href="{}">{}</a>', links) if links else _("No rule")


def use_button(key: str) -> SafeString:
    """Belongs to the form `use` beside the table."""
    button = '<button class="btn btn-sm btn-secondary" form="use" name="key" value="{}">{}</button>'
    return format_html(button, key, _("Make a rule"))


def backtest_link(mall: Mall, backtest: Backtest) -> SafeString:
    url = reverse("coupons:backtest_detail", args=[mall.slug, backtest.pk])
    said = _("What this rule would have done is being worked out from the ledger:")
    return format_html('{} <a href="{}">{}</a>', said, url, _("see the backtest"))


@login_required
@require_POST
def suggestion_renew(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    if services.ask(mall=opened):
        messages.success(request, _("The suggestions are being made. This page shows them when they are done."))
    else:
        messages.info(request, _("The suggestions are being made already."))
    return redirect("coupons:suggestions", mall)


@login_required
@require_POST
def suggestion_use(request: HttpRequest, mall: str) -> HttpResponse:
    """Open the builder filled in, with a backtest of the same terms on its way."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    key = request.POST.get("key", "")
    pair = read_key(opened, key)
    if pair is None:
        messages.error(request, _("There is no such suggestion any more."))
        return redirect("coupons:suggestions", mall)
    places = queries.places_of(opened, pair.kind)
    label = sentences.draft_name(places[pair.source].name, places[pair.target].name)
    query: dict[str, Any] = {"from": key}
    if tried := services.try_out(mall=opened, key=key, label=label, by=request.user):
        query["backtest"] = tried.pk
        messages.success(request, backtest_link(opened, tried))
    else:
        messages.info(request, _("No open stock is used there yet: choose another or make one, then try the rule."))
    return redirect(f"{reverse('coupons:rule_new', args=[mall])}?{urlencode(query)}")
