"""Finding coupons, and the life of one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from coupons.codes import masked, shown
from coupons.filters import CouponFilter
from coupons.models import Coupon
from coupons.queries import coupons as queries
from coupons.sentences import stock_sentence
from mallops.lib.format import NONE
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.views.base import open_mall

from .causes import cause_url
from .states import at, coupon_state, tail


def shopper_tag(shopper_id: int | None) -> str:
    """Shoppers are known by number only."""
    return f"#{shopper_id}" if shopper_id else NONE


@login_required
@require_GET
def coupon_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    form = CouponFilter(request.GET, mall=opened)

    def detail(coupon: Coupon) -> str:
        return reverse("coupons:coupon_detail", args=[opened.slug, coupon.pk])

    columns = [
        Column("code", _("Code"), kind="mono", format=tail, url=detail, export=False),
        Column("stock.name", _("Stock")),
        Column("state", _("State"), kind="state", value=coupon_state, export=False),
        Column("rule.name", _("Rule"), hide_on_phone=True),
        Column("store.name", pgettext("which store", "Given at"), hide_on_phone=True),
        Column("shopper", _("Shopper"), value=lambda coupon: shopper_tag(coupon.shopper_id), hide_on_phone=True),
        Column("issued_at", pgettext("when", "Issued"), kind="moment", format=at(opened), hide_on_phone=True),
        Column("expires_at", _("Expires"), kind="moment", format=at(opened), hide_on_phone=True),
    ]
    rows = queries.coupon_rows(opened, **form.values())
    empty = Empty(_("No coupon found"), _("Enter the whole code, or the transaction id of the payment."), icon="search")
    table = Table(columns, rows, request.GET, label=_("Coupons"), target="board", empty=empty)
    context = {"title": _("Find a coupon"), "form": form, "table": table, "at_most": queries.SHOWN_AT_MOST}
    return render_part(request, "coupons/coupon_list.html", context, part="board")


@login_required
@require_GET
def coupon_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    related = ("stock__merchant", "rule", "rule_version", "store", "payment", "claim")
    coupon = get_object_or_404(Coupon.objects.for_mall(opened).select_related(*related), pk=pk)
    code = shown(coupon.code) if Action.EDIT_RULES in request.rights else masked(coupon.code)
    context = {
        "title": _("Coupon %(code)s") % {"code": code},
        "mall": opened,
        "coupon": coupon,
        "worth": stock_sentence(coupon.stock, opened.currency),
        "state": coupon_state(coupon),
        "shopper": shopper_tag(coupon.shopper_id),
        "explain_url": cause_url(opened, coupon.payment or coupon.claim),
        "life": queries.coupon_life(coupon),
    }
    return render(request, "coupons/coupon_detail.html", context)
