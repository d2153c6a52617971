"""The mall's negative list of categories."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchants.choices import Action
from merchants.forms.providers import ListingForm
from merchants.models import Mall
from merchants.queries import negative_list as queries
from merchants.services import negative_list as services

from .base import open_mall


@login_required
@require_GET
def negative_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    return listing(request, opened, ListingForm(mall=opened))


@login_required
@require_POST
def negative_add(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.MANAGE)
    form = ListingForm(request.POST, mall=opened)
    if not (form.is_valid() and form.try_to(services.add, mall=opened, **form.cleaned_data, by=request.user)):
        return listing(request, opened, form)
    messages.success(request, _("Added to the list; it counts from now on."))
    return redirect("merchants:negative_list", opened.slug)


@login_required
@require_POST
def negative_remove(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.MANAGE)
    entry = get_object_or_404(opened.negative_list.select_related("mall", "category"), pk=pk)
    services.remove(entry=entry, by=request.user)
    messages.success(request, _("Taken off the list."))
    return redirect("merchants:negative_list", opened.slug)


def listing(request: HttpRequest, mall: Mall, form: ListingForm) -> HttpResponse:
    context = {
        "title": _("Negative list"),
        "mall": mall,
        "entries": queries.listings(mall),
        "form": form if Action.MANAGE in request.rights else None,
    }
    return render(request, "merchants/negative_list.html", context, status=422 if form.errors else 200)
