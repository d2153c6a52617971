"""Steps about an agreement that more than one of its parties may take."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.agreements import EndForm
from merchants.models import Agreement
from merchants.services import agreements as services
from merchants.services.refusal import Refused


def ending(request: HttpRequest, agreement: Agreement, side: str, then: str) -> HttpResponse:
    """Ask for the last day and the reason, for one side: "mall", "merchant" or "provider"."""
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, initial={"last_day": max(agreement.mall.today(), agreement.from_day)})
    if data and form.is_valid():
        terms = {"until_day": form.until_day, "reason": form.cleaned_data["reason"], "side": side}
        if form.try_to(services.end, agreement=agreement, now=timezone.now(), by=request.user, **terms):
            messages.success(request, _("The agreement has its last day; the others are told by mail."))
            return redirect(then)
    context = {"title": _("End agreement"), "agreement": agreement, "form": form, "back": then}
    return render(request, "merchants/agreement_end.html", context, status=422 if form.errors else 200)


def take_back(request: HttpRequest, agreement: Agreement, then: str) -> HttpResponse:
    try:
        services.withdraw(agreement=agreement, now=timezone.now(), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back."))
    return redirect(then)
