"""The counter without connection: what its page needs to go on, and what it sends when the connection is back."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coupons import offline, rulebooks
from coupons.models import Dispute, Stock
from coupons.redeeming import RedeemError, least_order
from coupons.sentences.refusals import refusal, refusals
from merchants.choices import Action
from merchants.models import Merchant, Store
from merchants.queries import directory as directories
from merchants.views.base import open_merchant

from . import throttle
from .forms import LateForm
from .late import redeem_late


@dataclass(frozen=True, slots=True)
class CounterData:
    """Attributes of the page: the key signatures are checked with, the terms of the stocks the store takes, the
    server's clock (milliseconds since 1970)."""

    mall: int
    key: str
    stocks: str
    currency: str
    send_to: str
    now: int


def counter_data(merchant: Merchant, store: Store) -> CounterData:
    book = rulebooks.current(directories.current(merchant.mall_id))
    usable = [stock for stock in book.stocks.values() if store.pk in book.specs[stock.pk].usable]
    return CounterData(
        mall=merchant.mall_id,
        key=json.dumps(offline.public_jwk()),
        stocks=json.dumps({stock.code: terms(stock) for stock in usable}, ensure_ascii=False),
        currency=merchant.mall.currency,
        send_to=reverse("redeem:store_late", args=[merchant.pk, store.code]),
        now=int(timezone.now().timestamp() * 1000),
    )


def terms(stock: Stock) -> dict[str, Any]:
    """What the discount follows from (`coupons.redeeming.discount`); fen and basis points."""
    return {
        "name": stock.name,
        "least": least_order(stock),
        "most": stock.cost_fen,
        "percent": stock.percent_bp if stock.kind == "percent_off" else None,
    }


@login_required
@require_POST
def store_late(request: HttpRequest, pk: int, store: str) -> JsonResponse:
    """One redemption that was made without connection. Answers 200 or 422 when it is dealt with for good: `state` is
    redeemed, disputed or refused, `said` a sentence for the last two. Anything else: send it again later."""
    merchant = open_merchant(request, pk, Action.REDEEM)
    at = get_object_or_404(merchant.stores, code=store)
    who, form = f"user:{request.user.pk}", LateForm(request.POST)
    if not form.is_valid():
        return refused(" ".join(message for errors in form.errors.values() for message in errors))
    if throttle.is_over(who, at.pk):
        return JsonResponse({"state": "wait", "said": _("Too many wrong codes. Wait ten minutes.")}, status=429)
    chosen = form.cleaned_data | {"request_id": f"page-{form.cleaned_data['request_id']}"}
    try:
        made = redeem_late(
            mall_id=merchant.mall_id, store_id=at.pk, source="page:late", now=timezone.now(), by=request.user, **chosen
        )
    except RedeemError as error:
        if error.code in throttle.WRONG:
            throttle.note_wrong(who, at.pk, error.code)
        return refused(refusal(error, merchant.mall, merchant))
    if isinstance(made, Dispute):
        return JsonResponse({"state": "disputed", "said": refusals()[made.reason]})
    return JsonResponse({"state": "redeemed", "said": ""})


def refused(said: str) -> JsonResponse:
    return JsonResponse({"state": "refused", "said": said}, status=422)
