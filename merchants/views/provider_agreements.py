"""A provider's own agreements, and what it proposes for the stores it serves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib.htmx import render_part
from merchants import access
from merchants.choices import Action, AgreementState
from merchants.forms.agreements import AgreementFilter, AgreementForm
from merchants.models import Agreement, ServiceProvider, Store
from merchants.queries import agreements as queries
from merchants.services import agreements as services

from .agreement_parts import about, agreement_table
from .agreement_steps import ending, take_back
from .base import open_provider


@login_required
@require_GET
def provider_agreements(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    form = AgreementFilter(request.GET)
    rows = queries.chosen(queries.agreement_rows(provider), provider.mall.today(), **form.values())
    context = {
        "title": _("Agreements"),
        "provider": provider,
        "form": form,
        "table": agreement_table(request, provider.mall, rows, agreement_url, target="board"),
        "may_propose": Action.MANAGE in request.rights and access.is_active(provider),
    }
    return render_part(request, "merchants/agreement_provider_list.html", context, part="board")


@login_required
@require_GET
def provider_agreement(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    shown = agreement_of(provider, agreement)
    context = about(shown) | {
        "provider": provider,
        "may_withdraw": Action.MANAGE in request.rights and is_own(shown),
        "answers": Action.CONSENT in request.rights,
    }
    return render(request, "merchants/agreement_provider.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def agreement_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Another capability, or more time, for a store that is served today."""
    provider = open_provider(request, pk, Action.MANAGE)
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(data, provider=provider, stores=Store.objects.filter(access.stores_served(provider)))
    made = {"provider": provider, "by_provider": True, "now": timezone.now(), "by": request.user}
    if data and form.is_valid() and form.try_to(services.propose_for, **form.cleaned_data, **made):
        messages.success(request, _("Proposed. The owners of the merchants are asked by mail."))
        return redirect("merchants:provider_agreements", provider.pk)
    back = reverse("merchants:provider_agreements", args=[provider.pk])
    context = {"title": _("New agreement"), "provider": provider, "form": form, "back": back}
    return render(request, "merchants/agreement_add.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def agreement_withdraw(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    """Only of what the provider proposed itself."""
    provider = open_provider(request, pk, Action.MANAGE)
    own = get_object_or_404(provider.agreements.filter(by_provider=True), pk=agreement)
    return take_back(request, own, agreement_url(own))


@login_required
@require_http_methods(["GET", "POST"])
def agreement_end(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.CONSENT)
    shown = agreement_of(provider, agreement)
    return ending(request, shown, "provider", agreement_url(shown))


def is_own(agreement: Agreement) -> bool:
    return agreement.by_provider and agreement.state == AgreementState.PROPOSED


def agreement_of(provider: ServiceProvider, pk: int) -> Agreement:
    rows = queries.agreement_rows(provider).select_related("mall", "provider", "store__merchant", "replaces__provider")
    return get_object_or_404(rows, pk=pk)


def agreement_url(agreement: Agreement) -> str:
    return reverse("merchants:provider_agreement", args=[agreement.provider_id, agreement.pk])
