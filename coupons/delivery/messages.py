"""What is told of a coupon, as the JSON of a webhook and as a mail."""

from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from mallops.lib.dates import clock
from merchants.models import Mall

from .. import offline
from ..links import coupon_url
from ..models import Coupon, Notice, Stock
from ..sentences import stock_sentence

RECEIVED, EXPIRING, TEST = "coupon.received", "coupon.expiring", "test"


def payload(notice: Notice) -> dict[str, Any]:
    """The JSON for a webhook: amounts in fen, rates in basis points, moments with the mall's offset.

    `cause` holds the numbers the receiver itself sent in, by which it knows the shopper.
    """
    coupon, mall = notice.coupon, notice.coupon.stock.mall
    local = clock(mall.time_zone).zone
    return {
        "type": EXPIRING if notice.hours_before else RECEIVED,
        "timestamp": moment_of(notice).astimezone(local).isoformat(),
        "data": {
            "mall": mall.slug,
            "coupon": {"id": coupon.pk, "code": coupon.code, "qr": offline.seal(coupon), "page": coupon_url(coupon)},
            "stock": stock_part(coupon.stock),
            "valid_from": coupon.valid_from.astimezone(local).isoformat(),
            "expires_at": coupon.expires_at.astimezone(local).isoformat(),
            "hours_before": notice.hours_before or None,
            "cause": cause(coupon),
        },
    }


def moment_of(notice: Notice) -> datetime:
    """When that happened which is told: the same at every attempt."""
    if notice.hours_before:
        return notice.coupon.expires_at - timedelta(hours=notice.hours_before)
    return notice.coupon.issued_at


def stock_part(stock: Stock) -> dict[str, Any]:
    return {
        "id": stock.pk,
        "code": stock.code,
        "name": {"zh": stock.name_zh, "en": stock.name_en},
        "kind": stock.kind,
        "value_fen": stock.value_fen,
        "percent_bp": stock.percent_bp,
        "ceiling_fen": stock.ceiling_fen,
        "exchange_price_fen": stock.exchange_price_fen,
        "min_spend_fen": stock.min_spend_fen,
    }


def cause(coupon: Coupon) -> dict[str, str]:
    if coupon.payment:
        return {"channel": coupon.payment.channel, "transaction_id": coupon.payment.transaction_id}
    return {"claim": coupon.claim.kind, "request_id": coupon.claim.request_id}


def trial(mall: Mall) -> dict[str, Any]:
    """The message of the test button."""
    return {"type": TEST, "data": {"mall": mall.slug}}


def mail(notice: Notice, language: str) -> tuple[str, str]:
    """Subject and text of a mail in a language."""
    coupon, mall = notice.coupon, notice.coupon.stock.mall
    with translation.override(language):
        worth = stock_sentence(coupon.stock, mall.currency)
        context = {"notice": notice, "coupon": coupon, "mall": mall, "worth": worth, "page": coupon_url(coupon)}
        subject = " ".join(render_to_string("coupons/notice_subject.txt", context).split())
        return subject, render_to_string("coupons/notice_message.txt", context)
