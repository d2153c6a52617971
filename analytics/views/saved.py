"""The saved views of a mall, a merchant or a provider: one page for the three, and what is done there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from analytics import saved
from analytics.forms.keeping import NewViewForm, ViewForm
from analytics.models import SavedView
from merchants import access
from merchants.choices import Action
from merchants.views.base import open_body, open_mall, open_merchant, open_provider


@login_required
@require_http_methods(["GET", "POST"])
def saved_views(request: HttpRequest, mall: str) -> HttpResponse:
    return _views(request, open_mall(request, mall, Action.VIEW))


@login_required
@require_http_methods(["GET", "POST"])
def merchant_saved_views(request: HttpRequest, pk: int) -> HttpResponse:
    return _views(request, open_merchant(request, pk, Action.VIEW))


@login_required
@require_http_methods(["GET", "POST"])
def provider_saved_views(request: HttpRequest, pk: int) -> HttpResponse:
    return _views(request, open_provider(request, pk, Action.VIEW))


def _views(request: HttpRequest, body: saved.Body) -> HttpResponse:
    """A POST keeps the address it names and goes back there."""
    form = NewViewForm(request.POST if request.method == "POST" else None, owner=request.user, body=body)
    if request.method == "POST" and form.is_valid():
        view = saved.save(owner=request.user, body=body, **form.cleaned_data)
        messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
        return redirect(saved.address(view))
    context = {
        "title": _("Saved views"),
        "views": [_line(request, view) for view in saved.views_at(request.user, body)],
        "form": form if form.is_bound else None,
        "overview": saved.home(body),
    }
    return render(request, "analytics/saved_views.html", context, status=422 if form.errors else 200)


def _line(request: HttpRequest, view: SavedView) -> dict:
    """A view as the list shows it; without an address if its page is no longer there."""
    try:
        url = saved.address(view)
    except NoReverseMatch:
        url = ""
    return {"view": view, "url": url, "link": request.build_absolute_uri(url), "mine": view.owner_id == request.user.pk}


@login_required
@require_GET
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """To the dashboard, or to where it can be said why not."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    problem = saved.why_not(view, request.user)
    if not problem:
        return redirect(saved.address(view))
    messages.warning(request, problem)
    may_open = access.may(request.user, Action.VIEW, view.body)
    return redirect(saved.list_address(view.body) if may_open else "home")


@login_required
@require_http_methods(["GET", "POST"])
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    form = ViewForm(
        request.POST if request.method == "POST" else None, instance=view, owner=view.owner, body=view.body
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        saved.change(view=view, **form.cleaned_data)
        return redirect(saved.list_address(view.body))
    context = {"title": _("Change view"), "form": form, "back": saved.list_address(view.body)}
    return render(request, "analytics/keep_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    view.delete()
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect(saved.list_address(view.body))


def _own(request: HttpRequest, pk: int) -> SavedView:
    """A view of the reader, at a body that is still open to the reader."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    if view.owner_id != request.user.pk and not request.user.is_superuser:
        raise Http404
    open_body(request, view.body, Action.VIEW)
    return view
