"""Roll-ups plus deltas against the ledger, whatever happens in whatever order."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import recount, rollups
from analytics.models import CouponDay, MallHour, RollupDelta, StoreDay, StoreHour, StoreMonth
from coupons.engine.terms import Limits
from coupons.models import Coupon, Redemption
from coupons.models.rule import RuleState
from coupons.redeeming import RedeemError
from mallops import ledger_check, pipeline
from mallops.lib.cache import forget_compiled
from mallops.lib.dates import day_start
from payments.models import Payment
from tests.factories import make_rule, make_stock, make_store, payment_event, refund_event

pytestmark = pytest.mark.django_db

# Midnight in Sydney is 14:00 or, until the clocks go back on 5 April, 13:00 UTC: this run of days has both.
BEGIN = datetime(2026, 4, 2, 12, 59, 59, tzinfo=UTC)
some = st.integers(0, 10**6)
steps = st.one_of(
    st.tuples(st.just("pay"), st.lists(st.tuples(some, some, st.integers(0, 200)), min_size=1, max_size=4)),
    st.tuples(st.just("deliver_again"), some),
    st.tuples(st.just("contradict"), some),
    st.tuples(st.just("refund"), some, st.sampled_from([1, 2, 3])),
    st.tuples(st.just("redeem"), some, st.booleans(), st.just(0)),
    st.tuples(st.just("redeem"), some, st.booleans(), st.sampled_from([0, 30, 60])),
    st.tuples(st.just("reverse"), some),
    st.tuples(st.just("wait"), st.sampled_from([timedelta(seconds=1), timedelta(hours=1), timedelta(days=2)])),
    st.tuples(st.just("expire")),
    st.tuples(st.just("pause_or_resume"), some),
    st.tuples(st.just("fold")),
    st.tuples(st.just("rebuild")),
)


class Days:
    """Some days of a mall. Each method is a step of the random run; numbers choose among what is there."""

    def __init__(self, mall, rules, stores) -> None:
        self.mall, self.rules, self.stores, self.now, self.events, self.serial = mall, rules, stores, BEGIN, [], 0

    def choose(self, things, number):
        return things[number % len(things)] if things else None

    def number(self) -> str:
        self.serial += 1
        return f"n{self.serial}"

    def record(self, events) -> None:
        pipeline.record_payments(self.mall.pk, events, source="test", now=self.now)

    def pay(self, drawn) -> None:
        """Some of them late: up to 200 hours, of which awards are given for 48."""
        new = [
            payment_event(
                self.choose(self.stores, store), shopper=self.choose(["anna", "bo", None], shopper),
                amount_fen=1_000 + store % 20_000, paid_at=self.now - timedelta(hours=hours),
            )
            for store, shopper, hours in drawn
        ]  # fmt: skip
        self.events += new
        self.record(new)

    def deliver_again(self, number) -> None:
        if event := self.choose(self.events, number):
            self.record([event, event])

    def contradict(self, number) -> None:
        if event := self.choose(self.events, number):
            self.record([event._replace(amount_fen=event.amount_fen + 1)])

    def refund(self, number, parts) -> None:
        if event := self.choose(self.events, number):
            refund = refund_event(event, amount_fen=event.amount_fen // parts, refunded_at=self.now)
            pipeline.record_refunds(self.mall.pk, [refund, refund], source="test", now=self.now)

    def redeem(self, number, on_a_payment, hours=0) -> None:
        """Some of them so many hours ago, at a store without connection: the coupon may have been closed since."""
        coupon = self.choose(Coupon.objects.order_by("pk"), number)
        payment = self.choose(Payment.objects.order_by("pk"), number) if on_a_payment else None
        if coupon is None:
            return
        try:
            pipeline.redeem(
                mall_id=self.mall.pk, code=coupon.code, store_id=self.stores[0].pk, order_fen=5_000 + number,
                request_id=self.number(), source="test", now=self.now - timedelta(hours=hours),
                payment_id=payment and payment.pk,
            )  # fmt: skip
        except RedeemError:
            pass

    def reverse(self, number) -> None:
        redemption = self.choose(Redemption.objects.order_by("pk"), number)
        if redemption is None:
            return
        try:
            pipeline.reverse(
                mall_id=self.mall.pk, redemption_id=redemption.pk, request_id=self.number(), reason="", source="test",
                now=self.now,
            )  # fmt: skip
        except RedeemError:
            pass

    def wait(self, time) -> None:
        self.now += time

    def expire(self) -> None:
        pipeline.expire(mall_id=self.mall.pk, now=self.now)

    def pause_or_resume(self, number) -> None:
        rule = self.choose(self.rules, number)
        rule.state = RuleState.PAUSED if rule.state == RuleState.LIVE else RuleState.LIVE
        rule.save()

    def fold(self) -> None:
        rollups.fold(self.mall.pk)

    def rebuild(self) -> None:
        recount.rebuild(self.mall.pk)


@pytest.fixture
def days(mall):
    mall.time_zone = "Australia/Sydney"
    mall.save()
    stores = [make_store(mall=mall) for _ in range(3)]
    stock = make_stock(mall=mall, merchant=stores[0].merchant, valid_for=2, quantity=6)
    rules = [
        make_rule(mall=mall, stock=stock, on_trigger_refund="revoke"),
        make_rule(mall=mall, stock=stock, stores=(stores[1].pk,), min_fen=5_000, limits=Limits(per_shopper=1)),
        make_rule(mall=mall, on_trigger_refund="keep", on_use_refund="forfeit", holdout_bp=5_000),
    ]
    return Days(mall, rules, stores)


@contextmanager
def undone(days: Days):
    """Take back what an example did, so that the next begins where this one began."""
    forget_compiled()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    days.__init__(days.mall, days.rules, days.stores)
    for rule in days.rules:
        rule.state = RuleState.LIVE


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(steps, min_size=3, max_size=20))
def test_books_agree_after_any_steps(days, drawn):
    with undone(days):
        for name, *arguments in drawn:
            getattr(days, name)(*arguments)
        assert list(ledger_check.problems(days.mall)) == []
        while rollups.fold(days.mall.pk):
            pass
        folded = snapshot()
        recount.rebuild(days.mall.pk)
        assert snapshot() == folded


def snapshot() -> dict:
    """All roll-ups that are not zero throughout: a rebuild has no row where sums cancelled out."""
    keys = ("store", "day", "hour", "rule", "stock")
    return {
        model.__name__: {
            tuple(row.get(f"{key}_id", row.get(key)) for key in keys): measures
            for row in model.objects.values()
            if any(measures := tuple(row[name] for name in rollups.MEASURES))
        }
        for model in (MallHour, StoreHour, StoreDay, StoreMonth, CouponDay)
    }


def test_steps_of_the_random_run_take_effect(days):
    days.pay([(0, 0, 0), (1, 0, 0), (2, 0, 0)])
    days.redeem(0, True)
    days.reverse(0)
    days.redeem(0, False)
    days.fold()
    days.refund(1, 1)
    days.wait(timedelta(days=9))
    days.expire()
    sums = {name: sum(CouponDay.objects.values_list(name, flat=True)) for name in ("issued", "redeemed", "reversals")}
    assert sums["issued"] >= 3 and (sums["redeemed"], sums["reversals"]) == (2, 1)
    deltas = {name: sum(RollupDelta.objects.values_list(name, flat=True)) for name in ("refunds", "revoked", "expired")}
    assert all(deltas.values())
    assert list(ledger_check.problems(days.mall)) == []


def test_fold_takes_some_at_a_time(mall, store, monkeypatch):
    monkeypatch.setattr(rollups, "FOLD_BATCH", 2)
    for _ in range(5):
        pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=datetime.now(UTC))
    assert [rollups.fold(mall.pk) for _ in range(4)] == [2, 2, 1, 0]
    assert sum(StoreDay.objects.values_list("payments", flat=True)) == 5


def test_fold_leaves_other_malls_alone(mall, store, stranger):
    pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=datetime.now(UTC))
    other = stranger.memberships.get().mall
    assert rollups.fold(other.pk) == 0
    assert RollupDelta.objects.count() == 1


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Australia/Sydney", "America/Sao_Paulo", "Asia/Kathmandu"])
def test_last_second_of_a_month_and_the_first_of_the_next(mall, store, zone):
    mall.time_zone = zone
    mall.save()
    start = day_start(date(2028, 3, 1), zone)
    last = payment_event(store, paid_at=start - timedelta(seconds=1), amount_fen=1)
    first = payment_event(store, paid_at=start, amount_fen=2)
    pipeline.record_payments(mall.pk, [last, first], source="test", now=start)
    rollups.fold(mall.pk)
    found = StoreHour.objects.order_by("day").values_list("day", "hour", "gross_fen")
    assert list(found) == [(date(2028, 2, 29), 23, 1), (date(2028, 3, 1), 0, 2)]
