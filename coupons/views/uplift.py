"""What a rule, or all rules of a mall together, brought against the control group."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons.models import Rule, UpliftReport
from coupons.uplift import drawing, sentences, services
from coupons.uplift.queries import measured_rules
from mallops.lib.format import count, percent
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .rules import open_rule, rule_url
from .states import at


@login_required
@require_GET
def rule_uplift(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    report = UpliftReport.objects.filter(mall=opened, rule=rule).first()
    context = {
        "title": rule.name,
        "rule": rule,
        "renew_url": rule_url("rule_uplift_renew", opened, rule),
        **study(request, opened, rule, report),
    }
    return render_part(request, "coupons/uplift.html", context, part="board")


@login_required
@require_GET
def mall_uplift(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    report = UpliftReport.objects.filter(mall=opened, rule=None).first()
    context = {
        "title": _("What coupons brought"),
        "renew_url": reverse("coupons:mall_uplift_renew", args=[opened.slug]),
        "rules": rules_table(request, opened),
        "manages": Action.MANAGE in request.rights,
        **study(request, opened, None, report),
    }
    return render_part(request, "coupons/uplift.html", context, part="board")


def study(request: HttpRequest, mall: Mall, rule: Rule | None, report: UpliftReport | None) -> dict[str, Any]:
    """What the page shows of a report, if there is one; whether another is being made."""
    shown: dict[str, Any] = {
        "mall": mall,
        "edits": Action.EDIT_RULES in request.rights,
        "pending": services.is_asked(mall=mall, rule=rule),
        "report": report,
    }
    found = report.result if report else None
    if rule is None and not mall.holdout_bp:
        found = {"state": "no_control", "share_bp": 0}
    if found is None:
        return shown
    return shown | {
        "found": found,
        "verdict": sentences.verdict(found, of_mall=rule is None),
        "tone": sentences.short(found)[1],
        "detectable": sentences.detectable(found),
        "remarks": sentences.remarks(found),
        "share": sentences.share_apart(found),
        "table": outcomes_table(mall, found),
    }


def outcomes_table(mall: Mall, report: dict[str, Any]) -> Table:
    """A row for each outcome, the first being what the rule is judged by."""
    rows = report.get("outcomes", [])
    drawn = {row["key"]: place for row, place in zip(rows, drawing.draw(rows), strict=True)}
    symbol = mall.currency

    def mean(group: str):
        return lambda row: sentences.mean(row, group, symbol)

    def span(row: dict[str, Any]) -> str:
        return sentences.span(row, symbol)

    columns = [
        Column("key", _("Outcome"), format=lambda key: sentences.line(key).label,
               sub=lambda row: sentences.line(row["key"]).definition),
        Column("treated", _("Awarded"), align="end", value=mean("treated"), hide_on_phone=True),
        Column("held", _("Kept apart"), align="end", value=mean("held"), hide_on_phone=True),
        Column("difference", _("Difference, interval (95 %)"), align="end", sub=span,
               value=lambda row: sentences.difference(row, row["difference"], symbol),
               title=_("An interval made this way covers the true difference 95 times in 100.")),
        Column("drawn", _("Interval drawn"), kind="html", hide_on_phone=True,
               value=lambda row: drawing.picture(drawn[row["key"]], span(row)),
               title=_("The upright line is no effect.")),
        Column("reduced", _("Spread explained"), align="end", hide_on_phone=True,
               value=lambda row: percent(row["reduced"]) if row["unit"] == "fen" else "",
               title=_("Share of the variance taken out by what the same shoppers spent before (CUPED).")),
    ]  # fmt: skip
    empty = Empty(_("No figures"), icon="chart")
    return Table(columns, rows, label=_("Outcomes"), page_size=None, empty=empty)


def rules_table(request: HttpRequest, mall: Mall) -> Table:
    """The rules that ran, with the verdict on each."""

    def uplift_url(rule: Rule) -> str:
        return rule_url("rule_uplift", mall, rule)

    columns = [
        Column("name", _("Rule"), url=uplift_url),
        Column("verdict", _("Verdict"), kind="state", value=lambda rule: sentences.short(rule.uplift_report.result)),
        Column("difference", _("Visits at award stores"), align="end",
               value=lambda rule: first_span(rule.uplift_report.result, mall.currency)),
        Column("treated", _("Awarded"), align="end", format=count, hide_on_phone=True,
               value=lambda rule: rule.uplift_report.result["treated"]),
        Column("held", _("Kept apart"), align="end", format=count, hide_on_phone=True,
               value=lambda rule: rule.uplift_report.result["held"]),
        Column("made_at", _("As of"), format=at(mall), value=lambda rule: rule.uplift_report.made_at,
               hide_on_phone=True),
    ]  # fmt: skip
    empty = Empty(_("No report yet"), _("Reports of rules that ran are made each night."), icon="chart")
    return Table(columns, measured_rules(mall), request.GET, label=_("Rules"), empty=empty)


def first_span(report: dict[str, Any], symbol: str) -> str:
    """The interval of the outcome a rule is judged by, if there is one."""
    return sentences.span(report["outcomes"][0], symbol) if report["outcomes"] else ""


@login_required
@require_POST
def rule_uplift_renew(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    tell(request, services.ask(mall=opened, rule=rule))
    return redirect(rule_url("rule_uplift", opened, rule))


@login_required
@require_POST
def mall_uplift_renew(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    tell(request, services.ask(mall=opened))
    return redirect("coupons:mall_uplift", mall)


def tell(request: HttpRequest, asked: bool) -> None:
    """What pressing the button did."""
    if asked:
        messages.success(request, _("The report is being made. This page shows it when it is done."))
    else:
        messages.info(request, _("The report is being made already."))
