"""A merchant reads who is to serve its stores, and answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib.ui.tables import Empty
from merchants.choices import Action
from merchants.forms.agreements import AnswerForm
from merchants.models import Agreement, Merchant
from merchants.queries import agreements as queries

from .agreement_parts import about, agreement_table
from .agreement_steps import ending
from .agreements import ANSWERS
from .base import open_merchant


@login_required
@require_GET
def merchant_agreements(request: HttpRequest, pk: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.VIEW)

    def url(agreement: Agreement) -> str:
        return reverse("merchants:merchant_agreement", args=[merchant.pk, agreement.pk])

    empty = Empty(_("No agreement yet"), _("The mall asks you before a service provider serves one of your stores."))
    rows = queries.merchant_agreements(merchant)
    table = agreement_table(request, merchant.mall, rows, url, provider=True, empty=empty)
    context = {"title": _("Agreements with service providers"), "merchant": merchant, "table": table}
    return render(request, "merchants/agreement_merchant_list.html", context)


@login_required
@require_GET
def merchant_agreement(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.VIEW)
    return show(request, merchant, agreement_of(merchant, agreement), AnswerForm())


@login_required
@require_POST
def agreement_answer(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.CONSENT)
    asked, form = agreement_of(merchant, agreement), AnswerForm(request.POST)
    if form.is_valid():
        values = {"reason": form.cleaned_data["reason"], "now": timezone.now(), "by": request.user}
        if form.try_to(ANSWERS[form.cleaned_data["answer"]], agreement=asked, **values):
            messages.success(request, _("Your answer is kept; the mall and the service provider know it."))
            return redirect("merchants:merchant_agreement", merchant.pk, asked.pk)
    return show(request, merchant, asked, form)


@login_required
@require_http_methods(["GET", "POST"])
def agreement_end(request: HttpRequest, pk: int, agreement: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.CONSENT)
    shown = agreement_of(merchant, agreement)
    return ending(request, shown, "merchant", reverse("merchants:merchant_agreement", args=[merchant.pk, shown.pk]))


def show(request: HttpRequest, merchant: Merchant, agreement: Agreement, form: AnswerForm) -> HttpResponse:
    may_answer = Action.CONSENT in request.rights
    context = about(agreement) | {"merchant": merchant, "form": form, "may_answer": may_answer}
    return render(request, "merchants/agreement_merchant.html", context, status=422 if form.errors else 200)


def agreement_of(merchant: Merchant, pk: int) -> Agreement:
    related = ("mall", "provider", "store__merchant", "replaces__provider", "answered_by", "proposed_by")
    return get_object_or_404(queries.merchant_agreements(merchant).select_related(*related), pk=pk)
