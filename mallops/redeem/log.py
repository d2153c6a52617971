"""What was redeemed at a merchant's stores: the log, one redemption, undoing it."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons.models import Redemption
from coupons.queries.redemptions import redemption_rows, totals
from coupons.queries.rules import SHOWN_AT_MOST
from coupons.redeeming import RedeemError
from coupons.sentences import stock_sentence
from coupons.sentences.refusals import refusal
from coupons.views.states import at, tail
from mallops import pipeline
from mallops.lib.format import money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants import access
from merchants.choices import Action
from merchants.models import Merchant
from merchants.views.base import open_merchant

from .forms import RedemptionFilter, UndoForm


@login_required
@require_GET
def redemption_list(request: HttpRequest, pk: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.REDEEM)
    form = RedemptionFilter(request.GET, merchant=merchant)
    chosen = form.values()
    rows = redemption_rows(merchant, **chosen)
    context = {
        "title": _("Redemptions"),
        "merchant": merchant,
        "form": form,
        "table": redemption_table(request, merchant, rows[:SHOWN_AT_MOST]),
        "totals": totals(rows) if "day" in chosen else None,  # of a day only: all would grow with the years
    }
    return render_part(request, "redeem/redemption_list.html", context, part="board")


def redemption_table(request: HttpRequest, merchant: Merchant, rows) -> Table:
    mall = merchant.mall

    def yuan(fen: int) -> str:
        return money(fen, mall.currency)

    def detail(row: Redemption) -> str:
        return reverse("redeem:redemption_detail", args=[merchant.pk, row.pk])

    columns = [
        Column("redeemed_at", _("When"), kind="moment", format=at(mall), url=detail),
        Column("coupon.stock.name", _("Coupon"), sub=lambda row: tail(row.coupon.code)),
        Column("store.name", _("Store"), hide_on_phone=True),
        Column("order_fen", _("Order"), align="end", format=yuan, hide_on_phone=True),
        Column("discount_fen", _("Discount"), align="end", format=yuan, sub=undone_word),
        Column("state", _("State"), kind="state", value=redemption_state, export=False, hide_on_phone=True),
        Column("by", _("By"), value=said_by, hide_on_phone=True),
    ]
    empty = Empty(_("Nothing was redeemed"), _("Choose another day or store."), icon="receipt")
    return Table(columns, rows, request.GET, label=_("Redemptions"), target="board", empty=empty)


def undone_word(redemption: Redemption) -> str:
    return _("undone") if redemption.is_undone else ""


def redemption_state(redemption: Redemption) -> tuple[str, str]:
    return (_("Undone"), "off") if redemption.is_undone else (_("Redeemed"), "good")


def said_by(redemption: Redemption) -> str:
    """Who redeemed: a person, or the system that called the API."""
    by = redemption.by
    return by.get_full_name() or by.username if by else redemption.source


@login_required
@require_GET
def redemption_detail(request: HttpRequest, pk: int, redemption: int) -> HttpResponse:
    merchant, found = open_redemption(request, pk, redemption)
    return detail(request, merchant, found, UndoForm(initial={"request_id": uuid4()}))


@login_required
@require_POST
def redemption_undo(request: HttpRequest, pk: int, redemption: int) -> HttpResponse:
    """Undo a redemption: those at the counter on its own day only, who edits the mall's rules on any."""
    merchant, found = open_redemption(request, pk, redemption)
    if not may_undo(request.user, merchant, found):
        raise PermissionDenied
    form = UndoForm(request.POST)
    if not form.is_valid():
        return detail(request, merchant, found, form)
    try:
        pipeline.reverse(
            mall_id=merchant.mall_id, redemption_id=found.pk, request_id=f"page-{form.cleaned_data['request_id']}",
            reason=form.cleaned_data["reason"], source="page", now=timezone.now(), by=request.user,
        )  # fmt: skip
        messages.success(request, _("Undone. The coupon can be used again."))
    except RedeemError as error:
        messages.error(request, refusal(error, merchant.mall, merchant))
    return redirect("redeem:redemption_detail", merchant.pk, found.pk)


def detail(request: HttpRequest, merchant: Merchant, redemption: Redemption, form: UndoForm) -> HttpResponse:
    context = {
        "title": _("Redemption"),
        "merchant": merchant,
        "redemption": redemption,
        "code": tail(redemption.coupon.code),
        "worth": stock_sentence(redemption.coupon.stock, merchant.mall.currency),
        "left_fen": redemption.order_fen - redemption.discount_fen,
        "by": said_by(redemption),
        "form": form if not redemption.is_undone and may_undo(request.user, merchant, redemption) else None,
    }
    return render(request, "redeem/redemption_detail.html", context, status=422 if form.errors else 200)


def open_redemption(request: HttpRequest, pk: int, redemption: int) -> tuple[Merchant, Redemption]:
    merchant = open_merchant(request, pk, Action.REDEEM)
    return merchant, get_object_or_404(redemption_rows(merchant), pk=redemption)


def may_undo(user, merchant: Merchant, redemption: Redemption) -> bool:
    today = merchant.mall.today()
    return redemption.day == today or access.may(user, Action.EDIT_RULES, merchant.mall)
