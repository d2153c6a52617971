"""API credentials of a mall and of its providers. A new key is shown once, by the page that the POST leads to."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mallops.lib import once
from merchants import access
from merchants.choices import Action, Scope
from merchants.forms.credentials import CredentialForm, RotateForm
from merchants.models import ApiCredential, Mall, ServiceProvider
from merchants.services import credentials as services

from .base import open_body, open_mall, open_provider


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
    owner = {"mall": mall, "provider": provider}
    form = CredentialForm(request.POST if request.method == "POST" else None, **owner)
    if request.method == "POST" and form.is_valid():
        _made, key = services.issue(**owner, **form.terms, by=request.user)
        return show_key(request, request.path, key)
    context = {"title": _("API credentials"), **owner, "rows": described(rows), "form": form}
    context["key"] = once.take(request) if request.method == "GET" else ""
    return render(request, "merchants/credentials.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how long the old key lives on; the list shows the new one."""
    credential, back = managed(request, pk)
    form = RotateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = services.rotate(credential=credential, overlap=form.span, by=request.user)
        if made:
            return show_key(request, back, made[1])
        messages.error(request, _("This key is not in use any more, or has been replaced already."))
        return redirect(back)
    title = _("New key for “%(label)s”") % {"label": credential.label}
    context = {"title": title, "back": back, "form": form, "credential": credential}
    return render(request, "merchants/credential_rotate.html", context, status=422 if form.errors else 200)


def show_key(request: HttpRequest, page: str, key: str) -> HttpResponse:
    once.keep(request, page, key)
    return redirect(page)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    credential, back = managed(request, pk)
    if services.revoke(credential=credential, by=request.user):
        messages.success(request, _("%(credential)s was revoked.") % {"credential": credential})
    return redirect(back)


def managed(request: HttpRequest, pk: int) -> tuple[ApiCredential, str]:
    """A credential that the reader manages, opened at its mall or its provider, and the page it is listed on."""
    visible = ApiCredential.objects.visible_to(request.user).select_related("mall", "provider")
    credential = get_object_or_404(visible, pk=pk)
    if access.may(request.user, Action.MANAGE, credential.mall):
        mall = open_body(request, credential.mall, Action.MANAGE)
        return credential, reverse("merchants:mall_credentials", args=[mall.slug])
    provider = open_body(request, credential.provider, Action.MANAGE)
    return credential, reverse("merchants:provider_credentials", args=[provider.pk])


def described(rows: QuerySet[ApiCredential]) -> list[ApiCredential]:
    """With `state` (text and tone), `may` (what it may do), and whether it is `open` and can be rotated."""
    newer = ApiCredential.objects.filter(replaces=OuterRef("pk"))
    now, found = timezone.now(), []
    for row in rows.select_related("provider", "created_by").prefetch_related("stores").annotate(newer=Exists(newer)):
        row.state, row.may = state_of(row, now), [Scope(scope).label for scope in row.scopes]
        row.open = not row.revoked_at and not (row.expires_at and row.expires_at <= now)
        found.append(row)
    return found


def state_of(credential: ApiCredential, now: datetime) -> tuple[str, str]:
    if credential.revoked_at:
        return _("Revoked"), "off"
    if credential.expires_at and credential.expires_at <= now:
        return _("Expired"), "off"
    if credential.newer:
        return _("Replaced"), "warn"
    return (_("Sandbox"), "info") if credential.is_sandbox else (_("In use"), "good")
