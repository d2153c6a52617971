"""Validity of coupons by the mall's clock, and the engine's decisions replayed from the ledger."""

import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from coupons import issuing, rulebooks
from coupons.engine.decide import MemoryState, decide
from coupons.engine.history import MemoryKnowledge
from coupons.engine.terms import Limits
from coupons.models import Coupon, Decision, Stock
from coupons.models.stock import Validity
from merchants.queries import directory as directories
from payments.events import PaymentEvent
from payments.ledger import Recorded
from payments.models import Payment
from tests.factories import make_rule, make_stock, make_store, payment_event

pytestmark = pytest.mark.django_db

SYDNEY, SHANGHAI, KATHMANDU = "Australia/Sydney", "Asia/Shanghai", "Asia/Kathmandu"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "received", "days", "expires"),
    [
        (SHANGHAI, "2026-03-31T23:59:59+08:00", 1, "2026-04-02T00:00+08:00"),
        (SHANGHAI, "2026-04-01T00:00:00+08:00", 1, "2026-04-03T00:00+08:00"),
        (SHANGHAI, "2028-02-28T12:00:00+08:00", 1, "2028-03-01T00:00+08:00"),  # to the end of the leap day
        (SHANGHAI, "2026-01-31T12:00:00+08:00", 30, "2026-03-03T00:00+08:00"),
        (KATHMANDU, "2026-01-01T00:00:00+05:45", 7, "2026-01-09T00:00+05:45"),
        (SYDNEY, "2026-04-04T12:00:00+11:00", 1, "2026-04-06T00:00+10:00"),  # the clocks go back between
        (SYDNEY, "2026-10-03T12:00:00+10:00", 1, "2026-10-05T00:00+11:00"),  # the clocks go forward between
        ("America/Sao_Paulo", "2018-11-02T12:00:00-03:00", 1, "2018-11-04T01:00-02:00"),  # midnight was skipped
    ],
)
def test_days_of_validity_end_with_the_local_day(zone, received, days, expires):
    stock = Stock(validity=Validity.DAYS, valid_for=days)
    assert issuing.validity(stock, zone, moment(received)) == (moment(received), moment(expires))


def test_hours_of_validity_are_hours_whatever_the_clocks_do():
    received = moment("2026-04-05T00:00:00+11:00")
    stock = Stock(validity=Validity.HOURS, valid_for=24)
    assert issuing.validity(stock, SYDNEY, received) == (received, moment("2026-04-05T23:00:00+10:00"))


def test_fixed_days_are_whole_local_days():
    stock = Stock(validity=Validity.FIXED, valid_from_day=date(2026, 4, 4), valid_until_day=date(2026, 4, 5))
    expected = (moment("2026-04-04T00:00+11:00"), moment("2026-04-06T00:00+10:00"))
    assert issuing.validity(stock, SYDNEY, moment("2026-01-01T00:00+11:00")) == expected


@pytest.mark.parametrize(
    ("zone", "paid_at", "day", "minute", "weekday"),
    [
        (SHANGHAI, "2026-03-31T23:59:59+08:00", date(2026, 3, 31), 1_439, 2),
        (SHANGHAI, "2026-04-01T00:00:00+08:00", date(2026, 4, 1), 0, 3),
        (SHANGHAI, "2028-02-29T23:59:59+08:00", date(2028, 2, 29), 1_439, 2),
        (SYDNEY, "2026-04-05T02:30:00+11:00", date(2026, 4, 5), 150, 7),
        (SYDNEY, "2026-04-05T02:30:00+10:00", date(2026, 4, 5), 150, 7),  # the same reading an hour later
        (SYDNEY, "2026-10-04T03:00:00+11:00", date(2026, 10, 4), 180, 7),
        (KATHMANDU, "2025-12-31T18:14:59+00:00", date(2025, 12, 31), 1_439, 3),
        (KATHMANDU, "2025-12-31T18:15:00+00:00", date(2026, 1, 1), 0, 4),
        ("America/Sao_Paulo", "2018-11-04T03:00:00+00:00", date(2018, 11, 4), 60, 7),
    ],
)
def test_engine_sees_the_local_day_weekday_and_minute(mall, zone, paid_at, day, minute, weekday):
    mall.time_zone = zone
    mall.save()
    mall.refresh_from_db()
    directory = directories.current(make_store(mall=mall).mall_id)
    (store,) = directory.by_id
    at = moment(paid_at)
    payment = Recorded(1, PaymentEvent(store, "cash", "t", 1, at), None, *directory.clock.day_hour(at))
    event = issuing.paid_event(directory, payment)
    assert (event.day, event.minute, event.weekday) == (day, minute, weekday)


