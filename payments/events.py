"""The plain values every door translates its format into, and what the pipeline answers for each.

Amounts are fen above zero, moments aware UTC, `shopper` a digest made by `payments.shoppers.digest` or None.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class PaymentEvent(NamedTuple):
    store_id: int
    channel: str
    transaction_id: str
    amount_fen: int
    paid_at: datetime
    shopper: str | None = None


class RefundEvent(NamedTuple):
    """A refund of (part of) the payment with this channel and transaction id."""

    channel: str
    transaction_id: str
    refund_id: str
    amount_fen: int
    refunded_at: datetime


class Status:
    """What became of an event. A known one was recorded by an earlier delivery with the same content."""

    CREATED = "created"
    KNOWN = "known"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(slots=True)
class Receipt:
    """The answer for one event, in the order of the events.

    `id` is the ledger row's, of this or the earlier delivery. `reason` is empty or a code of `REASONS`.
    `coupons` are those awarded for a payment, now or at its first delivery. `earlier` is whether its day lies before
    the one on record as the first of its shopper.
    """

    status: str
    id: int | None = None
    reason: str = ""
    coupons: tuple = ()
    earlier: bool = False


class Reason:
    """Why the ledger did not take an event."""

    OTHER_AMOUNT = "other_amount"  # conflict: the id is known with another amount
    OTHER_STORE = "other_store"  # conflict: the id is known at another store
    OTHER_PAYMENT = "other_payment"  # conflict: the refund id is known for another payment
    UNKNOWN_PAYMENT = "unknown_payment"
    ABOVE_PAYMENT = "above_payment"  # the refunds of a payment would exceed it
    BEFORE_PAYMENT = "before_payment"
    STORE_OUT_OF_REACH = "store_out_of_reach"  # the credential does not reach the payment's store
