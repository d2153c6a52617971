"""Agreements as the mall sees and makes them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib.htmx import render_part
from mallops.lib.spans import UPCOMING
from mallops.lib.ui.tables import Empty, Table
from merchants.choices import Action, AgreementState
from merchants.forms.agreements import AgreementForm, HandOverForm, MallAgreementFilter, PaperForm
from merchants.models import Agreement, ServiceProvider
from merchants.queries import agreements as queries
from merchants.services import agreements as services

from .agreement_parts import about, agreement_table
from .agreement_steps import ending, take_back
from .base import open_mall, open_provider_of, provider_url

ANSWERS = {"confirm": services.confirm, "decline": services.decline}


@login_required
@require_GET
def agreement_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    form = MallAgreementFilter(request.GET, mall=opened)
    rows = queries.chosen(queries.mall_agreements(opened), opened.today(), **form.values())
    empty = Empty(_("No such agreement"), _("New ones are proposed on the page of a service provider."))
    table = agreement_table(request, opened, rows, agreement_url, provider=True, empty=empty, target="board")
    context = {"title": _("Agreements"), "form": form, "table": table}
    return render_part(request, "merchants/agreement_list.html", context, part="board")


@login_required
@require_GET
def agreement_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    return detail(request, open_agreement(request, mall, pk, Action.VIEW), PaperForm())


@login_required
@require_http_methods(["GET", "POST"])
def agreement_add(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    data = request.POST if request.method == "POST" else None
    form = AgreementForm(data, provider=provider, stores=opened.stores.all())
    made = {"provider": provider, "now": timezone.now(), "by": request.user}
    if data and form.is_valid() and form.try_to(services.propose_for, **form.cleaned_data, **made):
        messages.success(request, _("Proposed. The owners of the merchants are asked by mail."))
        return redirect(provider_url(provider))
    context = {"title": _("New agreement"), "provider": provider, "form": form, "back": provider_url(provider)}
    return render(request, "merchants/agreement_add.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def agreement_hand_over(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    old = open_agreement(request, mall, pk, Action.MANAGE)
    data = request.POST if request.method == "POST" else None
    form = HandOverForm(data, agreement=old)
    terms = {"store": old.store, "capability": old.capability, "replaces": old}
    made = {"now": timezone.now(), "by": request.user}
    if data and form.is_valid() and form.try_to(services.propose, **form.cleaned_data, **terms, **made):
        messages.success(request, _("Proposed. The store changes hands when the merchant has agreed."))
        return redirect(agreement_url(old))
    context = about(old) | {"title": _("Hand over"), "form": form, "back": agreement_url(old)}
    return render(request, "merchants/agreement_hand_over.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def agreement_end(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    agreement = open_agreement(request, mall, pk, Action.MANAGE)
    return ending(request, agreement, "mall", agreement_url(agreement))


@login_required
@require_POST
def agreement_answer(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """The mall notes what the merchant answered outside the system."""
    agreement, form = open_agreement(request, mall, pk, Action.MANAGE), PaperForm(request.POST)
    if form.is_valid():
        values = {"reason": form.cleaned_data["reason"], "on_paper": True, "by": request.user}
        answer = ANSWERS[form.cleaned_data["answer"]]
        if form.try_to(answer, agreement=agreement, now=timezone.now(), **values):
            messages.success(request, _("Noted."))
            return redirect(agreement_url(agreement))
    return detail(request, agreement, form)


@login_required
@require_POST
def agreement_withdraw(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    agreement = open_agreement(request, mall, pk, Action.MANAGE)
    return take_back(request, agreement, agreement_url(agreement))


def detail(request: HttpRequest, agreement: Agreement, form: PaperForm) -> HttpResponse:
    """The page of an agreement, with what may be done about it."""
    day, manages = agreement.mall.today(), Action.MANAGE in request.rights
    state = queries.state_of(agreement, day)
    context = about(agreement) | {
        "successors": agreement.replaced_by.select_related("provider", "mall").order_by("pk"),
        "provider_url": provider_url(agreement.provider),
        "form": form if manages and agreement.state == AgreementState.PROPOSED else None,
        "manages": manages,
        "may_withdraw": manages and state in (AgreementState.PROPOSED, UPCOMING),
    }
    return render(request, "merchants/agreement_detail.html", context, status=422 if form.errors else 200)


def provider_table(request: HttpRequest, provider: ServiceProvider) -> Table:
    """All agreements of one provider, for its page at the mall."""
    rows = queries.agreement_rows(provider).select_related("mall")
    return agreement_table(request, provider.mall, rows, agreement_url)


def open_agreement(request: HttpRequest, mall: str, pk: int, action: str) -> Agreement:
    opened = open_mall(request, mall, action)
    related = ("mall", "provider__mall", "store__merchant", "replaces__provider", "answered_by", "proposed_by")
    return get_object_or_404(opened.agreements.select_related(*related), pk=pk)


def agreement_url(agreement: Agreement) -> str:
    return reverse("merchants:agreement_detail", kwargs={"mall": agreement.mall.slug, "pk": agreement.pk})
