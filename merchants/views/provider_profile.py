"""The provider's own page: how it stands with the mall, what it may do, who answers for it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchants.choices import Action
from merchants.forms.providers import ContactForm, DocumentForm
from merchants.models import ServiceProvider
from merchants.queries import negative_list
from merchants.services import providers as services

from .base import open_provider
from .providers import about


@login_required
@require_GET
def provider_profile(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    return profile(request, provider, ContactForm(instance=provider))


@login_required
@require_POST
def provider_contacts(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.MANAGE)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return profile(request, provider, form)
    services.change_contacts(provider=provider, values=form.cleaned_data, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("merchants:provider_profile", provider.pk)


def profile(request: HttpRequest, provider: ServiceProvider, form: ContactForm) -> HttpResponse:
    manages = Action.MANAGE in request.rights
    context = about(provider) | {
        "title": _("Profile"),
        "mall": provider.mall,
        "manages": manages,
        "removes": "provider" if manages else "",
        "contact_form": form if manages else None,
        "document_form": DocumentForm() if manages else None,
        "negative": negative_list.listings(provider.mall),
    }
    return render(request, "merchants/provider_profile.html", context, status=422 if form.errors else 200)
