"""Many accounts of one person: shoppers who were all seen on one device or payer's account.

Looks for devices on which GUARD_DEVICE_SHOPPERS (5) shoppers were first seen within 30 days. A tablet that the mall
lends out looks the same: overrule its shoppers once, and it takes five new ones to raise them again.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils.translation import ngettext

from coupons.models.guard import Guard
from merchants.models import Mall
from payments.models import ShopperDevice

from .findings import Finding, with_enough

GUARD = Guard.SHARED_DEVICE
WINDOW = timedelta(days=30)


def find(mall: Mall, now: datetime) -> list[Finding]:
    """One finding for each shopper of a crowded device."""
    enough = settings.GUARD_DEVICE_SHOPPERS
    seen = ShopperDevice.objects.for_mall(mall).filter(first_seen_at__gt=now - WINDOW).order_by()
    crowded = seen.values("digest").annotate(number=Count("pk")).filter(number__gte=enough)
    rows = seen.filter(digest__in=list(crowded.values_list("digest", flat=True))).values_list("digest", "shopper")
    return [
        Finding(GUARD, shopper, {"what": "shoppers", "ids": shoppers}, enough)
        for shoppers in with_enough(rows, enough).values()
        for shopper in shoppers
    ]


def sentence(evidence: dict[str, Any]) -> str:
    number = len(evidence["ids"])
    return ngettext(
        "%(number)s shopper was first seen on one device within 30 days.",
        "%(number)s shoppers were first seen on one device within 30 days.", number,
    ) % {"number": number}  # fmt: skip
