"""Finding what a person asks about: a payment, a claim or a shopper, by what is typed into one box."""

import re
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from coupons.codes import is_well_formed, normalise
from coupons.models import Claim, Coupon, Decision
from coupons.models.coupon import Outcome
from mallops.lib import dates
from merchants.models import Mall
from payments.models import Channel, Payment

from .shoppers import shopper_named

TAIL = re.compile(r"[.…•\s]*([2-9A-Z]{4})\s+(\d{4}-\d{2}-\d{2})", re.IGNORECASE)


class Hit(NamedTuple):
    """Something that fits what was typed: `kind` is payment, claim or shopper, `row` the model."""

    kind: str
    row: Any


def search(mall: Mall, text: str) -> list[Hit]:
    """What fits a transaction id, a coupon code (whole, or its last four and the day of issue: ``X7K9 2026-11-21``), a
    request id of a claim, a shopper's number or channel identity. A coupon leads to what earned it."""
    text = text.strip()
    paid = Payment.objects.for_mall(mall).filter(channel__in=Channel.values, transaction_id=text)
    hits = [Hit("payment", row) for row in paid.select_related("store")]
    hits += [cause(coupon) for coupon in coupons_named(mall, text)]
    claims = Claim.objects.for_mall(mall).filter(request_id=text).select_related("store")
    hits += [Hit("claim", row) for row in claims]
    shopper = shopper_named(mall, text)
    if shopper:
        hits.append(Hit("shopper", shopper))
    return list(dict.fromkeys(hits))


def coupons_named(mall: Mall, text: str) -> QuerySet[Coupon]:
    coupons = Coupon.objects.for_mall(mall).select_related("payment__store", "claim__store")
    if is_well_formed(code := normalise(text)):
        return coupons.filter(code=code)
    tail = TAIL.fullmatch(text)
    day = tail and _day(tail[2])
    return _ending(mall, coupons, tail[1].upper(), day) if day else coupons.none()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ending(mall: Mall, coupons: QuerySet[Coupon], tail: str, day: date) -> QuerySet[Coupon]:
    """Coupons of a day by the end of their code, found through the awards of that day, which have an index."""
    awards = Decision.objects.for_mall(mall).filter(
        rule__in=mall.rules.values("pk"), outcome=Outcome.AWARDED,
        decided_at__gte=dates.day_start(day, mall.time_zone), decided_at__lt=dates.day_end(day, mall.time_zone),
    )  # fmt: skip
    found = []
    for cause in ("payment", "claim"):  # one by one: each has its index
        awarded = awards.filter(**{f"{cause}__isnull": False}).values(cause)
        earned = Coupon.objects.for_mall(mall).filter(code__endswith=tail, **{f"{cause}__in": awarded})
        found += earned.values_list("pk", flat=True)
    return coupons.filter(pk__in=found)


def cause(coupon: Coupon) -> Hit:
    """What earned a coupon."""
    return Hit("payment", coupon.payment) if coupon.payment_id else Hit("claim", coupon.claim)
