"""Notes on the charts of a mall."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics import annotations as services
from analytics.forms.keeping import NoteForm
from analytics.models import Annotation
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall


@login_required
@require_GET
def annotations(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    notes = Annotation.objects.filter(mall=opened).select_related("by")
    may_edit = Action.EDIT_RULES in request.rights
    context = {"title": _("Notes on charts"), "mall": opened, "notes": notes, "may_edit": may_edit}
    return render(request, "analytics/annotations.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def annotation_add(request: HttpRequest, mall: str) -> HttpResponse:
    """After it, back to the chart it came from (`next`)."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.add(mall=opened, by=request.user, **form.cleaned_data)
        messages.success(request, _("Note added."))
        return redirect(_next(request) or _list(opened))
    return _form(request, form, _("Add note"), _list(opened))


@login_required
@require_http_methods(["GET", "POST"])
def annotation_edit(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    note = get_object_or_404(Annotation, mall=opened, pk=pk)
    values = {name: getattr(note, name) for name in services.FIELDS}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=values)
    if request.method == "POST" and form.is_valid():
        services.change(note=note, by=request.user, **form.cleaned_data)
        return redirect(_list(opened))
    return _form(request, form, _("Change note"), _list(opened))


@login_required
@require_POST
def annotation_delete(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    services.delete(note=get_object_or_404(Annotation, mall=opened, pk=pk), by=request.user)
    messages.success(request, _("Note deleted."))
    return redirect(_list(opened))


def _form(request: HttpRequest, form: NoteForm, title: str, back: str) -> HttpResponse:
    context = {"title": title, "form": form, "back": back}
    return render(request, "analytics/keep_form.html", context, status=422 if form.errors else 200)


def _list(mall: Mall) -> str:
    return reverse("analytics:annotations", args=[mall.slug])


def _next(request: HttpRequest) -> str:
    """The page to return to; empty if none is named, or one elsewhere."""
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else ""
