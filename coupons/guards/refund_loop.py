"""Buy, collect, refund: payments that earned coupons and were given back afterwards.

Looks for shoppers with GUARD_REFUNDED_PAYMENTS (3) payments in 30 days that had earned a coupon when at least half of
the amount was refunded. Payments count, not coupons, so that one return after a pack of coupons is no loop.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.models.coupon import CouponState
from coupons.models.guard import Guard
from merchants.models import Mall
from payments.models import Refund

from .findings import Finding, with_enough

GUARD = Guard.REFUND_LOOP
WINDOW = timedelta(days=30)


def find(mall: Mall, now: datetime) -> list[Finding]:
    enough = settings.GUARD_REFUNDED_PAYMENTS
    rows = list(_refunded(mall, now - WINDOW))
    loops = with_enough(((shopper, payment) for shopper, payment, _coupon, _state in rows), enough)
    used = with_enough(((s, coupon) for s, _payment, coupon, state in rows if state == CouponState.REDEEMED), 1)
    return [
        Finding(GUARD, shopper, {"what": "payments", "ids": ids, "used": len(used.get(shopper, ()))}, enough)
        for shopper, ids in loops.items()
    ]


def _refunded(mall: Mall, since: datetime):
    """Shopper, payment, coupon and its state: of payments refunded after they had earned the coupon."""
    refunds = Refund.objects.for_mall(mall).filter(store__in=mall.stores.values("pk"), refunded_at__gt=since)
    loops = refunds.filter(
        payment__refunded_fen__gte=F("payment__amount_fen") / 2, payment__coupons__issued_at__lt=F("refunded_at")
    )
    columns = ("payment__coupons__shopper", "payment", "payment__coupons", "payment__coupons__state")
    return loops.values_list(*columns).distinct()


def sentence(evidence: dict[str, Any]) -> str:
    number = len(evidence["ids"])
    loops = ngettext(
        "%(number)s payment that earned coupons was refunded afterwards, within 30 days",
        "%(number)s payments that earned coupons were refunded afterwards, within 30 days", number,
    ) % {"number": number}  # fmt: skip
    if not evidence["used"]:
        return _("%(sentence)s.") % {"sentence": loops}
    used = ngettext(
        "%(number)s of the coupons was used", "%(number)s of the coupons were used", evidence["used"]
    ) % {"number": evidence["used"]}  # fmt: skip
    return _("%(loops)s; %(used)s.") % {"loops": loops, "used": used}
