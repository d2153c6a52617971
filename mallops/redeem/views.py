"""The counter: a code and an order, a check, a confirmation. Phone first, and without script.

`static/ui/redeem.js` adds the camera, and goes on without connection (`offline.py`).
"""

from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from coupons import redeeming
from coupons.codes import shown
from coupons.queries.redemptions import redemption_rows
from coupons.redeeming import RedeemError
from coupons.sentences import stock_sentence
from coupons.sentences.refusals import refusal
from mallops import pipeline
from merchants.choices import Action
from merchants.models import Merchant, Store
from merchants.queries import directory as directories
from merchants.views.base import open_merchant

from . import throttle
from .forms import ConfirmForm, RedeemForm
from .offline import counter_data

LAST = 20


@login_required
@require_GET
def store_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """The merchant's stores; straight on where there is one."""
    merchant = open_merchant(request, pk, Action.REDEEM)
    stores = list(open_stores(merchant).order_by("code"))
    if len(stores) == 1:
        return redirect(redeem_url(merchant, stores[0]))
    context = {"title": _("Redeem at which store?"), "merchant": merchant, "stores": stores}
    return render(request, "redeem/store_choose.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def store_redeem(request: HttpRequest, pk: int, store: str) -> HttpResponse:
    """Enter and check (step one), confirm (step two, which sends a request id)."""
    merchant = open_merchant(request, pk, Action.REDEEM)
    at = get_object_or_404(open_stores(merchant), code=store)
    if request.method == "GET":
        return counter(request, merchant, at, RedeemForm())
    form = (ConfirmForm if "request_id" in request.POST else RedeemForm)(request.POST)
    if not form.is_valid():
        return counter(request, merchant, at, RedeemForm(request.POST))
    who = f"user:{request.user.pk}"
    if throttle.is_over(who, at.pk):
        return refuse(request, merchant, at, None, _("Too many wrong codes. Wait ten minutes."), status=429)
    try:
        if isinstance(form, ConfirmForm):
            return confirm(request, merchant, at, form)
        return check(request, merchant, at, form)
    except RedeemError as error:
        if error.code in throttle.WRONG:
            throttle.note_wrong(who, at.pk, error.code)
        field = "order_fen" if error.code == "below_minimum" else "code"
        return refuse(request, merchant, at, field, refusal(error, merchant.mall, merchant))


def refuse(
    request: HttpRequest, merchant: Merchant, store: Store, field: str | None, said: str, *, status: int = 422
) -> HttpResponse:
    """The first step again, saying what is wrong beside the field or above all."""
    form = RedeemForm(request.POST)
    form.is_valid()
    form.add_error(field, said)
    return counter(request, merchant, store, form, status=status)


def check(request: HttpRequest, merchant: Merchant, store: Store, form: RedeemForm) -> HttpResponse:
    """What the coupon takes off, and the form that confirms it. Raises RedeemError."""
    order_fen = form.cleaned_data["order_fen"]
    quote = redeeming.check(
        directory=directories.current(merchant.mall_id), code=form.cleaned_data["code"], store_id=store.pk,
        order_fen=order_fen, now=timezone.now(),
    )  # fmt: skip
    initial = {"code": form.cleaned_data["code"], "order_fen": order_fen, "request_id": uuid4()}
    context = {
        "title": _("Redeem this coupon?"),
        "merchant": merchant,
        "store": store,
        "form": ConfirmForm(initial=initial),
        "quote": quote,
        "code": shown(quote.coupon.code),
        "worth": stock_sentence(quote.stock, merchant.mall.currency),
        "order_fen": order_fen,
        "left_fen": order_fen - quote.discount_fen,
        "offline": counter_data(merchant, store),
    }
    return render(request, "redeem/check.html", context)


def confirm(request: HttpRequest, merchant: Merchant, store: Store, form: ConfirmForm) -> HttpResponse:
    """Redeem and show the result; the same request id again shows the same. Raises RedeemError."""
    redemption = pipeline.redeem(
        mall_id=merchant.mall_id, code=form.cleaned_data["code"], store_id=store.pk,
        order_fen=form.cleaned_data["order_fen"], request_id=f"page-{form.cleaned_data['request_id']}",
        source="page", now=timezone.now(), by=request.user,
    )  # fmt: skip
    return redirect("redeem:redemption_detail", merchant.pk, redemption.pk)


def counter(
    request: HttpRequest, merchant: Merchant, store: Store, form: RedeemForm, *, status: int = 422
) -> HttpResponse:
    """The page with the code field and the last redemptions of the store."""
    context = {
        "title": _("Redeem"),
        "merchant": merchant,
        "store": store,
        "form": form,
        "last": redemption_rows(merchant, store=store)[:LAST],
        "offline": counter_data(merchant, store),
    }
    response = render(request, "redeem/counter.html", context, status=status if form.errors else 200)
    response["Permissions-Policy"] = "camera=(self)"
    return response


def open_stores(merchant: Merchant):
    """The merchant's stores that are open today."""
    today = merchant.mall.today()
    return merchant.stores.filter(Q(closed_on=None) | Q(closed_on__gt=today))


def redeem_url(merchant: Merchant, store: Store) -> str:
    return reverse("redeem:store_redeem", args=[merchant.pk, store.code])
