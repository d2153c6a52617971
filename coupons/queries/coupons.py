"""Finding coupons, and the life of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from coupons.codes import normalise
from coupons.models import Coupon, CouponClosure, Redemption, Reversal, Stock
from merchants.models import Mall
from payments.models import Channel, Payment

from .rules import SHOWN_AT_MOST


def coupon_rows(mall: Mall, *, search: str = "", state: str = "", stock: Stock | None = None) -> QuerySet[Coupon]:
    """The newest coupons of a mall; `search` is a code as typed or the transaction id of a payment."""
    coupons = Coupon.objects.for_mall(mall)
    if search:
        # Naming every channel lets the unique index of payments answer.
        paid = Payment.objects.for_mall(mall).filter(channel__in=Channel.values, transaction_id=search.strip())
        coupons = coupons.filter(Q(code=normalise(search)) | Q(payment__in=list(paid.values_list("pk", flat=True))))
    if state:
        coupons = coupons.filter(state=state)
    if stock:
        coupons = coupons.filter(stock=stock)
    return coupons.select_related("stock", "rule", "store").order_by("-pk")[:SHOWN_AT_MOST]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a coupon: `kind` is issued, redeemed, reversed, expired or revoked."""

    kind: str
    at: datetime
    row: Any


def coupon_life(coupon: Coupon) -> list[Event]:
    """All that happened to a coupon, in order."""
    return sorted(_events(coupon), key=lambda event: event.at)


def _events(coupon: Coupon) -> Iterator[Event]:
    yield Event("issued", coupon.issued_at, coupon)
    mall = coupon.mall_id
    for redemption in Redemption.objects.for_mall(mall).filter(coupon=coupon).select_related("store", "by"):
        yield Event("redeemed", redemption.redeemed_at, redemption)
    for reversal in Reversal.objects.for_mall(mall).filter(redemption__coupon=coupon).select_related("by"):
        yield Event("reversed", reversal.reversed_at, reversal)
    for closure in CouponClosure.objects.for_mall(mall).filter(coupon=coupon):
        yield Event(closure.kind, closure.closed_at, closure)
