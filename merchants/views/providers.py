"""Service providers as the mall sees them, and their agreements as they see them."""

from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib import dates
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action, Standing
from merchants.forms.providers import AgreementForm, EndForm, StandingForm
from merchants.models import Agreement, Mall, ServiceProvider
from merchants.queries import providers as queries
from merchants.services import providers as services

from .base import open_mall, open_provider

TONES = {Standing.GOOD: "good", Standing.WARNED: "warn", Standing.SUSPENDED: "bad", Standing.TERMINATED: "off"}


def standing_state(provider: ServiceProvider) -> tuple[str, str]:
    return provider.get_standing_display(), TONES[provider.standing]


def state_on(agreement: Agreement, day: date) -> tuple[str, str]:
    """Text and tone of an agreement on a day of its mall."""
    if agreement.from_day > day:
        return _("Not begun"), "info"
    if agreement.until_day and agreement.until_day <= day:
        return _("Ended"), "off"
    return _("Running"), "good"


@login_required
@require_GET
def provider_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    columns = [
        Column(
            "name", _("Service provider"), sub=lambda provider: provider.code,
            url=lambda provider: detail_url(opened, provider),
        ),
        Column("standing", _("Standing"), kind="state", sortable=True, value=standing_state, export=False),
        Column("served", _("Served stores"), align="end", sortable=True, title=_("By agreements running today")),
        Column("running", _("Running agreements"), align="end", sortable=True),
    ]  # fmt: skip
    empty = Empty(_("No service provider yet"), _("They are entered in the administration."))
    table = Table(columns, queries.provider_rows(opened), request.GET, label=_("Service providers"), empty=empty)
    return render(request, "merchants/provider_list.html", {"title": _("Service providers"), "table": table})


@login_required
@require_GET
def provider_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    return detail(request, *open_provider_of(request, mall, pk, Action.VIEW))


@login_required
@require_POST
def provider_standing(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    form = StandingForm(request.POST, provider=provider)
    if not form.is_valid():
        return detail(request, opened, provider, standing_form=form)
    services.change_standing(provider=provider, **form.cleaned_data, by=request.user)
    messages.success(request, _("Standing changed; it is in force now."))
    return redirect(detail_url(opened, provider))


@login_required
@require_POST
def agreement_add(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    form = AgreementForm(request.POST, provider=provider)
    if not form.is_valid():
        return detail(request, opened, provider, agreement_form=form)
    services.agree(provider=provider, **form.cleaned_data, by=request.user)
    messages.success(request, _("Agreement added."))
    return redirect(detail_url(opened, provider))


@login_required
@require_http_methods(["GET", "POST"])
def agreement_end(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.MANAGE)
    agreement = get_object_or_404(opened.agreements.select_related("provider", "store"), pk=pk)
    back = detail_url(opened, agreement.provider)
    if request.method == "GET":
        form = EndForm(agreement=agreement, initial={"last_day": max(today(opened), agreement.from_day)})
    else:
        form = EndForm(request.POST, agreement=agreement)
        if form.is_valid():
            until = form.cleaned_data["last_day"] + timedelta(days=1)
            services.end_agreement(agreement=agreement, until_day=until, by=request.user)
            messages.success(request, _("The agreement has its last day."))
            return redirect(back)
    context = {"title": _("End agreement"), "agreement": agreement, "form": form, "back": back}
    return render(request, "merchants/agreement_end.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def provider_agreements(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    context = {
        "title": _("Agreements"),
        "provider": provider,
        "standing": standing_state(provider),
        "table": agreement_table(request, provider.mall, provider),
    }
    return render(request, "merchants/provider_agreements.html", context)


def open_provider_of(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, ServiceProvider]:
    opened = open_mall(request, mall, action)
    return opened, get_object_or_404(opened.providers.select_related("mall"), pk=pk)


def detail(
    request: HttpRequest,
    mall: Mall,
    provider: ServiceProvider,
    *,
    agreement_form: AgreementForm | None = None,
    standing_form: StandingForm | None = None,
) -> HttpResponse:
    """The provider's page, with the form in error if one is given."""
    manages = Action.MANAGE in request.rights
    context = {
        "title": provider.name,
        "mall": mall,
        "provider": provider,
        "standing": standing_state(provider),
        "table": agreement_table(request, mall, provider, ends=manages),
        "manages": manages,
    }
    if manages:
        context["agreement_form"] = agreement_form or AgreementForm(provider=provider)
        context["standing_form"] = standing_form or StandingForm(provider=provider)
    return render(
        request, "merchants/provider_detail.html", context, status=422 if agreement_form or standing_form else 200
    )


def agreement_table(request: HttpRequest, mall: Mall, provider: ServiceProvider, *, ends: bool = False) -> Table:
    """Agreements with their state today; with `ends`, those not over lead to the form that ends them."""
    day = today(mall)
    columns = [
        Column("store.name", _("Store"), sub=lambda row: row.store.code),
        Column("capability", _("Capability"), value=lambda row: row.get_capability_display(), sortable=True),
        Column("from_day", _("First day"), sortable=True, format=str, hide_on_phone=True),
        Column("last_day", _("Last day"), value=last_day, sortable="until_day", format=str),
        Column("state", _("State"), kind="state", value=lambda row: state_on(row, day)),
    ]
    if ends:
        columns.append(end_column(mall, day))
    empty = Empty(_("No agreement yet"))
    return Table(columns, queries.agreement_rows(provider), request.GET, label=_("Agreements"), empty=empty)


def end_column(mall: Mall, day: date) -> Column:
    def over(agreement: Agreement) -> bool:
        return bool(agreement.until_day and agreement.until_day <= day)

    return Column(
        "end",
        _("Action"),
        value=lambda row: None if over(row) else _("End"),
        url=lambda row: None if over(row) else end_url(mall, row),
        export=False,
    )


def last_day(agreement: Agreement) -> date | None:
    return agreement.until_day and agreement.until_day - timedelta(days=1)


def today(mall: Mall) -> date:
    return dates.today(mall.time_zone, timezone.now())


def detail_url(mall: Mall, provider: ServiceProvider) -> str:
    return reverse("merchants:provider_detail", kwargs={"mall": mall.slug, "pk": provider.pk})


def end_url(mall: Mall, agreement: Agreement) -> str:
    return reverse("merchants:agreement_end", kwargs={"mall": mall.slug, "pk": agreement.pk})
