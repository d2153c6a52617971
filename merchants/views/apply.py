"""Applying at a mall as a service provider, which needs no account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from mallops.lib.throttle import Throttle, address
from mallops.lib.uploads import LimitedUpload
from merchants.forms.applications import ApplicationForm
from merchants.models import Mall, User
from merchants.services import applications as services
from merchants.services import documents
from merchants.services.refusal import Refused

BY_ADDRESS = Throttle("apply-address", 20, 3600)


@csrf_exempt  # reading the token reads the upload, whose handler has to be set before; checked in _apply
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, mall: str) -> HttpResponse:
    """The form of a mall for whoever wants to become its service provider."""
    opened = get_object_or_404(Mall, slug=mall)
    if request.method == "POST" and not BY_ADDRESS.take(address(request)):
        return render(request, "merchants/application_busy.html", {"mall": opened}, status=429)
    request.upload_handlers.insert(0, LimitedUpload(request, documents.MOST_BYTES))
    return _apply(request, opened)


@csrf_protect
def _apply(request: HttpRequest, mall: Mall) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    form = ApplicationForm(initial={"contact_email": user.email} if user else {})
    if request.method == "POST":
        # The body is read first: whether a file was cut off is known then.
        posted, files = request.POST, request.FILES
        form = ApplicationForm(posted, files, too_large=getattr(request, "upload_too_large", False))
        if form.is_valid() and keep(form, mall, user):
            return redirect("merchants:application_sent", mall.slug)
    context = {"title": _("Become a service provider"), "mall": mall, "form": form}
    return render(request, "merchants/application_form.html", context, status=422 if form.errors else 200)


def keep(form: ApplicationForm, mall: Mall, user: User | None) -> bool:
    """Whether the application was taken; if not, the form says why."""
    values = form.cleaned_data
    try:
        services.apply(
            mall=mall, values=values, capabilities=values["capabilities"], files=form.files_given, by=user,
            now=timezone.now(),
        )  # fmt: skip
        return True
    except Refused as error:
        form.add_error(error.field, str(error))
        return False


@require_GET
def application_sent(request: HttpRequest, mall: str) -> HttpResponse:
    return render(request, "merchants/application_sent.html", {"mall": get_object_or_404(Mall, slug=mall)})
