"""The mall decides on the stores that providers propose, one by one or several at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table, tick
from merchants.choices import Action
from merchants.forms.onboarding import DecisionsForm, OnboardingFilter
from merchants.models import Mall, Onboarding
from merchants.queries import onboarding as queries
from merchants.queries.negative_list import listed
from merchants.services import onboarding as services
from merchants.services.refusal import Refused

from .base import open_mall
from .onboarding import onboarding_state


@login_required
@require_GET
def mall_onboarding(request: HttpRequest, mall: str) -> HttpResponse:
    return listing(request, open_mall(request, mall, Action.VIEW))


def listing(request: HttpRequest, mall: Mall, answer: DecisionsForm | None = None) -> HttpResponse:
    """The proposals, with the answer in error if one is given."""
    form, manages = OnboardingFilter(request.GET, mall=mall), Action.MANAGE in request.rights
    rows = queries.mall_onboardings(mall, **form.values())
    context = {
        "title": _("Stores proposed by providers"),
        "mall": mall,
        "form": form,
        "table": onboarding_table(request, mall, rows, choose=manages),
        "answer": answer or (DecisionsForm(proposals=rows) if manages else None),
    }
    return render_part(
        request, "merchants/onboarding_list.html", context, part="board", status=422 if answer else 200
    )  # fmt: skip


def onboarding_table(request: HttpRequest, mall: Mall, rows: QuerySet[Onboarding], *, choose: bool) -> Table:
    def url(row: Onboarding) -> str:
        return reverse("merchants:mall_onboarding_detail", args=[mall.slug, row.pk])

    columns = [
        Column("store", _("Store"), value=str, url=url, sub=lambda row: row.store_code),
        Column("merchant_name", _("Merchant"), sub=lambda row: row.registration_number,
               hide_on_phone=True),
        Column("category.name", _("Category"), hide_on_phone=True),
        Column("provider.name", _("Service provider"), sortable="provider.code",
               sub=lambda row: row.get_capability_display(), hide_on_phone=True),
        Column("from_day", _("First day"), sortable=True, format=str, hide_on_phone=True),
        Column("state", _("State"), kind="state", value=onboarding_state),
    ]  # fmt: skip
    if choose:
        columns.append(Column("choose", _("Choose"), value=tick_to_answer, align="center", export=False))
    empty = Empty(_("No such proposal"), _("Providers that may expand the mall propose merchants and stores."))
    return Table(columns, rows, request.GET, label=_("Proposed stores"), empty=empty, target="board")


def tick_to_answer(row: Onboarding) -> str:
    """The box by which an open proposal is chosen for one answer to several."""
    if row.state != Onboarding.State.PROPOSED:
        return ""
    return tick("chosen", row.pk, "answer", _("Choose %(name)s") % {"name": row})


@login_required
@require_GET
def mall_onboarding_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    related = ("provider", "category", "floor", "store", "proposed_by", "decided_by")
    shown = get_object_or_404(opened.onboardings.select_related(*related), pk=pk)
    context = {
        "title": str(shown),
        "mall": opened,
        "onboarding": shown,
        "state": onboarding_state(shown),
        "known": queries.merchant_of(opened.pk, shown.registration_number),
        "banned": listed(opened.pk).get(shown.category_id),
        "may_decide": shown.state == Onboarding.State.PROPOSED and Action.MANAGE in request.rights,
        "answer": DecisionsForm(proposals=opened.onboardings.all()),
    }
    return render(request, "merchants/onboarding_detail.html", context)


@login_required
@require_POST
def onboarding_decide(request: HttpRequest, mall: str) -> HttpResponse:
    """One answer to those chosen; each is taken on its own, and says if it cannot be."""
    opened = open_mall(request, mall, Action.MANAGE)
    form = DecisionsForm(request.POST, proposals=opened.onboardings.select_related("provider"))
    if not form.is_valid():
        return listing(request, opened, form)
    count = sum(decide(request, row, form.cleaned_data) for row in form.cleaned_data["chosen"])
    if count:
        words = {
            "approve": ngettext("%(count)d store approved.", "%(count)d stores approved.", count),
            "decline": ngettext("%(count)d store declined.", "%(count)d stores declined.", count),
        }
        messages.success(request, words[form.cleaned_data["word"]] % {"count": count})
    return redirect("merchants:mall_onboarding", opened.slug)


def decide(request: HttpRequest, row: Onboarding, values: dict) -> bool:
    """Whether the answer was taken; if not, a message says why."""
    made = {"onboarding": row, "now": timezone.now(), "by": request.user}
    try:
        if values["word"] == "approve":
            services.approve(**made)
        else:
            services.decline(**made, reason=values["reason"])
    except Refused as refusal:
        messages.error(request, f"{row}: {refusal}")
        return False
    return True
