"""Staff redeeming for themselves: one member of staff and one shopper meet too often at the counter.

Looks for members of a merchant's staff who at its stores, within 30 days, redeemed GUARD_STAFF_REDEMPTIONS (8)
coupons of one shopper, or QUICK coupons of one shopper within two minutes of their issue at that very store. A
regular guest of a shop with one cashier looks the same, which is why a person has the last word.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.models import Redemption
from coupons.models.guard import Guard
from merchants.models import Mall, User

from .findings import Finding, with_enough

GUARD = Guard.STAFF_SELF
WINDOW = timedelta(days=30)
AT_ONCE = timedelta(minutes=2)
QUICK = 2


def find(mall: Mall, now: datetime) -> list[Finding]:
    own = _at_own_store(mall, now - WINDOW)
    at_once = own.filter(coupon__store=F("store"), redeemed_at__lte=F("coupon__issued_at") + AT_ONCE)
    return [*_found(at_once, QUICK, quick=True), *_found(own, settings.GUARD_STAFF_REDEMPTIONS, quick=False)]


def _found(redemptions: QuerySet[Redemption], enough: int, *, quick: bool) -> list[Finding]:
    pairs = _pairs(redemptions, enough)
    staff = User.objects.in_bulk({by for by, _shopper in pairs})
    said = {pk: user.get_full_name() or user.username for pk, user in staff.items()}
    return [
        Finding(GUARD, shopper, {"what": "redemptions", "ids": ids, "staff": said[by], "quick": quick}, enough)
        for (by, shopper), ids in pairs.items()
    ]


def _at_own_store(mall: Mall, since: datetime) -> QuerySet[Redemption]:
    """Redemptions that stand, by staff of the store's own merchant."""
    return Redemption.objects.for_mall(mall).filter(
        store__in=mall.stores.values("pk"), redeemed_at__gt=since, reversals=None,
        by__memberships__merchant=F("store__merchant"),
    )  # fmt: skip


def _pairs(redemptions: QuerySet[Redemption], enough: int) -> dict[tuple[int, int], list[int]]:
    """Redemptions of each member of staff and shopper who meet often enough; the database leaves out the others."""
    often = (
        redemptions.order_by().values("by", "coupon__shopper").annotate(number=Count("pk")).filter(number__gte=enough)
    )
    pairs = set(often.values_list("by", "coupon__shopper"))
    rows = redemptions.filter(by__in={by for by, _ in pairs}, coupon__shopper__in={shopper for _, shopper in pairs})
    columns = rows.values_list("by", "coupon__shopper", "pk")
    return with_enough((((by, shopper), pk) for by, shopper, pk in columns if (by, shopper) in pairs), enough)


def sentence(evidence: dict[str, Any]) -> str:
    number = len(evidence["ids"])
    values = {"number": number, "staff": evidence["staff"]}
    if evidence["quick"]:
        quick = _("%(staff)s redeemed %(number)s coupons of the shopper at their store within two minutes of issue.")
        return quick % values
    return ngettext(
        "%(staff)s redeemed %(number)s coupon of the shopper at the own store within 30 days.",
        "%(staff)s redeemed %(number)s coupons of the shopper at the own store within 30 days.", number,
    ) % values  # fmt: skip
