"""Trying rules on past payments: the list, a new backtest, one with its progress and result, two side by side."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons.backtest import queries, services
from coupons.forms.backtests import BacktestForm, CompareForm, title_of
from coupons.models import Backtest
from coupons.models.work import WorkState
from coupons.queries.names import names_of
from coupons.sentences import Names
from coupons.sentences.backtests import backtest_sentence, failure_sentence, notes
from mallops.lib.format import count, date_range
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from . import backtest_parts as parts
from .rules import sentence_of
from .states import at, work_state


@login_required
@require_GET
def backtest_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    edits = Action.EDIT_RULES in request.rights
    new = reverse("coupons:backtest_new", args=[mall]) if edits else ""
    columns = [
        Column("rule", _("Rule"), value=called, sub=lambda each: each.label,
               url=lambda each: reverse("coupons:backtest_detail", args=[mall, each.pk])),
        Column("days", _("Days"), value=lambda each: date_range(each.first_day, each.last_day), hide_on_phone=True),
        Column("state", _("State"), kind="state", value=state_of),
        Column("awards", _("Awards"), align="end", format=count, value=lambda each: (each.result or {}).get("awards")),
        Column("asked_at", _("Asked at"), kind="moment", format=at(opened), sortable=True),
        Column("asked_by", _("By"), hide_on_phone=True),
    ]  # fmt: skip
    empty = Empty(
        _("No backtest yet"), _("Try a rule on past payments before it runs."), new, _("New backtest"), icon="flask"
    )
    table = Table(
        columns, queries.backtests_of(opened, request.user), request.GET, label=_("Backtests"),
        default_sort="-asked_at", target="board", empty=empty,
    )  # fmt: skip
    context = {"title": _("Backtests"), "mall": opened, "table": table, "edits": edits}
    return render_part(request, "coupons/backtest_list.html", context, part="board")


def called(backtest: Backtest) -> str:
    return backtest.rule.name if backtest.rule else backtest.label or _("New rule")


def state_of(backtest: Backtest) -> tuple[str, str]:
    if backtest.result and not backtest.result["tried"]:
        return _("Cannot be tried"), "warn"
    return work_state(backtest)


@login_required
@require_http_methods(["GET", "POST"])
def backtest_new(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    span = services.usual_span(opened) or (None, None)
    wanted = {"rule": request.GET.get("rule"), "which": request.GET.get("which") or "draft"}
    initial = wanted | {"first_day": span[0], "last_day": span[1]}
    form = BacktestForm(request.POST if request.method == "POST" else None, mall=opened, initial=initial)
    if request.method == "POST" and form.is_valid() and (started := form.start(request.user)):
        return redirect("coupons:backtest_detail", mall, started.pk)
    context = {"title": _("New backtest"), "mall": opened, "form": form, "is_empty": span[0] is None}
    return render(request, "coupons/backtest_new.html", context, status=422 if form.errors else 200)


def open_backtest(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, Backtest]:
    opened = open_mall(request, mall, action)
    return opened, get_object_or_404(queries.backtests_of(opened, request.user), pk=pk)


@login_required
@require_GET
def backtest_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, backtest = open_backtest(request, mall, pk, Action.VIEW)
    names = names_of(opened)
    state, tone = state_of(backtest)
    context = {
        "title": called(backtest), "mall": opened, "backtest": backtest, "state": state, "tone": tone,
        "days": date_range(backtest.first_day, backtest.last_day), "progress": queries.progress(backtest),
        "rule_says": sentence_of(backtest.terms, names), "edits": Action.EDIT_RULES in request.rights,
        "failure": failure_sentence(backtest.message) if backtest.state == WorkState.FAILED else "",
        **(found(backtest, names) if backtest.result else {}),
    }  # fmt: skip
    return render_part(request, "coupons/backtest_detail.html", context, part="board")


def found(backtest: Backtest, names: Names) -> dict:
    """What the page shows of a result."""
    result = backtest.result
    said = {"sentence": backtest_sentence(result, names)}
    if not result["tried"]:
        return said
    return said | {
        "notes": notes(result, hand_out=backtest.terms.get("trigger") == "hand_out", was_live=was_live(backtest)),
        "tiles": parts.tiles(result, names),
        "charts": parts.charts(result, names),
        "limits": parts.limit_table(result, names),
        "refusals": parts.refusal_table(result),
        "parties": parts.party_table(result, names),
    }


def was_live(backtest: Backtest) -> bool:
    """Whether a version of the rule was launched before the last day tried."""
    versions = backtest.rule.versions.filter(launched_at__isnull=False) if backtest.rule else []
    return any(version.launched_at.date() <= backtest.last_day for version in versions)


@login_required
@require_POST
def backtest_cancel(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    _opened, backtest = open_backtest(request, mall, pk, Action.EDIT_RULES)
    if services.cancel(backtest=backtest):
        messages.success(request, _("The backtest is being stopped."))
    else:
        messages.info(request, _("The backtest had ended already."))
    return redirect("coupons:backtest_detail", mall, pk)


@login_required
@require_GET
def backtest_compare(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    form = CompareForm(request.GET, mall=opened, user=request.user)
    chosen = form.values()
    context = {"title": _("Compare backtests"), "mall": opened, "form": form}
    if len(chosen) == 2:
        context |= side_by_side(opened, chosen["a"], chosen["b"])
    return render_part(request, "coupons/backtest_compare.html", context, part="board")


def side_by_side(mall: Mall, a: Backtest, b: Backtest) -> dict:
    names = names_of(mall)
    sides = [(title_of(each), sentence_of(each.terms, names), backtest_sentence(each.result, names)) for each in (a, b)]
    return {
        "sides": sides,
        "table": parts.comparison(a, b, names),
        "chart": parts.day_chart({title: each.result for (title, *_), each in zip(sides, (a, b), strict=True)}),
    }
