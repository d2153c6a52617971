"""Awarding coupons for payments and claims just written down."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mallops.lib.dates import day_end, day_start, today
from mallops.lib.sql import Writes, reserve_ids
from merchants.queries.directory import Directory
from payments.ledger import Recorded

from . import limits, rulebooks
from .codes import new_code
from .engine.decide import AWARDED, Decision, Event, decide
from .knowledge import StoredKnowledge
from .models import Coupon, Stock
from .models import Decision as DecisionRow
from .models.stock import Validity
from .rulebooks import Book

COUPON_COLUMNS = (
    "id", "mall_id", "stock_id", "rule_id", "rule_version_id", "payment_id", "claim_id", "shopper_id", "store_id",
    "serial", "code", "state", "turn", "cost_fen", "issued_at", "day", "hour", "valid_from", "expires_at",
)  # fmt: skip
DECISION_COLUMNS = (
    "mall_id", "payment_id", "claim_id", "rule_id", "rule_version_id", "shopper_id", "outcome", "reason", "trace",
    "decided_at",
)  # fmt: skip


class Issued(NamedTuple):
    """A coupon just issued, for the answer at the door and for the roll-ups. Moments UTC."""

    payment_id: int | None
    store_id: int
    rule_id: int
    stock_id: int
    code: str
    valid_from: datetime
    expires_at: datetime
    claim_id: int | None
    id: int


class Given(NamedTuple):
    """What came of events: every decision, and the coupons issued."""

    decisions: list[Decision]
    issued: list[Issued]


def award(
    directory: Directory, payments: Sequence[Recorded], writes: Writes, *, now: datetime, hold_limits: bool
) -> list[Issued]:
    """Decide on new payments; runs inside the transaction that wrote them, see `give`."""
    given_on = directory.clock.day_hour(now)[0]
    events = [paid_event(directory, payment, given_on) for payment in payments]
    return give(directory, events, writes, now=now, hold_limits=hold_limits).issued


def give(directory: Directory, events: Sequence[Event], writes: Writes, *, now: datetime, hold_limits: bool) -> Given:
    """Decide on payments or claims written down in this transaction, and have `writes` log the decisions, issue the
    coupons and claim the limits.

    The decision is made on limits as read, which with `hold_limits` nobody can change before the claim; without,
    the claim may raise LimitsContended.
    """
    book = rulebooks.current(directory)
    if not book.rulebook.rules or not events:
        return Given([], [])
    state = limits.StoredState(directory.mall_id, lock=hold_limits)
    decisions = decide(book.rulebook, events, state, StoredKnowledge(directory, book, now))
    writes.insert(DecisionRow, DECISION_COLUMNS, [decision_row(directory.mall_id, each, now) for each in decisions])
    issued = _issue(directory, book, [each for each in decisions if each.outcome == AWARDED], writes, now=now)
    limits.claim(writes, directory.mall_id, (claim for each in decisions for claim in each.claims))
    return Given(decisions, issued)


def paid_event(directory: Directory, payment: Recorded, given_on: date | None = None) -> Event:
    event = payment.event
    minute = event.paid_at.astimezone(directory.clock.zone).minute
    return Event(
        payment_id=payment.id,
        store_id=event.store_id,
        category_id=directory.by_id[event.store_id].category_id,
        shopper_id=payment.shopper_id,
        amount_fen=event.amount_fen,
        day=payment.day,
        weekday=payment.day.isoweekday(),
        minute=payment.hour * 60 + minute,
        given_on=given_on,
    )


def decision_row(mall_id: int, decision: Decision, now: datetime) -> tuple:
    event, rule = decision.event, decision.rule
    trace = json.dumps(decision.trace)
    return (
        mall_id, event.payment_id, event.claim_id, rule.rule_id, rule.version_id, event.shopper_id, decision.outcome,
        decision.reason, trace, now,
    )  # fmt: skip


def _issue(directory: Directory, book: Book, awarded: list[Decision], writes: Writes, *, now: datetime) -> list[Issued]:
    if not awarded:
        return []
    day, hour = directory.clock.day_hour(now)
    ids = iter(reserve_ids(Coupon, sum(count for decision in awarded for _spec, count in decision.rule.award)))
    rows, issued = [], []
    for decision in awarded:
        event, rule = decision.event, decision.rule
        for spec, count in rule.award:
            valid_from, expires_at = validity(book.stocks[spec.id], directory.time_zone, now)
            for serial in range(1, count + 1):
                pk, code = next(ids), new_code()
                rows.append(
                    (pk, directory.mall_id, spec.id, rule.rule_id, rule.version_id, event.payment_id, event.claim_id,
                     event.shopper_id, event.store_id, serial, code, "issued", 0, spec.cost_fen, now, day, hour,
                     valid_from, expires_at)
                )  # fmt: skip
                issued.append(
                    Issued(event.payment_id, event.store_id, rule.rule_id, spec.id, code, valid_from, expires_at,
                           event.claim_id, pk)
                )  # fmt: skip
    writes.insert(Coupon, COUPON_COLUMNS, rows)
    return issued


def validity(stock: Stock, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """From when and until when (excluded) a coupon received now is valid.

    In days: to the end of the local day that lies `valid_for` days after the day of receipt.
    """
    if stock.validity == Validity.FIXED:
        return day_start(stock.valid_from_day, zone), day_end(stock.valid_until_day, zone)
    if stock.validity == Validity.HOURS:
        return now, now + timedelta(hours=stock.valid_for)
    return now, day_end(today(zone, now) + timedelta(days=stock.valid_for), zone)
