"""Redemptions made without connection, sent when it is back: the first to arrive is kept, the others are disputes."""

from datetime import datetime
from typing import Any

from coupons import disputes, redeeming
from coupons.models import Dispute, Redemption
from coupons.redeeming import RedeemError
from mallops import pipeline


def redeem_late(
    *,
    mall_id: int,
    code: str,
    store_id: int,
    order_fen: int,
    request_id: str,
    source: str,
    redeemed_at: datetime,
    now: datetime,
    by: Any = None,
    payment_id: int | None = None,
) -> Redemption | Dispute:
    """Redeem a coupon that a store took at `redeemed_at` (its clock, UTC), or keep the dispute.

    The same request id again gets the same answer. Raises RedeemError where there is nothing to settle: for a code
    that is no coupon's, and a request id used for something else.
    """
    if dispute := known(mall_id, request_id, code):
        return dispute
    try:
        if redeemed_at < now - disputes.LATE_AT_MOST and not is_recorded(mall_id, request_id, code, store_id):
            raise RedeemError("too_late")
        return pipeline.redeem(
            mall_id=mall_id, code=code, store_id=store_id, order_fen=order_fen, request_id=request_id, source=source,
            now=redeemed_at, by=by, payment_id=payment_id,
        )  # fmt: skip
    except RedeemError as error:
        if error.code not in disputes.REASONS:
            raise
        return disputes.note(
            coupon=redeeming.find(mall_id, code), store_id=store_id, order_fen=order_fen, request_id=request_id,
            reason=error.code, redeemed_at=redeemed_at, now=now, by=by,
        )  # fmt: skip


def known(mall_id: int, request_id: str, code: str) -> Dispute | None:
    """The dispute that this request made earlier. Raises RedeemError if that was about another coupon."""
    dispute = disputes.by_request(mall_id, request_id)
    if dispute and dispute.coupon.code != redeeming.plain(mall_id, code):
        raise RedeemError("request_reused")
    return dispute


def is_recorded(mall_id: int, request_id: str, code: str, store_id: int) -> bool:
    plain = redeeming.plain(mall_id, code)
    return redeeming.redeemed_by_request(mall_id, request_id, plain, store_id) is not None
