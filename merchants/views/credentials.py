"""API credentials of a mall and of its providers. A new key is in the answer to the POST, once, and nowhere else."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from merchants import access
from merchants.choices import Action
from merchants.forms.credentials import CredentialForm
from merchants.models import ApiCredential, Mall, ServiceProvider
from merchants.services import credentials as services

from .base import open_mall, open_provider


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def mall_credentials(request: HttpRequest, mall: str) -> HttpResponse:
    """All credentials of the mall, those of its providers included; a POST makes one of the mall itself."""
    opened = open_mall(request, mall, Action.MANAGE)
    return credentials(request, opened, None, opened.credentials.all())


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def provider_credentials(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.MANAGE)
    return credentials(request, provider.mall, provider, provider.credentials.all())


def credentials(
    request: HttpRequest, mall: Mall, provider: ServiceProvider | None, rows: QuerySet[ApiCredential]
) -> HttpResponse:
    form, key = CredentialForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        label = form.cleaned_data["label"]
        _made, key = services.issue(mall=mall, provider=provider, label=label, by=request.user)
        form = CredentialForm()
    context = {
        "title": _("API credentials"),
        "mall": mall,
        "provider": provider,
        "rows": rows.select_related("provider", "created_by"),
        "form": form,
        "key": key,
    }
    return render(request, "merchants/credentials.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    credential = get_object_or_404(ApiCredential.objects.visible_to(request.user).select_related("mall"), pk=pk)
    if services.revoke(credential=credential, by=request.user):
        messages.success(request, _("%(credential)s was revoked.") % {"credential": credential})
    if access.may(request.user, Action.MANAGE, credential.mall):
        return redirect("merchants:mall_credentials", mall=credential.mall.slug)
    return redirect("merchants:provider_credentials", pk=credential.provider_id)
