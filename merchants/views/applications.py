"""Applications of service providers as the mall reviews and answers them."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.format import moment
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table, tick
from merchants.choices import Action, ProviderState
from merchants.forms.applications import ApplicationFilter, BulkDecisionForm, DecisionForm
from merchants.models import Mall, ServiceProvider
from merchants.queries import providers as queries
from merchants.services import applications as services
from merchants.services.refusal import Refused

from .base import open_mall, provider_url
from .people import send

TONES = {ProviderState.APPLIED: "warn", ProviderState.APPROVED: "good", ProviderState.DECLINED: "off"}


@login_required
@require_GET
def application_list(request: HttpRequest, mall: str) -> HttpResponse:
    return listing(request, open_mall(request, mall, Action.VIEW))


def listing(request: HttpRequest, mall: Mall, answer: BulkDecisionForm | None = None) -> HttpResponse:
    """The applications, with the answer in error if one is given."""
    form, manages = ApplicationFilter(request.GET), Action.MANAGE in request.rights
    rows = queries.application_rows(mall, **form.values())
    context = {
        "title": _("Applications of service providers"),
        "mall": mall,
        "form": form,
        "table": application_table(request, mall, rows, choose=manages),
        "answer": answer or (BulkDecisionForm(applications=rows) if manages else None),
        "apply_url": settings.SITE_URL + reverse("merchants:apply", args=[mall.slug]),
    }
    status = 422 if answer else 200
    return render_part(request, "merchants/application_list.html", context, part="board", status=status)


@login_required
@require_POST
def application_bulk(request: HttpRequest, mall: str) -> HttpResponse:
    """One answer to several applications. Those that someone else answered meanwhile are left as they are."""
    opened = open_mall(request, mall, Action.MANAGE)
    form = BulkDecisionForm(request.POST, applications=queries.application_rows(opened))
    if not form.is_valid():
        return listing(request, opened, form)
    for application in form.cleaned_data["chosen"]:
        asked = [row.capability for row in application.asked]
        answer(request, application, form.cleaned_data | {"capabilities": asked})
    return redirect("merchants:application_list", opened.slug)


@login_required
@require_GET
def application_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, application = open_application(request, mall, pk, Action.VIEW)
    return detail(request, opened, application)


@login_required
@require_POST
def application_decide(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, application = open_application(request, mall, pk, Action.MANAGE)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return detail(request, opened, application, form)
    answer(request, application, form.cleaned_data)
    if application.state == ProviderState.APPROVED:
        return redirect(provider_url(application))
    return redirect("merchants:application_list", opened.slug)


def answer(request: HttpRequest, application: ServiceProvider, values: dict) -> None:
    """Approve and invite, or decline; and say how that went."""
    now = timezone.now()
    try:
        if values["word"] == "approve":
            granted = values["capabilities"]
            invited = services.approve(application=application, capabilities=granted, by=request.user, now=now)
            send(request, *invited)
        else:
            services.decline(application=application, reason=values["reason"], by=request.user, now=now)
            messages.success(request, _("%(name)s was declined.") % {"name": application.name})
    except Refused as error:
        messages.error(request, f"{application.name}: {error}")


def open_application(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, ServiceProvider]:
    opened = open_mall(request, mall, action)
    rows = queries.application_rows(opened).select_related("mall", "decided_by")
    return opened, get_object_or_404(rows, pk=pk)


def detail(
    request: HttpRequest, mall: Mall, application: ServiceProvider, form: DecisionForm | None = None
) -> HttpResponse:
    waits = application.state == ProviderState.APPLIED
    if form is None and waits and Action.MANAGE in request.rights:
        asked = [row.capability for row in application.asked]
        form = DecisionForm(initial={"capabilities": asked})
    context = {
        "title": application.name,
        "mall": mall,
        "provider": application,
        "state": application_state(application),
        "documents": application.documents.all(),
        "form": form if waits else None,
    }
    status = 422 if form and form.errors else 200
    return render(request, "merchants/application_detail.html", context, status=status)


def application_state(application: ServiceProvider) -> tuple[str, str]:
    return application.get_state_display(), TONES[application.state]


def application_table(request: HttpRequest, mall: Mall, rows, *, choose: bool) -> Table:
    def address_of(row: ServiceProvider) -> str:
        return reverse("merchants:application_detail", args=[mall.slug, row.pk])

    columns = [
        Column("name", _("Applicant"), url=address_of, sub=lambda row: row.registration_number),
        Column("asked", _("Would do"), value=asked_words, hide_on_phone=True),
        Column("contact_name", _("Contact person"), sub=lambda row: row.contact_email, hide_on_phone=True),
        Column(
            "applied_at",
            _("Applied"),
            kind="moment",
            sortable=True,
            hide_on_phone=True,
            format=lambda at: moment(at, mall.time_zone),
        ),
        Column("state", _("State"), kind="state", value=application_state, export=False),
    ]
    if choose:
        columns.append(Column("choose", _("Choose"), value=tick_to_answer, align="center", export=False))
    empty = Empty(_("No application waits"), _("Send the address of the form to whom you want as a provider."))
    label = _("Applications of service providers")
    return Table(columns, rows, request.GET, label=label, target="board", empty=empty)


def asked_words(row: ServiceProvider) -> str:
    return _(", ").join(capability.get_capability_display() for capability in row.asked)


def tick_to_answer(row: ServiceProvider) -> str:
    """The box by which an open application is chosen for one answer to several."""
    if row.state != ProviderState.APPLIED:
        return ""
    return tick("chosen", row.pk, "answer", _("Choose %(name)s") % {"name": row.name})
