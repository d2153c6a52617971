"""Documents of a provider: brought, opened and taken away, each through a check of who asks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.uploads import LimitedUpload
from merchants import access
from merchants.choices import Action, ProviderState
from merchants.forms.providers import DocumentForm
from merchants.models import ProviderDocument, ServiceProvider
from merchants.services import documents as services
from merchants.services.refusal import Refused

from .base import open_body, open_provider, provider_url


@csrf_exempt  # reading the token reads the upload, whose handler has to be set before; checked in _upload
@login_required
@require_POST
def document_upload(request: HttpRequest, pk: int) -> HttpResponse:
    request.upload_handlers.insert(0, LimitedUpload(request, services.MOST_BYTES))
    return _upload(request, open_provider(request, pk, Action.MANAGE))


@csrf_protect
def _upload(request: HttpRequest, provider: ServiceProvider) -> HttpResponse:
    form = DocumentForm(request.POST, request.FILES)
    if getattr(request, "upload_too_large", False):
        messages.error(request, _("A file is larger than 10 MB."))
    elif form.is_valid():
        keep(request, provider, form)
    else:
        for problem in form.errors.values():
            messages.error(request, " ".join(problem))
    return redirect(home_of(request, provider))


def keep(request: HttpRequest, provider: ServiceProvider, form: DocumentForm) -> None:
    try:
        services.attach(provider=provider, **form.cleaned_data, by=request.user, by_mall=is_mall(request, provider))
        messages.success(request, _("The document was added."))
    except Refused as error:
        messages.error(request, str(error))


@login_required
@never_cache
@require_GET
def document_download(request: HttpRequest, pk: int) -> FileResponse:
    """Always to be saved, never shown in the page: what is inside is not ours."""
    document = open_document(request, pk)
    return FileResponse(
        document.file.open("rb"), as_attachment=True, filename=document.name, content_type=document.content_type
    )


@login_required
@require_POST
def document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    document = open_document(request, pk)
    provider = open_body(request, document.provider, Action.MANAGE)
    if document.by_mall != is_mall(request, provider):
        raise PermissionDenied
    services.remove(document=document, by=request.user)
    messages.success(request, _("The document was removed."))
    return redirect(home_of(request, provider))


def open_document(request: HttpRequest, pk: int) -> ProviderDocument:
    rows = ProviderDocument.objects.visible_to(request.user).select_related("provider__mall")
    return get_object_or_404(rows, pk=pk)


def is_mall(request: HttpRequest, provider: ServiceProvider) -> bool:
    """Whether the reader acts for the mall rather than for the provider."""
    return access.may(request.user, Action.MANAGE, provider.mall)


def home_of(request: HttpRequest, provider: ServiceProvider) -> str:
    """The page a reader sees the documents on."""
    if not is_mall(request, provider):
        return reverse("merchants:provider_profile", args=[provider.pk])
    if provider.state == ProviderState.APPROVED:
        return provider_url(provider)
    return reverse("merchants:application_detail", args=[provider.mall.slug, provider.pk])
