"""A provider proposes many stores by one file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from mallops.lib.csvio import csv_lines
from mallops.lib.uploads import LimitedUpload
from merchants.choices import Action
from merchants.forms.onboarding import Offered
from merchants.forms.onboarding_file import COLUMNS, MOST_BYTES, OnboardingFileForm
from merchants.models import ServiceProvider
from merchants.services import onboarding as services
from merchants.services.onboarding import ProposalsRefused
from merchants.services.refusal import Refused

from .base import open_provider


@csrf_exempt  # reading the token reads the upload, whose handler has to be set before; checked in _file
@login_required
@require_http_methods(["GET", "POST"])
def onboarding_file(request: HttpRequest, pk: int) -> HttpResponse:
    request.upload_handlers.insert(0, LimitedUpload(request, MOST_BYTES))
    return _file(request, open_provider(request, pk, Action.MANAGE))


@csrf_protect
def _file(request: HttpRequest, provider: ServiceProvider) -> HttpResponse:
    if "template" in request.GET:
        return template_file()
    form = OnboardingFileForm(offered=Offered(provider))
    if request.method == "POST":
        posted, files = request.POST, request.FILES  # read first: whether the file was cut off is known then
        too_large = getattr(request, "upload_too_large", False)
        form = OnboardingFileForm(posted, files, offered=Offered(provider), too_large=too_large)
        if form.is_valid() and take(request, provider, form):
            return redirect("merchants:provider_onboarding", provider.pk)
    back = reverse("merchants:provider_onboarding", args=[provider.pk])
    context = {
        "title": _("Propose stores by file"),
        "provider": provider,
        "form": form,
        "columns": COLUMNS,
        "back": back,
    }
    return render(request, "merchants/onboarding_file.html", context, status=422 if form.errors else 200)


def take(request: HttpRequest, provider: ServiceProvider, form: OnboardingFileForm) -> bool:
    """Whether the proposals of a file were taken; if not, the form says why."""
    try:
        made = services.propose(provider=provider, proposals=form.proposals, now=timezone.now(), by=request.user)
    except ProposalsRefused as refused:
        form.refuse(refused.problems)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    else:
        text = ngettext("%(count)d store proposed.", "%(count)d stores proposed.", len(made))
        messages.success(request, text % {"count": len(made)})
    return not form.errors


def template_file() -> StreamingHttpResponse:
    """A file with the header and one line, to fill in."""
    rows = [[column.name for column in COLUMNS], [column.example for column in COLUMNS]]
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stores-to-bring-in.csv"'
    return response
