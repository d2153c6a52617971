"""The one way of events into the books. Reading this module tells the whole story.

payments.ledger -> coupons -> settlements -> analytics.rollups, explicitly and in this order, in one transaction: what
is answered is durable and complete, or nothing of it is there. A batch of one is a live payment, of thousands an
import.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from analytics import rollups
from coupons import claiming, closing, handing, issuing, redeeming, refunding
from coupons.claiming import ClaimReceipt
from coupons.delivery import enqueue_receipts
from coupons.geo import Position
from coupons.issuing import Issued
from coupons.limits import LimitsContended
from coupons.models import ClaimCode, Coupon, HandOut, Redemption
from coupons.redeeming import Undone
from mallops.lib.sql import Writes
from merchants.queries import directory as directories
from merchants.queries.directory import Directory
from payments import devices, ledger, shoppers
from payments.events import PaymentEvent, Receipt, RefundEvent, Status
from payments.ledger import Recorded
from settlements import maturity, of_coupons
from settlements.books import BooksMoved

Result = TypeVar("Result")
ATTEMPTS = 6
PASSING = frozenset({"40P01", "40001", "23505"})


def record_payments(
    mall_id: int,
    events: Sequence[PaymentEvent],
    *,
    source: str,
    now: datetime,
    award: bool = True,
    directory: Directory | None = None,
) -> list[Receipt]:
    """Record payments of one mall and award coupons for the new ones; a receipt per event, in order.

    `now` is when they arrived: coupons are valid from then, and payments older than AWARD_WITHIN_HOURS award
    nothing. A payment known already is answered with what its first delivery made. A caller that has just read
    the mall's directory may hand it in.
    """

    def steps(writes: Writes, attempt: int) -> list[Receipt]:
        book = (directory if attempt == 1 else None) or directories.current(mall_id)
        receipts, recorded = ledger.record_payments(book, events, source=source, now=now)
        changes = rollups.Changes()
        changes.add_payments(recorded)
        if award:
            recent = [payment for payment in recorded if is_recent(payment, now)]
            issued = issuing.award(book, recent, writes, now=now, hold_limits=attempt > 1)
            of_coupons.issued(book, issued, writes, now=now)
            changes.add_issued(issued, *book.clock.day_hour(now))
            answer_coupons(mall_id, receipts, issued)
            enqueue_receipts(book, issued, writes)
        rollups.post(mall_id, changes, writes)
        return receipts

    return in_transaction(steps)


def is_recent(payment: Recorded, now: datetime) -> bool:
    return payment.event.paid_at >= now - timedelta(hours=settings.AWARD_WITHIN_HOURS)


def answer_coupons(mall_id: int, receipts: list[Receipt], issued: list[Issued]) -> None:
    """Put the coupons on the receipts: those just issued, and for payments known before those issued then."""
    coupons: dict[int, list[Issued]] = {}
    for coupon in issued:
        coupons.setdefault(coupon.payment_id, []).append(coupon)
    known = [receipt.id for receipt in receipts if receipt.status == Status.KNOWN]
    if known:
        earlier = Coupon.objects.for_mall(mall_id).filter(payment__in=known).order_by("id")
        for row in earlier.values_list(*Issued._fields):
            coupon = Issued(*row)
            coupons.setdefault(coupon.payment_id, []).append(coupon)
    for receipt in receipts:
        if receipt.id in coupons and receipt.status != Status.CONFLICT:
            receipt.coupons = tuple(coupons[receipt.id])


def claim(
    *,
    mall_id: int,
    rule_id: int,
    kind: str,
    shopper: str,
    request_id: str,
    now: datetime,
    code: ClaimCode | None = None,
    store_id: int | None = None,
    here: Position | None = None,
    device: str | None = None,
) -> ClaimReceipt:
    """A shopper (digest) asks for the coupons of one rule; the same request id again is answered with what the first
    made. `kind` is "qr" or "nearby", `device` a digest too. Raises coupons.claiming.ClaimError."""

    def steps(writes: Writes, attempt: int) -> ClaimReceipt:
        directory = directories.current(mall_id)
        shopper_id = shoppers.resolve(mall_id, {shopper}, now=now)[shopper]
        one = {"request_id": request_id, "rule_id": rule_id, "shopper_id": shopper_id}
        if earlier := claiming.known(mall_id, **one):
            return earlier
        asked = claiming.ask(directory, **one, kind=kind, code=code, store_id=store_id, here=here, now=now)
        if device:
            devices.note(mall_id=mall_id, shopper_id=shopper_id, device_digest=device, now=now)
        receipt, issued = claiming.take(directory, asked, writes, now=now, hold_limits=attempt > 1)
        post_claimed(directory, issued, writes, now)
        return receipt

    return in_transaction(steps)


def hand_out(hand_out_id: int, *, now: datetime) -> HandOut:
    """Hand a rule's coupons to the next block of shoppers, and keep in the row how far it is. Two at once wait for
    each other. Raises coupons.claiming.ClaimError if the rule is not live any more."""

    def steps(writes: Writes, attempt: int) -> HandOut:
        run = HandOut.objects.select_for_update(of=("self",)).get(pk=hand_out_id)
        directory = directories.current(run.mall_id)
        issued = handing.next_block(directory, run, writes, now=now, hold_limits=attempt > 1)
        post_claimed(directory, issued, writes, now)
        return run

    return in_transaction(steps)


def post_claimed(directory: Directory, issued: Sequence[Issued], writes: Writes, now: datetime) -> None:
    """Post and count coupons that no payment earned, and have their receipt announced."""
    of_coupons.issued(directory, issued, writes, now=now)
    changes = rollups.Changes()
    changes.add_issued(issued, *directory.clock.day_hour(now))
    enqueue_receipts(directory, issued, writes)
    rollups.post(directory.mall_id, changes, writes)


def record_refunds(
    mall_id: int,
    events: Sequence[RefundEvent],
    *,
    source: str,
    now: datetime,
    stores: frozenset[int] | None = None,
) -> list[Receipt]:
    """Record refunds of one mall and apply each rule's refund policy to the coupons concerned.

    With `stores`, payments of other stores are as good as unknown.
    """

    def steps(writes: Writes, attempt: int) -> list[Receipt]:
        directory = directories.current(mall_id)
        receipts, recorded = ledger.record_refunds(directory, events, source=source, now=now, stores=stores)
        consequences = refunding.apply(directory, recorded, source=source, now=now)
        of_coupons.closed(directory, consequences.revoked, writes, now=now)
        of_coupons.undone(directory, consequences.undone, writes, now=now)
        maturity.claw_back(directory, consequences.undone, now=now)
        changes = rollups.Changes()
        changes.add_refunds(recorded)
        changes.add_closed(consequences.revoked, "revoked", *directory.clock.day_hour(now))
        for undone in consequences.undone:
            changes.add_reversal(undone)
        rollups.post(mall_id, changes, writes)
        return receipts

    return in_transaction(steps)


def show(coupon: Coupon, *, now: datetime) -> bool:
    """Note that a shopper looks at the page of a coupon; returns whether it is the first time."""
    if coupon.shown_at:
        return False

    def steps(writes: Writes, attempt: int) -> bool:
        directory = directories.current(coupon.mall_id)
        unseen = Coupon.objects.for_mall(coupon.mall_id).filter(pk=coupon.pk, shown_at=None)
        changes = rollups.Changes()
        if first := unseen.update(shown_at=now) == 1:
            changes.add_shown(coupon, *directory.clock.day_hour(now))
        rollups.post(coupon.mall_id, changes, writes)
        return first

    return in_transaction(steps)


def redeem(
    *,
    mall_id: int,
    code: str,
    store_id: int,
    order_fen: int,
    request_id: str,
    source: str,
    now: datetime,
    by: Any = None,
    payment_id: int | None = None,
) -> Redemption:
    """Redeem a coupon on an order of so many fen. Raises coupons.redeeming.RedeemError."""

    def steps(writes: Writes, attempt: int) -> Redemption:
        directory = directories.current(mall_id)
        redeemed, made = redeeming.redeem(
            directory=directory, code=code, store_id=store_id, order_fen=order_fen,
            request_id=request_id, source=source, now=now, by=by, payment_id=payment_id,
        )  # fmt: skip
        changes = rollups.Changes()
        if made:
            of_coupons.redeemed(directory, redeemed, writes, now=now)
            changes.add_redemption(redeemed)
        rollups.post(mall_id, changes, writes)
        return redeemed.redemption

    return in_transaction(steps)


def reverse(
    *, mall_id: int, redemption_id: int, request_id: str, reason: str, source: str, now: datetime, by: Any = None
) -> Undone:
    """Undo a redemption. Raises coupons.redeeming.RedeemError."""

    def steps(writes: Writes, attempt: int) -> Undone:
        directory = directories.current(mall_id)
        undone, made = redeeming.reverse(
            directory=directory, redemption_id=redemption_id, request_id=request_id,
            reason=reason, source=source, now=now, by=by,
        )  # fmt: skip
        changes = rollups.Changes()
        if made:
            of_coupons.undone(directory, [undone], writes, now=now)
            maturity.claw_back(directory, [undone], now=now)
            changes.add_reversal(undone)
        rollups.post(mall_id, changes, writes)
        return undone

    return in_transaction(steps)


def expire(*, mall_id: int, now: datetime) -> int:
    """End all coupons of a mall whose time is over; returns how many."""

    def steps(writes: Writes, attempt: int) -> int:
        directory = directories.current(mall_id)
        ended = closing.expire(directory, now=now)
        of_coupons.closed(directory, ended, writes, now=now)
        changes = rollups.Changes()
        changes.add_closed(ended, "expired", *directory.clock.day_hour(now))
        rollups.post(mall_id, changes, writes)
        return len(ended)

    total = 0
    while ended := in_transaction(steps):
        total += ended
    return total


def in_transaction(steps: Callable[[Writes, int], Result]) -> Result:
    """Run the steps and what they leave in Writes in one transaction; all again, from the start, if others claimed
    the limits, closed the month or wrote the same row first, or the database broke a deadlock at our cost. The steps
    are told which attempt it is."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                writes = Writes()
                result = steps(writes, attempt)
                writes.flush()
                return result
        except (OperationalError, IntegrityError, LimitsContended, BooksMoved) as error:
            if attempt == ATTEMPTS or not is_passing(error):
                raise
    raise AssertionError("unreachable")


def is_passing(error: Exception) -> bool:
    """Lost claims pass, and months that closed. So do, if the transaction is our own, deadlocks (40P01), serialization
    failures (40001) and a row that another request has just written (23505): the next attempt sees it and answers
    accordingly."""
    if isinstance(error, LimitsContended | BooksMoved):
        return True
    return not connection.in_atomic_block and getattr(error.__cause__, "sqlstate", None) in PASSING
