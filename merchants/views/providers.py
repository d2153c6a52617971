"""The page of a service provider at its mall, and what the mall decides there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchants.choices import Action, Capability, ProviderState, Standing
from merchants.forms.providers import CapabilityForm, DocumentForm, StandingForm, TakeBackForm
from merchants.models import Mall, ServiceProvider
from merchants.queries import agreements as agreement_queries
from merchants.queries import providers as queries
from merchants.services import providers as services

from .agreement_parts import agreement_table
from .agreements import agreement_url
from .base import open_provider_of, provider_url
from .provider_trail import trail

TONES = {Standing.GOOD: "good", Standing.WARNED: "warn", Standing.SUSPENDED: "bad", Standing.TERMINATED: "off"}


def standing_state(provider: ServiceProvider) -> tuple[str, str]:
    return provider.get_standing_display(), TONES[provider.standing]


@login_required
@require_GET
def provider_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, provider = open_provider_of(request, mall, pk, Action.VIEW)
    if provider.state != ProviderState.APPROVED:
        return redirect("merchants:application_detail", opened.slug, provider.pk)
    return detail(request, opened, provider)


@login_required
@require_POST
def provider_standing(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    form = StandingForm(request.POST)
    made = {"provider": provider, "by": request.user}
    if not (form.is_valid() and form.try_to(services.change_standing, **form.cleaned_data, **made)):
        return detail(request, opened, provider, form)
    messages.success(request, _("Standing changed; it is in force now."))
    return redirect(provider_url(provider))


@login_required
@require_POST
def capability_grant(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    _mall, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    form = CapabilityForm(request.POST)
    if form.is_valid():
        row = services.grant(provider=provider, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("%(capability)s was granted.") % {"capability": row.get_capability_display()})
    else:
        messages.error(request, _("Choose one of the capabilities offered."))
    return redirect(provider_url(provider))


@login_required
@require_http_methods(["GET", "POST"])
def capability_take_back(request: HttpRequest, mall: str, pk: int, capability: str) -> HttpResponse:
    """Shows the agreements that end with it, and asks."""
    opened, provider = open_provider_of(request, mall, pk, Action.MANAGE)
    if capability not in Capability.values:
        raise Http404
    form = TakeBackForm(request.POST if request.method == "POST" else None, mall=opened)
    made = {"provider": provider, "capability": capability, "now": timezone.now(), "by": request.user}
    if request.method == "POST" and form.is_valid() and form.try_to(services.take_back, **form.terms, **made):
        messages.success(request, _("The capability was taken back."))
        return redirect(provider_url(provider))
    rows = queries.agreements_with(provider, capability, opened.today())
    context = {
        "title": _("Take back: %(capability)s") % {"capability": Capability(capability).label},
        "mall": opened,
        "provider": provider,
        "form": form,
        "table": agreement_table(request, opened, rows, agreement_url),
        "back": provider_url(provider),
    }
    return render(request, "merchants/capability_take_back.html", context, status=422 if form.errors else 200)


def detail(
    request: HttpRequest, mall: Mall, provider: ServiceProvider, standing_form: StandingForm | None = None
) -> HttpResponse:
    """The provider's page, with the form in error if one is given."""
    manages = Action.MANAGE in request.rights
    context = about(provider) | {
        "mall": mall,
        "table": agreement_table(request, mall, agreement_queries.agreement_rows(provider), agreement_url),
        "manages": manages,
        "removes": "mall" if manages else "",
        "trail": trail(provider),
    }
    if manages:
        context["standing_form"] = standing_form or StandingForm()
        context["document_form"] = DocumentForm()
    return render(request, "merchants/provider_detail.html", context, status=422 if standing_form else 200)


def about(provider: ServiceProvider) -> dict:
    """What the mall and the provider both read of it."""
    return {
        "title": provider.name,
        "provider": provider,
        "standing": standing_state(provider),
        "grants": queries.grants(provider),
        "changes": [(change, TONES[change.standing]) for change in provider.standing_changes.select_related("by")],
        "documents": provider.documents.all(),
    }
