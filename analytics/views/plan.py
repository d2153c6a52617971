"""The floors of a mall as plans, coloured by a figure; and the page where units are moved."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from analytics.charts import plan as charts
from analytics.forms.metric import PlanForm
from analytics.queries import visitors
from analytics.queries.choice import Choice
from analytics.queries.sales import sales
from analytics.tables.plan import plan_rows, plan_table
from merchants.choices import Action
from merchants.forms.plans import PlanForm as EditForm
from merchants.forms.plans import labels
from merchants.models import Floor, Mall, Store
from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH
from merchants.services.plans import save_plan
from merchants.views.base import open_mall

from . import board, links
from .sections import show_mall

SHOWN_OVERLAPS = 5  # messages after saving


@login_required
@require_GET
def floor_plan(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(
        request, mall, "_plan", partial(plan_content, request), title=_("Floor plan"), form_class=PlanForm,
        kinds=("category", "floor", "channel", "newness"),
    )  # fmt: skip


def plan_content(request: HttpRequest, choice: Choice, form: PlanForm) -> board.Content:
    key, link = form.shown, links.to_store(form)
    rows = plan_rows(choice, sales(choice), key, shoppers(choice) if key == "shoppers" else {})
    return {
        "plans": charts.plans(choice, rows, key, link),
        "ramp": charts.ramp(choice, rows, key),
        "figure": dict(form.fields["metric"].choices)[form.cleaned_data["metric"]],
        "floors": floor_tabs(form),
        "may_edit": Action.MANAGE in request.rights,
        "without_floor": charts.without_floor(rows),
        "tables": {"stores": plan_table(choice, rows, key, form.query, link=link)},
    }


def shoppers(choice: Choice) -> Mapping[int, Mapping[str, int]]:
    return {pk: {"shoppers": number} for pk, number in visitors.by_store(choice, choice.stores).items()}


def floor_tabs(form: PlanForm) -> list[tuple[str, str, bool]]:
    """Name, address and whether it is shown, of all floors together and each by itself."""
    chosen = form.choice.floor
    tabs = [(_("All floors"), form.address(floor=None, page=None), chosen is None)]
    for floor in form.place.floors:
        tabs.append((floor.code, form.address(floor=floor.code, page=None), floor == chosen))
    return tabs


@login_required
@require_http_methods(["GET", "POST"])
def floor_plan_edit(request: HttpRequest, mall: str, code: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.MANAGE)
    floor = get_object_or_404(Floor, mall=opened, code=code)
    stores = Store.objects.filter(mall=opened, floor=floor).order_by("unit", "code")
    if "anew" in request.POST:
        save_plan(mall=opened, floor=floor, boxes={store.pk: None for store in stores}, by=request.user)
        messages.success(request, _("Laid out by unit numbers."))
        return redirect("analytics:floor_plan_edit", opened.slug, floor.code)
    form = EditForm(request.POST if request.method == "POST" else None, stores=stores)
    if request.method == "POST" and form.is_valid():
        return _save(request, opened, floor, form)
    context = {
        "title": _("Plan of %(floor)s") % {"floor": floor.name or floor.code}, "form": form, "sides": labels(),
        "width": PLAN_WIDTH, "height": PLAN_HEIGHT, "crumbs": [(_("Floor plan"), _address(opened, floor))],
    }  # fmt: skip
    return render(request, "analytics/plan_edit.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, mall: Mall, floor: Floor, form: EditForm) -> HttpResponse:
    """Overlaps are kept, and pointed out: one may be on the way to another plan."""
    moved = save_plan(mall=mall, floor=floor, boxes=form.boxes, by=request.user)
    told = ngettext("%(count)s store moved.", "%(count)s stores moved.", moved) % {"count": moved}
    messages.success(request, told)
    for one, other in form.overlaps()[:SHOWN_OVERLAPS]:
        messages.warning(request, _("%(one)s and %(other)s overlap.") % {"one": one.name, "other": other.name})
    return redirect(_address(mall, floor))


def _address(mall: Mall, floor: Floor) -> str:
    return f"{reverse('analytics:floor_plan', args=[mall.slug])}?{urlencode({'floor': floor.code})}"
