"""Telling shoppers of their coupons: a task row beside the coupons, sent after the commit.

The sender of this installation writes to the log; senders to the outside take its place in SENDERS.
"""

import logging
from collections.abc import Callable, Sequence

from mallops.lib.sql import Writes
from mallops.lib.tasks.backend import enqueue_with

from .codes import masked
from .issuing import Issued
from .models import Coupon

logger = logging.getLogger("mallops.notices")


def enqueue_receipts(mall_id: int, issued: Sequence[Issued], writes: Writes) -> None:
    """Have the receipt of these coupons announced once the transaction is committed."""
    from .tasks import send_receipts

    if issued:
        enqueue_with(writes, send_receipts, mall_id, sorted({coupon.payment_id for coupon in issued}))


def to_log(coupon: Coupon) -> None:
    logger.info("coupon %s of stock %s for shopper #%s", masked(coupon.code), coupon.stock.code, coupon.shopper_id)


SENDERS: tuple[Callable[[Coupon], None], ...] = (to_log,)


def send(mall_id: int, payment_ids: Sequence[int]) -> int:
    """Announce the coupons of some payments through each sender; returns how many."""
    coupons = Coupon.objects.for_mall(mall_id).filter(payment__in=payment_ids).select_related("stock")
    for coupon in coupons:
        for sender in SENDERS:
            sender(coupon)
    return len(coupons)
