"""Redemptions that a store made without connection and that could not be kept when they arrived.

The first to reach us is kept; every later one becomes a row for a person to settle, with what was refused and why.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from mallops.lib.sql import insert_new
from merchants.models import User
from merchants.services import audit

from .models import Coupon, Dispute

LATE_AT_MOST = timedelta(hours=72)  # between a use and its arrival here
AHEAD_AT_MOST = timedelta(minutes=5)  # of the store's clock before ours
# Refusals that a person has to look at: the coupon is known, and the store has granted its worth already.
REASONS = frozenset(
    {"already_redeemed", "revoked", "expired", "not_yet_valid", "store_not_usable", "below_minimum", "too_late"}
)
COLUMNS = (
    "mall_id", "coupon_id", "store_id", "order_fen", "request_id", "reason", "redeemed_at", "received_at", "by_id",
    "state", "note",
)  # fmt: skip


def note(
    *,
    coupon: Coupon,
    store_id: int,
    order_fen: int,
    request_id: str,
    reason: str,
    redeemed_at: datetime,
    now: datetime,
    by: Any = None,
) -> Dispute:
    """Keep a redemption that was refused for one of REASONS; the same request id again gets the first row."""
    row = (
        coupon.mall_id, coupon.pk, store_id, order_fen, request_id, reason, redeemed_at, now, getattr(by, "pk", None),
        Dispute.State.OPEN.value, "",
    )  # fmt: skip
    insert_new(Dispute, COLUMNS, [row], conflict=("mall_id", "request_id"))
    return by_request(coupon.mall_id, request_id)


def by_request(mall_id: int, request_id: str) -> Dispute | None:
    disputes = Dispute.objects.for_mall(mall_id).filter(request_id=request_id)
    return disputes.select_related("coupon").first()


def settle(*, dispute: Dispute, note: str, by: User, now: datetime) -> bool:
    """Close a dispute with what was agreed. False if it was settled before."""
    with transaction.atomic():
        open_one = Dispute.objects.for_mall(dispute.mall_id).filter(pk=dispute.pk, state=Dispute.State.OPEN)
        settled = open_one.update(state=Dispute.State.SETTLED, note=note, settled_by=by, settled_at=now)
        if settled:
            changes = {"state": ["open", "settled"], "note": ["", note]}
            audit.record(actor=by, mall=dispute.mall, action="dispute_settled", obj=dispute, changes=changes)
    return bool(settled)
