"""What a provider proposes to bring into the mall, and what became of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.forms.onboarding import Offered, OnboardingForm, StateFilter
from merchants.models import Onboarding, ServiceProvider
from merchants.queries import onboarding as queries
from merchants.services import onboarding as services
from merchants.services.refusal import Refused

from .base import open_provider

TONES = {
    Onboarding.State.PROPOSED: "warn",
    Onboarding.State.APPROVED: "good",
    Onboarding.State.DECLINED: "bad",
    Onboarding.State.WITHDRAWN: "off",
}


def onboarding_state(row: Onboarding) -> tuple[str, str]:
    return row.get_state_display(), TONES[row.state]


@login_required
@require_GET
def provider_onboarding(request: HttpRequest, pk: int) -> HttpResponse:
    provider, form = open_provider(request, pk, Action.VIEW), StateFilter(request.GET)
    table = own_table(request, provider, queries.provider_onboardings(provider, **form.values()))
    may_propose = Action.MANAGE in request.rights
    context = {
        "title": _("Stores to bring in"), "provider": provider, "form": form, "table": table,
        "may_propose": may_propose,
    }  # fmt: skip
    return render_part(request, "merchants/onboarding_provider.html", context, part="board")


def own_table(request: HttpRequest, provider: ServiceProvider, rows: QuerySet[Onboarding]) -> Table:
    def url(row: Onboarding) -> str:
        return reverse("merchants:provider_onboarding_detail", args=[provider.pk, row.pk])

    columns = [
        Column("store", _("Store"), value=str, url=url, sub=lambda row: row.store_code),
        Column("merchant_name", _("Merchant"), sub=lambda row: row.registration_number,
               hide_on_phone=True),
        Column("category.name", _("Category"), hide_on_phone=True),
        Column("from_day", _("First day"), sortable=True, format=str),
        Column("state", _("State"), kind="state", value=onboarding_state, sub=lambda row: row.reason),
    ]  # fmt: skip
    empty = Empty(_("Nothing proposed yet"), _("Propose a store, or many by a file; the mall decides."))
    return Table(columns, rows, request.GET, label=_("Proposed stores"), empty=empty, target="board")


@login_required
@require_GET
def provider_onboarding_detail(request: HttpRequest, pk: int, onboarding: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    related = ("mall", "category", "floor", "store")
    shown = get_object_or_404(provider.onboardings.select_related(*related), pk=onboarding)
    is_open = shown.state == Onboarding.State.PROPOSED
    context = {
        "title": str(shown), "provider": provider, "mall": shown.mall, "onboarding": shown,
        "state": onboarding_state(shown), "may_withdraw": is_open and Action.MANAGE in request.rights,
    }  # fmt: skip
    return render(request, "merchants/onboarding_provider_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def onboarding_add(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.MANAGE)
    data = request.POST if request.method == "POST" else None
    form = OnboardingForm(data, offered=Offered(provider))
    back = reverse("merchants:provider_onboarding", args=[provider.pk])
    values = {"provider": provider, "now": timezone.now(), "by": request.user}
    if data and form.is_valid() and form.try_to(services.propose, **values):
        messages.success(request, _("Proposed. The mall has been told."))
        return redirect(back)
    context = {"title": _("Propose a store"), "provider": provider, "form": form, "back": back}
    return render(request, "merchants/onboarding_add.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def onboarding_withdraw(request: HttpRequest, pk: int, onboarding: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.MANAGE)
    row = get_object_or_404(provider.onboardings.select_related("provider"), pk=onboarding)
    try:
        services.withdraw(onboarding=row, now=timezone.now(), by=request.user)
        messages.success(request, _("Taken back."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("merchants:provider_onboarding", provider.pk)
