"""Writing payments and refunds down, each exactly once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F

from mallops.lib.sql import insert_new
from merchants.queries.directory import Directory

from . import shoppers
from .events import PaymentEvent, Reason, Receipt, RefundEvent, Status
from .models import EventConflict, Payment, Refund

PAYMENT_COLUMNS = (
    "mall_id", "store_id", "shopper_id", "channel", "transaction_id", "amount_fen", "refunded_fen", "paid_at", "day",
    "hour", "source", "recorded_at",
)  # fmt: skip
REFUND_COLUMNS = (
    "mall_id", "store_id", "payment_id", "channel", "refund_id", "amount_fen", "refunded_at", "day", "hour", "source",
    "recorded_at",
)  # fmt: skip
CONFLICT_COLUMNS = (
    "mall_id", "kind", "channel", "external_id", "store_id", "amount_fen", "source", "seen_at", "note",
)  # fmt: skip


class Recorded(NamedTuple):
    """A payment newly written down; `day` and `hour` are local to the mall, `first_day` is that of its shopper.

    `first` is whether it is the one that set it.
    """

    id: int
    event: PaymentEvent
    shopper_id: int | None
    day: date
    hour: int
    first_day: date | None = None
    first: bool = False


@dataclass(slots=True)
class RecordedRefund:
    """A refund newly written down; its payment comes with the shopper."""

    id: int
    event: RefundEvent
    payment: Payment
    day: date
    hour: int


def record_payments(
    directory: Directory, events: Sequence[PaymentEvent], *, source: str, now: datetime
) -> tuple[list[Receipt], list[Recorded]]:
    """Write down the payments that are new. Returns a receipt per event, in order, and the new ones.

    One statement decides which are new, whoever else is writing. An event that contradicts an earlier one is kept
    as an EventConflict and receipted as such.
    """
    payers = shoppers.payers(directory.mall_id, {event.shopper for event in events if event.shopper}, now=now)
    local, nobody, rows = directory.clock.day_hour, (None, None), []
    for event in events:
        store_id, channel, transaction_id, amount_fen, paid_at, shopper = event
        day, hour = local(paid_at)
        rows.append(
            (directory.mall_id, store_id, payers.get(shopper, nobody)[0], channel, transaction_id, amount_fen, 0,
             paid_at, day, hour, source, now)
        )  # fmt: skip
    found = insert_new(
        Payment, PAYMENT_COLUMNS, rows,
        conflict=("mall_id", "channel", "transaction_id"), returning=("id", "channel", "transaction_id"),
    )  # fmt: skip
    new = {(channel, transaction_id): pk for pk, channel, transaction_id in found}
    first_days = dict(payers.values())
    receipts, recorded, doubtful = [], [], []
    for place, (event, row) in enumerate(zip(events, rows, strict=True)):
        pk = new.pop((event.channel, event.transaction_id), None)
        if pk is None:
            doubtful.append(place)
            receipts.append(None)
        else:
            receipts.append(Receipt(Status.CREATED, pk))
            recorded.append(Recorded(pk, event, row[2], row[8], row[9], first_days.get(row[2])))
    if doubtful:
        _compare_payments(directory.mall_id, events, doubtful, receipts, source=source, now=now)
    recorded = _with_first_days(directory.mall_id, recorded, first_days)
    _tell_earlier(receipts, recorded)
    return receipts, recorded


def _with_first_days(mall_id: int, recorded: list[Recorded], first_days: dict[int, date | None]) -> list[Recorded]:
    """Set the first days of shoppers (by id) that are empty, and tell the payments."""
    undated = {pk for pk, first_day in first_days.items() if first_day is None}
    firsts: dict[int, Recorded] = {}
    for payment in recorded if undated else ():
        pk = payment.shopper_id
        if pk in undated and (pk not in firsts or payment.day < firsts[pk].day):
            firsts[pk] = payment
    if not firsts:
        return recorded
    shoppers.set_first_days(mall_id, {pk: payment.day for pk, payment in firsts.items()})
    return [
        payment._replace(first_day=firsts[payment.shopper_id].day, first=payment is firsts[payment.shopper_id])
        if payment.shopper_id in firsts
        else payment
        for payment in recorded
    ]


def _tell_earlier(receipts: Iterable[Receipt], recorded: list[Recorded]) -> None:
    earlier = {payment.id for payment in recorded if payment.first_day and payment.day < payment.first_day}
    for receipt in receipts if earlier else ():
        receipt.earlier = receipt.id in earlier


def _compare_payments(mall_id: int, events, doubtful: list[int], receipts: list, *, source: str, now: datetime) -> None:
    """Fill in the receipts of events whose transaction id was there already."""
    earlier = {
        (channel, transaction_id): (pk, amount_fen, store_id)
        for pk, channel, transaction_id, amount_fen, store_id in Payment.objects.for_mall(mall_id)
        .filter(
            channel__in={events[place].channel for place in doubtful},
            transaction_id__in={events[place].transaction_id for place in doubtful},
        )
        .values_list("id", "channel", "transaction_id", "amount_fen", "store_id")
    }
    conflicts = []
    for place in doubtful:
        event = events[place]
        pk, amount_fen, store_id = earlier[event.channel, event.transaction_id]
        reason = ""
        if amount_fen != event.amount_fen:
            reason = Reason.OTHER_AMOUNT
        elif store_id != event.store_id:
            reason = Reason.OTHER_STORE
        if reason:
            conflicts.append(("payment", event.channel, event.transaction_id, event.store_id, event.amount_fen))
        receipts[place] = Receipt(Status.CONFLICT if reason else Status.KNOWN, pk, reason)
    _keep_conflicts(mall_id, conflicts, source=source, now=now)


def _keep_conflicts(mall_id: int, conflicts: Iterable[tuple], *, source: str, now: datetime) -> None:
    rows = [(mall_id, *conflict, source, now, "") for conflict in conflicts]
    if rows:
        insert_new(EventConflict, CONFLICT_COLUMNS, rows)


def record_refunds(
    directory: Directory,
    events: Sequence[RefundEvent],
    *,
    source: str,
    now: datetime,
    stores: frozenset[int] | None = None,
) -> tuple[list[Receipt], list[RecordedRefund]]:
    """Write down the refunds that are new and fit their payment. `stores` limits whose payments may be refunded.

    The amount is claimed on the payment by a conditional UPDATE, so that refunds never exceed it, whoever else
    is refunding. Returns a receipt per event, in order, and the new refunds.
    """
    payments = {
        (payment.channel, payment.transaction_id): payment
        for payment in Payment.objects.for_mall(directory.mall_id)
        .filter(
            channel__in={event.channel for event in events},
            transaction_id__in={event.transaction_id for event in events},
        )
        .select_related("shopper")
        if stores is None or payment.store_id in stores
    }
    earlier = {
        (refund.channel, refund.refund_id): refund
        for refund in Refund.objects.for_mall(directory.mall_id).filter(
            channel__in={event.channel for event in events}, refund_id__in={event.refund_id for event in events}
        )
    }
    recorded, conflicts = [], []
    # In the order of the payments' ids, so that two batches claim in the same order.
    places = sorted(range(len(events)), key=lambda i: _payment_id(payments, events[i]))
    answers: dict[int, Receipt] = {}
    for place in places:
        event = events[place]
        payment = payments.get((event.channel, event.transaction_id))
        answers[place] = receipt = _record_refund(directory, event, payment, earlier, recorded, source, now)
        if receipt.status == Status.CONFLICT:
            conflicts.append(("refund", event.channel, event.refund_id, payment.store_id, event.amount_fen))
    _keep_conflicts(directory.mall_id, conflicts, source=source, now=now)
    _see_refunds_of_others(directory.mall_id, recorded)
    return [answers[place] for place in range(len(events))], recorded


def _see_refunds_of_others(mall_id: int, recorded: list[RecordedRefund]) -> None:
    """Bring `refunded_fen` of the payments up to date: others may have refunded since we read them. From the claim
    on the rows are ours until the transaction ends."""
    payments = {refund.payment.pk: refund.payment for refund in recorded}
    rows = Payment.objects.for_mall(mall_id).filter(pk__in=payments).values_list("pk", "refunded_fen")
    for pk, refunded_fen in rows if payments else ():
        payments[pk].refunded_fen = refunded_fen


def _payment_id(payments: dict, event: RefundEvent) -> int:
    payment = payments.get((event.channel, event.transaction_id))
    return payment.pk if payment else 0


def _record_refund(
    directory: Directory,
    event: RefundEvent,
    payment: Payment | None,
    earlier: dict,
    recorded: list[RecordedRefund],
    source: str,
    now: datetime,
) -> Receipt:
    if payment is None:
        return Receipt(Status.REFUSED, None, Reason.UNKNOWN_PAYMENT)
    known = earlier.get((event.channel, event.refund_id))
    if known:
        return _compare_refund(event, payment, known)
    if event.refunded_at < payment.paid_at:
        return Receipt(Status.REFUSED, None, Reason.BEFORE_PAYMENT)
    claimed = (
        Payment.objects.for_mall(directory.mall_id)
        .filter(pk=payment.pk, refunded_fen__lte=F("amount_fen") - event.amount_fen)
        .update(refunded_fen=F("refunded_fen") + event.amount_fen)
    )
    if not claimed:
        return Receipt(Status.REFUSED, None, Reason.ABOVE_PAYMENT)
    day, hour = directory.clock.day_hour(event.refunded_at)
    row = (
        directory.mall_id, payment.store_id, payment.pk, event.channel, event.refund_id, event.amount_fen,
        event.refunded_at, day, hour, source, now,
    )  # fmt: skip
    found = insert_new(Refund, REFUND_COLUMNS, [row], conflict=("mall_id", "channel", "refund_id"))
    if not found:  # the same refund arrived elsewhere since we looked: give the claim back and compare
        Payment.objects.for_mall(directory.mall_id).filter(pk=payment.pk).update(
            refunded_fen=F("refunded_fen") - event.amount_fen
        )
        known = Refund.objects.for_mall(directory.mall_id).get(channel=event.channel, refund_id=event.refund_id)
        return _compare_refund(event, payment, known)
    pk = found[0][0]
    earlier[event.channel, event.refund_id] = Refund(pk=pk, payment_id=payment.pk, amount_fen=event.amount_fen)
    recorded.append(RecordedRefund(pk, event, payment, day, hour))
    return Receipt(Status.CREATED, pk)


def _compare_refund(event: RefundEvent, payment: Payment, known: Refund) -> Receipt:
    if known.payment_id != payment.pk:
        return Receipt(Status.CONFLICT, known.pk, Reason.OTHER_PAYMENT)
    if known.amount_fen != event.amount_fen:
        return Receipt(Status.CONFLICT, known.pk, Reason.OTHER_AMOUNT)
    return Receipt(Status.KNOWN, known.pk)
