"""Plans as they are offered to a provider, and its answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import ServiceProvider
from merchants.views.base import open_provider
from settlements.forms.plans import AnswerForm
from settlements.models import PlanOffer
from settlements.plans import PlanTerms
from settlements.queries import plans as queries
from settlements.services import plans as services
from settlements.words import plan_lines

from .plan_parts import days_of, offer_state, said


@login_required
@require_GET
def plan_offers(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    day = provider.mall.today()
    columns = [
        Column("version.plan.name", _("Plan"), url=offer_url, sub=lambda row: said(row.version.terms, provider.mall)),
        Column("days", pgettext("period", "Days"), kind="moment", value=days_of),
        Column("state", _("State"), kind="state", value=lambda row: offer_state(row, day)),
    ]
    empty = Empty(_("No plan offered yet"), _("The mall offers plans; you earn by those you accept."))
    table = Table(columns, queries.offers_to(provider), request.GET, label=_("Rebate plans"), empty=empty)
    return render(request, "settlements/plan_offers.html", {"title": _("Rebate plans"), "table": table})


@login_required
@require_GET
def plan_offer(request: HttpRequest, pk: int, offer: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    return show(request, provider, offer_of(provider, offer), AnswerForm())


@login_required
@require_POST
def plan_offer_answer(request: HttpRequest, pk: int, offer: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.CONSENT)
    made, form = offer_of(provider, offer), AnswerForm(request.POST)
    if form.is_valid():
        answer = {"accept": services.accept, "decline": services.decline}[form.cleaned_data["answer"]]
        values = {"reason": form.cleaned_data["reason"], "now": timezone.now(), "by": request.user}
        if form.try_to(answer, offer=made, **values):
            messages.success(request, _("The mall has your answer."))
            return redirect(offer_url(made))
    return show(request, provider, made, form)


def show(request: HttpRequest, provider: ServiceProvider, offer: PlanOffer, form: AnswerForm) -> HttpResponse:
    context = {
        "title": offer.version.plan.name,
        "provider": provider,
        "mall": provider.mall,
        "offer": offer,
        "days": days_of(offer),
        "state": offer_state(offer, provider.mall.today()),
        "lines": plan_lines(PlanTerms.from_json(offer.version.terms), provider.mall.currency),
        "form": form if Action.CONSENT in request.rights and offer.state == PlanOffer.State.OFFERED else None,
    }
    return render(request, "settlements/plan_offer.html", context, status=422 if form.errors else 200)


def offer_of(provider: ServiceProvider, pk: int) -> PlanOffer:
    return get_object_or_404(queries.offers_to(provider), pk=pk)


def offer_url(offer: PlanOffer) -> str:
    return reverse("settlements:plan_offer", args=[offer.provider_id, offer.pk])
