"""The operator's pages of a rule's hand-outs: how many would get coupons, start, progress, stop."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons import handing
from coupons.claiming import ClaimError
from coupons.models import HandOut, Rule
from coupons.models.work import OPEN
from coupons.views.rules import open_rule
from coupons.views.states import work_state
from mallops.lib.format import count, moment
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.queries import directory as directories

from . import running


def explanation(code: str) -> str:
    """Why a hand-out ended early or cannot begin, from the code kept with it."""
    return {
        "used_up": _("The coupons are used up: nobody else could have got one."),
        "not_live": _("The rule is not live."),
        "other_trigger": _("This rule is not started by a hand-out."),
        "no_store": _("No open store takes the coupons."),
    }.get(code, code)


@login_required
@require_GET
def hand_out_list(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    context = {
        "title": _("Hand-outs"),
        "mall": opened,
        "rule": rule,
        "table": run_table(request, opened, rule),
        "may_start": Action.LAUNCH_RULES in request.rights,
    }
    return render_part(request, "claim/hand_outs.html", context, part="board")


def run_table(request: HttpRequest, mall: Mall, rule: Rule) -> Table:
    def detail(run: HandOut) -> str:
        return reverse("claim:hand_out", args=[mall.slug, rule.pk, run.pk])

    columns = [
        Column("started_at", _("Started"), kind="moment", format=lambda at: moment(at, mall.time_zone), url=detail),
        Column("state", _("State"), kind="state", value=work_state, export=False),
        Column("seen", _("Shoppers looked at"), align="end", format=count, hide_on_phone=True),
        Column("awarded", _("Awarded"), align="end", format=count),
        Column("held_out", _("Held out"), align="end", format=count, hide_on_phone=True),
        Column("started_by", _("By"), hide_on_phone=True),
    ]
    rows = rule.hand_outs.select_related("started_by").order_by("-started_at")
    empty = Empty(_("Nothing was handed out yet"), icon="gift")
    return Table(columns, rows, request.GET, label=_("Hand-outs"), target="board", empty=empty)


@login_required
@require_POST
def hand_out_start(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.LAUNCH_RULES)
    try:
        run = running.start(rule=rule, now=timezone.now(), by=request.user)
    except ClaimError as error:
        messages.error(request, explanation(error.code))
        return redirect("claim:hand_outs", opened.slug, rule.pk)
    return redirect("claim:hand_out", opened.slug, rule.pk, run.pk)


@login_required
@require_GET
def hand_out_preview(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """How many shoppers would get coupons today, for the panel above the button."""
    opened, rule = open_rule(request, mall, pk, Action.LAUNCH_RULES)
    context = {"mall": opened, "rule": rule}
    try:
        context["ahead"] = handing.preview(directories.current(opened.pk), rule.pk, now=timezone.now())
    except ClaimError as error:
        context["problem"] = explanation(error.code)
    return render(request, "claim/_hand_out_preview.html", context)


@login_required
@require_GET
def hand_out_detail(request: HttpRequest, mall: str, pk: int, run: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    found = get_object_or_404(rule.hand_outs.select_related("started_by"), pk=run)
    state, tone = work_state(found)
    is_open = found.state in OPEN
    context = {
        "title": _("Hand-out"), "mall": opened, "rule": rule, "run": found, "state": state, "tone": tone,
        "is_open": is_open, "total": handing.shopper_count(opened.pk) if is_open else 0,
        "explained": found.message and explanation(found.message), "edits": Action.EDIT_RULES in request.rights,
    }  # fmt: skip
    return render_part(request, "claim/hand_out.html", context, part="board")


@login_required
@require_POST
def hand_out_cancel(request: HttpRequest, mall: str, pk: int, run: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    if running.cancel(run=get_object_or_404(rule.hand_outs, pk=run), now=timezone.now()):
        messages.success(request, _("The hand-out is being stopped. Coupons given stay."))
    else:
        messages.info(request, _("The hand-out had ended already."))
    return redirect("claim:hand_out", opened.slug, rule.pk, run)