def test_pack_gives_each_coupon_a_serial_and_a_code(mall, store, record, books_agree):
    first, second = make_stock(mall=mall), make_stock(mall=mall)
    make_rule(mall=mall, award=((first.pk, 2), (second.pk, 1)))
    (receipt,) = record(payment_event(store))
    assert {c.code for c in receipt.coupons} == set(Coupon.objects.values_list("code", flat=True))
    assert sorted(Coupon.objects.values_list("stock", "serial")) == [(first.pk, 1), (first.pk, 2), (second.pk, 1)]


def make_competing_rules(mall, stores) -> None:
    """Rules that run out, keep each other out, hold shoppers out and refuse."""
    shared = make_stock(mall=mall, quantity=60)
    make_rule(mall=mall, stock=shared, limits=Limits(per_shopper=2))
    make_rule(mall=mall, stock=shared, stores=(stores[0].pk,), group="a", priority=5, limits=Limits(quantity=8))
    make_rule(mall=mall, stores=(stores[0].pk, stores[1].pk), group="a", holdout_bp=3_000, min_fen=5_000)
    make_rule(mall=mall, categories=(stores[2].category_id,), limits=Limits(budget_per_day_fen=8_000))
    make_rule(mall=mall, limits=Limits(quantity_per_day=9, per_shopper_per_day=1), max_fen=9_000)


def test_replay_of_the_ledger_decides_what_was_decided(mall, store, other_store, record, books_agree, settings):
    """The promise of the backtest: the rules that ran, over the payments that came, in memory."""
    settings.SHOPPER_KEY = b"the control group is the same in each run"
    chance, stores = random.Random(2), [store, other_store, make_store(mall=mall)]
    now = datetime(2026, 4, 2, 4, tzinfo=UTC)
    make_competing_rules(mall, stores)
    events = [
        payment_event(
            chance.choice(stores), amount_fen=chance.randrange(1, 15_000), shopper=f"s{chance.randrange(30)}",
            paid_at=now - timedelta(hours=chance.randrange(47)),
        )
        for _ in range(240)
    ]  # fmt: skip
    while events:
        size = chance.choice((1, 1, 2, 30))
        record(*events[:size], now=now)
        del events[:size]
    lived = {
        (payment, version): (outcome, reason, trace)
        for payment, version, outcome, reason, trace in Decision.objects.values_list(
            "payment", "rule_version", "outcome", "reason", "trace"
        )
    }
    assert replayed(mall) == lived
    assert {outcome for outcome, _reason, _trace in lived.values()} == {"awarded", "held_out", "refused"}
    reasons = {reason for _outcome, reason, _trace in lived.values()}
    assert {"group", "quantity", "stock_quantity", "per_shopper", "budget_per_day_fen", "amount"} <= reasons


def replayed(mall) -> dict:
    directory = directories.current(mall.pk)
    events = [issuing.paid_event(directory, recorded(row)) for row in Payment.objects.for_mall(mall).order_by("pk")]
    book = rulebooks.current(directory)
    decisions = decide(book.rulebook, events, MemoryState(), MemoryKnowledge(book.places))
    return {
        (each.event.payment_id, each.rule.version_id): (each.outcome, each.reason, json.loads(json.dumps(each.trace)))
        for each in decisions
    }


def recorded(row: Payment) -> Recorded:
    event = PaymentEvent(row.store_id, row.channel, row.transaction_id, row.amount_fen, row.paid_at)
    return Recorded(row.pk, event, row.shopper_id, row.day, row.hour)
