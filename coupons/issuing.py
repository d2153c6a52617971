"""Awarding coupons for payments just written down."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mallops.lib.dates import day_end, day_start, today
from mallops.lib.sql import insert
from merchants.queries.directory import Directory
from payments.ledger import Recorded

from . import limits, rulebooks
from .codes import new_code
from .engine.decide import AWARDED, Decision, PaidEvent, decide
from .models import Coupon, Stock
from .models import Decision as DecisionRow
from .models.stock import Validity
from .rulebooks import Book

ATTEMPTS = 6
COUPON_COLUMNS = (
    "mall_id", "stock_id", "rule_id", "rule_version_id", "payment_id", "shopper_id", "store_id", "serial", "code",
    "state", "turn", "cost_fen", "issued_at", "day", "hour", "valid_from", "expires_at",
)  # fmt: skip
DECISION_COLUMNS = (
    "mall_id", "payment_id", "rule_id", "rule_version_id", "shopper_id", "outcome", "reason", "trace", "decided_at",
)  # fmt: skip


class Issued(NamedTuple):
    """A coupon just issued, for the answer at the door and for the roll-ups. Amounts in fen, moments UTC."""

    id: int
    payment_id: int
    store_id: int
    rule_id: int
    stock_id: int
    code: str
    valid_from: datetime
    expires_at: datetime


class LimitsContended(Exception):
    """The limits moved under every attempt to decide; nothing was written, the whole request may be tried again."""


def award(directory: Directory, payments: Sequence[Recorded], *, now: datetime) -> list[Issued]:
    """Decide on new payments, claim the limits, issue the coupons, log the decisions.

    Runs inside the transaction that wrote the payments. A decision is made on limits as read; if another process
    claims what it counted on, it is made again on the limits as they are then, their rows held.
    """
    book = rulebooks.current(directory)
    if not book.rulebook.rules or not payments:
        return []
    events = [paid_event(directory, payment) for payment in payments]
    for attempt in range(ATTEMPTS):
        state = limits.StoredState(directory.mall_id, lock=attempt > 0)
        decisions = decide(book.rulebook, events, state)
        if limits.claim(directory.mall_id, (claim for decision in decisions for claim in decision.claims)):
            break
    else:
        raise LimitsContended
    log_decisions(directory.mall_id, decisions, now=now)
    return _issue(directory, book, [d for d in decisions if d.outcome == AWARDED], now=now)


def paid_event(directory: Directory, payment: Recorded) -> PaidEvent:
    event = payment.event
    minute = event.paid_at.astimezone(directory.clock.zone).minute
    return PaidEvent(
        payment_id=payment.id,
        store_id=event.store_id,
        category_id=directory.by_id[event.store_id].category_id,
        shopper_id=payment.shopper_id,
        amount_fen=event.amount_fen,
        day=payment.day,
        weekday=payment.day.isoweekday(),
        minute=payment.hour * 60 + minute,
    )


def log_decisions(mall_id: int, decisions: Sequence[Decision], *, now: datetime) -> None:
    rows = [
        (mall_id, d.event.payment_id, d.rule.rule_id, d.rule.version_id, d.event.shopper_id, d.outcome, d.reason,
         json.dumps([list(check) for check in d.trace]), now)
        for d in decisions
    ]  # fmt: skip
    if rows:
        insert(DecisionRow, DECISION_COLUMNS, rows)


def _issue(directory: Directory, book: Book, awarded: list[Decision], *, now: datetime) -> list[Issued]:
    day, hour = directory.clock.day_hour(now)
    rows = []
    for decision in awarded:
        for spec, count in decision.rule.award:
            valid_from, expires_at = validity(book.stocks[spec.id], directory.time_zone, now)
            for serial in range(1, count + 1):
                rows.append(
                    (directory.mall_id, spec.id, decision.rule.rule_id, decision.rule.version_id,
                     decision.event.payment_id, decision.event.shopper_id, decision.event.store_id, serial, new_code(),
                     "issued", 0, spec.cost_fen, now, day, hour, valid_from, expires_at)
                )  # fmt: skip
    if not rows:
        return []
    ids = {code: pk for code, pk in insert(Coupon, COUPON_COLUMNS, rows, returning=("code", "id"))}
    return [
        Issued(ids[code], payment_id, store_id, rule_id, stock_id, code, valid_from, expires_at)
        for _, stock_id, rule_id, _, payment_id, _, store_id, _, code, *_, valid_from, expires_at in rows
    ]


def validity(stock: Stock, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """From when and until when (excluded) a coupon received now is valid.

    In days: to the end of the local day that lies `valid_for` days after the day of receipt.
    """
    if stock.validity == Validity.FIXED:
        return day_start(stock.valid_from_day, zone), day_end(stock.valid_until_day, zone)
    if stock.validity == Validity.HOURS:
        return now, now + timedelta(hours=stock.valid_for)
    return now, day_end(today(zone, now) + timedelta(days=stock.valid_for), zone)
