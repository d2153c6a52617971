"""Telling shoppers of their coupons: a task row beside the coupons, sent after the commit.

The sender of this installation writes to the log; senders to the outside take its place in SENDERS.
"""

import logging
from collections.abc import Callable, Sequence

from .codes import masked
from .issuing import Issued
from .models import Coupon

logger = logging.getLogger("mallops.notices")


def enqueue_receipts(mall_id: int, issued: Sequence[Issued]) -> None:
    """Have the receipt of these coupons announced once the transaction is committed."""
    from .tasks import send_receipts

    if issued:
        send_receipts.enqueue(mall_id, [coupon.id for coupon in issued])


def to_log(coupon: Coupon) -> None:
    logger.info("coupon %s of stock %s for shopper #%s", masked(coupon.code), coupon.stock.code, coupon.shopper_id)


SENDERS: tuple[Callable[[Coupon], None], ...] = (to_log,)


def send(mall_id: int, coupon_ids: Sequence[int]) -> int:
    """Announce coupons through each sender; returns how many."""
    coupons = Coupon.objects.for_mall(mall_id).filter(pk__in=coupon_ids).select_related("stock")
    for coupon in coupons:
        for sender in SENDERS:
            sender(coupon)
    return len(coupons)
