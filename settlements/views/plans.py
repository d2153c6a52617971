"""Plans of rebates as the mall writes, tries and offers them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from mallops.lib.spans import RUNNING, UPCOMING
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall
from settlements.forms.plans import EndForm, OfferForm, PlanForm, WithdrawForm
from settlements.models import PlanOffer, RebatePlan
from settlements.plans import PlanTerms
from settlements.queries import plans as queries
from settlements.services import plans as services
from settlements.words import plan_lines

from .plan_parts import days_of, offer_state, said


@login_required
@require_GET
def plan_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    columns = [
        Column("name", _("Plan"), url=plan_url, sub=lambda row: said(row.newest, opened)),
        Column("number", _("Version"), align="end", hide_on_phone=True),
        Column("waiting", _("Waiting for an answer"), align="end", sortable=True, hide_on_phone=True),
        Column("running", _("Running offers"), align="end", sortable=True, hide_on_phone=True),
    ]
    empty = Empty(_("No rebate plan yet"), _("A plan says what service providers earn; it is offered to each."))
    rows = queries.plan_rows(opened, opened.today()).select_related("mall")
    table = Table(columns, rows, request.GET, label=_("Rebate plans"), empty=empty)
    context = {"title": _("Rebate plans"), "mall": opened, "table": table, "settles": Action.SETTLE in request.rights}
    return render(request, "settlements/plan_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.SETTLE)
    form = PlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = services.create(mall=opened, **form.cleaned_data, now=timezone.now(), by=request.user)
        messages.success(request, _("Plan written. Try it on past months, then offer it."))
        return redirect(plan_url(made.plan))
    context = {"title": _("New rebate plan"), "form": form, "back": reverse("settlements:plan_list", args=[mall])}
    return render(request, "settlements/plan_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def plan_edit(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """Another version; what was offered before stays as it is."""
    plan = open_plan(request, mall, pk, Action.SETTLE)
    form = PlanForm(request.POST if request.method == "POST" else None, plan=plan)
    if request.method == "POST" and form.is_valid():
        values = {"plan": plan, "now": timezone.now(), "by": request.user}
        if form.try_to(services.reword, **form.cleaned_data, **values):
            messages.success(request, _("New version written. Offers made before keep theirs."))
            return redirect(plan_url(plan))
    context = {"title": _("New version"), "plan": plan, "form": form, "back": plan_url(plan)}
    return render(request, "settlements/plan_form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def plan_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    plan = open_plan(request, mall, pk, Action.VIEW)
    versions = list(queries.versions_of(plan))
    context = {
        "title": plan.name,
        "mall": plan.mall,
        "plan": plan,
        "newest": versions[0],
        "lines": plan_lines(PlanTerms.from_json(versions[0].terms), plan.mall.currency),
        "versions": [(version, said(version.terms, plan.mall)) for version in versions],
        "table": offer_table(request, plan, settles=Action.SETTLE in request.rights),
        "settles": Action.SETTLE in request.rights,
    }
    return render(request, "settlements/plan_detail.html", context)


def offer_table(request: HttpRequest, plan: RebatePlan, *, settles: bool) -> Table:
    day = plan.mall.today()

    def stop(offer: PlanOffer) -> str | None:
        open_states = (PlanOffer.State.OFFERED, UPCOMING, RUNNING)
        return offer_url(plan, offer) if settles and queries.state_on(offer, day) in open_states else None

    columns = [
        Column("provider.name", _("Service provider"), url=lambda row: rebates_url(plan.mall, row.provider_id)),
        Column("version.number", _("Version"), align="end", hide_on_phone=True),
        Column("days", pgettext("period", "Days"), value=days_of),
        Column("state", _("State"), kind="state", value=lambda row: offer_state(row, day),
               sub=lambda row: row.reason),
        Column("stop", _("Action"), url=stop, export=False,
               value=lambda row: (_("Withdraw") if row.state == "offered" else _("End")) if stop(row) else ""),
    ]  # fmt: skip
    empty = Empty(_("Not offered to anyone yet"), _("Nothing is earned by a plan before a provider accepts it."))
    return Table(columns, queries.offers_of(plan), request.GET, label=_("Offers"), empty=empty)


@login_required
@require_http_methods(["GET", "POST"])
def plan_offer_new(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    plan = open_plan(request, mall, pk, Action.SETTLE)
    form = OfferForm(request.POST if request.method == "POST" else None, mall=plan.mall)
    newest = plan.versions.first()
    if request.method == "POST" and form.is_valid():
        values = form.values() | {"version": newest, "now": timezone.now(), "by": request.user}
        if form.try_to(services.offer, **values):
            messages.success(request, _("Offered. The provider's managers have been asked by mail."))
            return redirect(plan_url(plan))
    context = {"title": _("Offer this plan"), "plan": plan, "form": form, "back": plan_url(plan), "said":
               said(newest.terms, plan.mall), "submit": _("Offer")}  # fmt: skip
    return render(request, "settlements/plan_step.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def plan_offer_stop(request: HttpRequest, mall: str, pk: int, offer: int) -> HttpResponse:
    """Withdraw an offer that waits, or let an accepted one end."""
    plan = open_plan(request, mall, pk, Action.SETTLE)
    made = get_object_or_404(queries.offers_of(plan), pk=offer)
    accepted = made.state == PlanOffer.State.ACCEPTED
    form = (EndForm if accepted else WithdrawForm)(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        days = {"until_day": form.until_day} if accepted else {}
        values = {"offer": made, "reason": form.cleaned_data["reason"], "now": timezone.now(), "by": request.user}
        if form.try_to(services.end if accepted else services.withdraw, **values, **days):
            messages.success(request, _("The plan has its last day.") if accepted else _("Offer withdrawn."))
            return redirect(plan_url(plan))
    title = _("Let the plan end") if accepted else _("Withdraw the offer")
    context = {"title": title, "plan": plan, "form": form, "back": plan_url(plan), "submit": title,
               "said": f"{made.provider.name} · {days_of(made)}"}  # fmt: skip
    return render(request, "settlements/plan_step.html", context, status=422 if form.errors else 200)


def open_plan(request: HttpRequest, mall: str, pk: int, action: str) -> RebatePlan:
    opened = open_mall(request, mall, action)
    return get_object_or_404(opened.rebate_plans.select_related("mall"), pk=pk)


def plan_url(plan: RebatePlan) -> str:
    return reverse("settlements:plan_detail", args=[plan.mall.slug, plan.pk])


def offer_url(plan: RebatePlan, offer: PlanOffer) -> str:
    return reverse("settlements:plan_offer_stop", args=[plan.mall.slug, plan.pk, offer.pk])


def rebates_url(mall: Mall, provider_id: int) -> str:
    return reverse("settlements:provider_rebates", args=[mall.slug, provider_id])
