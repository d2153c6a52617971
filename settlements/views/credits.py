"""A provider's traffic credits: how they came and went, and boosts of rules."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from coupons.models import Boost, Rule
from mallops.lib.format import count
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Column, Empty, Table
from merchants import access
from merchants.choices import Action
from merchants.models import ServiceProvider, Store
from merchants.views.base import open_provider
from settlements import credits
from settlements.forms.credits import BoostForm, CreditFilter
from settlements.models import CreditLine
from settlements.queries import credits as queries
from settlements.queries.rebates import DAY
from settlements.services import boosts

TONES = {CreditLine.Kind.EARNED: "good", CreditLine.Kind.SPENT: "info", CreditLine.Kind.CLAWED_BACK: "bad"}


@login_required
@require_GET
def credit_list(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.VIEW)
    form = CreditFilter(request.GET)
    context = {
        "title": _("Traffic credits"),
        "provider": provider,
        "form": form,
        "tiles": tiles(queries.sums(provider)),
        "table": line_table(request, provider, form.values()),
        "boost_table": boost_table(request, provider),
        "may_boost": Action.CONSENT in request.rights and access.is_active(provider),
    }
    return render_part(request, "settlements/credit_list.html", context, part="board")


def tiles(sums: dict[str, int]) -> list[Tile]:
    return [
        Tile(_("Left"), count(sums["left"])),
        Tile(_("Earned"), count(sums["earned"])),
        Tile(_("Spent"), count(-sums["spent"])),
        Tile(_("Taken back"), count(-sums["clawed"])),
    ]


def line_table(request: HttpRequest, provider: ServiceProvider, values: dict) -> Table:
    stores, rules = names(Store, provider), names(Rule, provider)

    def evidence(row: CreditLine) -> str:
        if row.payment:
            return _("Payment %(id)s") % {"id": row.payment}
        return _("Coupon %(code)s") % {"code": f"…{row.coupon}"} if row.coupon else ""

    columns = [
        Column("day", _("Day"), format=str, sortable=True),
        Column("kind", _("Kind"), kind="state", value=lambda row: (row.get_kind_display(), TONES[row.kind])),
        Column("store", _("Store"), value=lambda row: stores.get(row.store)),
        Column("rule", _("Rule"), value=lambda row: rules.get(row.rule), hide_on_phone=True),
        Column("evidence", _("Evidence"), kind="mono", value=evidence, hide_on_phone=True),
        Column("credits", _("Traffic credits"), align="end", format=count, sortable=True),
    ]
    empty = Empty(_("No traffic credits yet"), _("They are earned by redemptions, if the plan gives any."))
    rows = queries.line_rows(provider, **values)
    return Table(columns, rows, request.GET, label=_("Traffic credits"), page_size=25, empty=empty, target="board")


def names(model: type[Store] | type[Rule], provider: ServiceProvider) -> dict[int, str]:
    return {row.pk: row.name for row in model.objects.filter(mall=provider.mall_id).only("name_zh", "name_en")}


def boost_table(request: HttpRequest, provider: ServiceProvider) -> Table:
    day = provider.mall.today()
    columns = [
        Column("rule.name", _("Rule")),
        Column("days", pgettext("period", "Days"), value=lambda row: f"{row.from_day} – {row.last_day}"),
        Column("weight", _("Weight"), align="end", format=count),
        Column("credits", _("Traffic credits"), align="end", format=count, hide_on_phone=True),
        Column("state", _("State"), kind="state", value=lambda row: boost_state(row, provider, day)),
    ]
    empty = Empty(_("No boost yet"), _("Spend traffic credits to let a rule of your stores rank higher."))
    return Table(columns, queries.boosts_of(provider), request.GET, label=_("Boosts"), empty=empty, prefix="boost_")


def boost_state(boost: Boost, provider: ServiceProvider, day) -> tuple[str, str]:
    if boost.until_day <= day:
        return _("Over"), "off"
    if not access.is_active(provider):
        return _("Does not count"), "bad"
    return (_("Running"), "good") if boost.from_day <= day else (_("Not begun"), "info")


@login_required
@require_http_methods(["GET", "POST"])
def boost_new(request: HttpRequest, pk: int) -> HttpResponse:
    provider = open_provider(request, pk, Action.CONSENT)
    rules = boosts.boostable(provider, provider.mall.today() + DAY)
    form = BoostForm(request.POST if request.method == "POST" else None, rules=rules)
    if request.method == "POST" and form.is_valid():
        made = {"provider": provider, "now": timezone.now(), "by": request.user}
        if form.try_to(boosts.boost, **form.values(), **made):
            messages.success(request, _("Boost bought. It counts on its days."))
            return redirect("settlements:credit_list", provider.pk)
    back = reverse("settlements:credit_list", args=[provider.pk])
    context = {"title": _("New boost"), "provider": provider, "form": form, "back": back,
               "left": credits.balance(provider)}  # fmt: skip
    return render(request, "settlements/credit_boost.html", context, status=422 if form.errors else 200)
