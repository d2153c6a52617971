"""What each guard finds, and what it leaves alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coupons.guards import refund_loop, shared_device, staff_self, velocity
from coupons.models import Coupon, Decision
from mallops import pipeline
from payments import devices
from payments.models import Payment, Shopper
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant, min_spend_fen=0)


@pytest.fixture
def rule(mall, stock):
    return factories.make_rule(mall=mall, stock=stock)


def pay(store, *, at=NOW, **fields) -> Payment:
    event = factories.payment_event(store, paid_at=at, **fields)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=at)
    return Payment.objects.get(pk=receipt.id)


def refund(payment: Payment, *, at=NOW, amount_fen: int | None = None) -> None:
    event = factories.refund_event(payment, refunded_at=at, amount_fen=amount_fen or payment.amount_fen)
    pipeline.record_refunds(payment.mall_id, [event], source="test", now=at)


def use(coupon: Coupon, store, by, *, at=NOW):
    return pipeline.redeem(
        mall_id=store.mall_id, code=coupon.code, store_id=store.pk, order_fen=5_000, request_id=f"q{coupon.pk}",
        source="test", now=at, by=by,
    )  # fmt: skip


def found(guard, mall, now=NOW) -> dict[int, dict]:
    return {finding.shopper_id: finding.evidence for finding in guard.find(mall, now)}


# --- Refund loops ---


def loop(store, *, times: int = 3, days_ago: int = 1, amount_fen: int | None = None, **fields) -> list[Payment]:
    at = NOW - timedelta(days=days_ago)
    paid = [pay(store, at=at, **fields) for _ in range(times)]
    for payment in paid:
        refund(payment, at=at + timedelta(hours=1), amount_fen=amount_fen)
    return paid


def test_a_refund_loop_is_found(mall, store, rule):
    paid = loop(store)
    assert found(refund_loop, mall) == {
        paid[0].shopper_id: {"what": "payments", "ids": [payment.pk for payment in paid], "used": 0}
    }


def test_a_refund_loop_counts_the_coupons_used(mall, store, rule, cashier):
    at = NOW - timedelta(days=1)
    paid = [pay(store, at=at) for _ in range(3)]
    use(Coupon.objects.get(payment=paid[0]), store, cashier, at=at + timedelta(minutes=1))
    for payment in paid:
        refund(payment, at=at + timedelta(hours=1))
    (evidence,) = found(refund_loop, mall).values()
    assert evidence["used"] == 1
    assert refund_loop.sentence(evidence) == (
        "3 payments that earned coupons were refunded afterwards, within 30 days; 1 of the coupons was used."
    )
    assert refund_loop.sentence(evidence | {"used": 0}) == (
        "3 payments that earned coupons were refunded afterwards, within 30 days."
    )


@pytest.mark.parametrize("harmless", [{"times": 2}, {"days_ago": 32}, {"amount_fen": 4_999}, {"shopper": None}])
def test_what_is_no_refund_loop(mall, store, rule, harmless):
    loop(store, **harmless)
    assert found(refund_loop, mall) == {}


def test_refunds_of_payments_that_earned_nothing_are_no_loop(mall, store, rule):
    loop(store, shopper="ben", amount_fen=None, times=2)
    rule.state = "paused"
    rule.save()
    loop(store, shopper="ben", times=3)
    assert found(refund_loop, mall) == {}


def test_one_return_after_a_pack_of_coupons_is_no_loop(mall, store, stock):
    factories.make_rule(mall=mall, award=((stock.pk, 5),))
    loop(store, times=1)
    assert found(refund_loop, mall) == {}


def test_the_threshold_of_refund_loops_is_a_setting(mall, store, rule, settings):
    settings.GUARD_REFUNDED_PAYMENTS = 2
    loop(store, times=2)
    assert len(found(refund_loop, mall)) == 1


# --- One device ---


def crowd(mall, size: int, *, device: str = "tablet", at=NOW) -> list[int]:
    shoppers = [Shopper.objects.create(mall=mall, created_at=at).pk for _ in range(size)]
    digest = devices.device_digest(mall.pk, device)
    for shopper_id in shoppers:
        devices.note(mall_id=mall.pk, shopper_id=shopper_id, device_digest=digest, now=at)
    return shoppers


def test_many_accounts_of_one_device_are_found(mall):
    shoppers = crowd(mall, 5)
    crowd(mall, 4, device="phone")
    assert found(shared_device, mall) == {pk: {"what": "shoppers", "ids": shoppers} for pk in shoppers}
    (evidence, *_) = found(shared_device, mall).values()
    assert shared_device.sentence(evidence) == "5 shoppers were first seen on one device within 30 days."


def test_accounts_that_came_over_time_are_left_alone(mall):
    crowd(mall, 3, at=NOW - timedelta(days=31))
    crowd(mall, 4)
    assert found(shared_device, mall) == {}


def test_devices_of_two_malls_are_apart(mall):
    other = factories.make_mall()
    crowd(mall, 3)
    crowd(other, 3)
    assert found(shared_device, mall) == found(shared_device, other) == {}


def test_a_device_is_noted_once(mall):
    (shopper_id,) = crowd(mall, 1)
    again = {"mall_id": mall.pk, "shopper_id": shopper_id, "device_digest": devices.device_digest(mall.pk, "tablet")}
    assert devices.note(**again, now=NOW + timedelta(days=1)) is False
    assert mall.pk and Shopper.objects.get(pk=shopper_id).devices.get().first_seen_at == NOW


def test_the_digest_of_a_device_is_not_that_of_an_identity(mall):
    assert devices.device_digest(mall.pk, "anna") != factories.digest(mall.pk, "anna")


# --- Staff redeeming for themselves ---


@pytest.fixture(autouse=True)
def _three_are_enough(settings):
    settings.GUARD_STAFF_REDEMPTIONS = 3


def earn_and_use(store, by, *, times: int, wait: timedelta, at=NOW - timedelta(days=2), shopper: str = "anna") -> list:
    used = []
    for _ in range(times):
        payment = pay(store, at=at, shopper=shopper)
        used.append(use(Coupon.objects.get(payment=payment), store, by, at=at + wait))
    return used


def test_staff_who_redeem_for_one_shopper_are_found(mall, store, rule, cashier):
    used = earn_and_use(store, cashier, times=3, wait=timedelta(hours=1))
    (evidence,) = found(staff_self, mall).values()
    ids = [redemption.pk for redemption in used]
    assert evidence == {"what": "redemptions", "ids": ids, "staff": cashier.username, "quick": False}
    assert staff_self.sentence(evidence) == (
        f"{cashier.username} redeemed 3 coupons of the shopper at the own store within 30 days."
    )


def test_coupons_used_as_soon_as_they_are_issued_are_found(mall, store, rule, cashier):
    earn_and_use(store, cashier, times=2, wait=timedelta(minutes=2))
    (evidence,) = found(staff_self, mall).values()
    assert evidence["quick"] is True
    assert staff_self.sentence(evidence) == (
        f"{cashier.username} redeemed 2 coupons of the shopper at their store within two minutes of issue."
    )


def test_what_is_no_staff_redeeming_for_themselves(mall, store, rule, cashier, owner, manager):
    hour = timedelta(hours=1)
    earn_and_use(store, cashier, times=2, wait=hour)  # too few, and not at once
    earn_and_use(store, owner, times=1, wait=hour)  # another member of staff
    earn_and_use(store, manager, times=3, wait=hour, shopper="ben")  # the mall's desk, not the store's staff
    earn_and_use(store, None, times=3, wait=hour, shopper="cleo")  # a till through the API
    for n in range(3):
        earn_and_use(store, cashier, times=1, wait=hour, shopper=f"guest{n}")
    assert found(staff_self, mall) == {}


def test_redemptions_undone_or_long_ago_do_not_count(mall, store, rule, cashier):
    used = earn_and_use(store, cashier, times=3, wait=timedelta(hours=1))
    at = {"mall_id": mall.pk, "source": "test", "now": NOW}
    pipeline.reverse(redemption_id=used[0].pk, request_id="u", reason="", **at)
    earn_and_use(store, cashier, times=3, wait=timedelta(hours=1), shopper="ben", at=NOW - timedelta(days=31))
    assert found(staff_self, mall) == {}


# --- Velocity ---


def test_payments_faster_than_a_person_are_found(mall, store):
    paid = [pay(store, at=NOW - timedelta(minutes=n % 9)) for n in range(10)]
    evidence = found(velocity, mall)[paid[0].shopper_id]
    assert evidence == {"what": "payments", "ids": [payment.pk for payment in paid]}
    assert velocity.sentence(evidence) == "10 payments within ten minutes."


def test_awards_faster_than_a_person_are_found_claims_included(mall, store, rule, settings):
    settings.GUARD_AWARDS_PER_HOUR = 3
    payment = pay(store, at=NOW - timedelta(minutes=50))
    pay(store, at=NOW - timedelta(minutes=30))
    claim(rule, store, payment.shopper_id, at=NOW - timedelta(minutes=5))
    ids = list(Decision.objects.order_by("pk").values_list("pk", flat=True))
    evidence = found(velocity, mall)[payment.shopper_id]
    assert evidence == {"what": "decisions", "ids": ids}
    assert velocity.sentence(evidence) == "3 awards within one hour."


def claim(rule, store, shopper_id: int, *, at=NOW) -> Decision:
    made = factories.make_claim(rule=rule, store=store, shopper=Shopper.objects.get(pk=shopper_id), claimed_at=at)
    return Decision.objects.create(
        mall_id=store.mall_id, claim=made, rule=rule, rule_version=rule.version, shopper_id=shopper_id,
        outcome="awarded", trace=[], decided_at=at,
    )  # fmt: skip


def test_what_is_not_too_fast(mall, store, rule, settings):
    settings.GUARD_AWARDS_PER_HOUR = 3
    for n in range(9):
        pay(store, at=NOW - timedelta(hours=2, minutes=n))  # awards long ago
        pay(store, at=NOW - timedelta(minutes=n), shopper=None)  # nobody known
    pay(store, at=NOW - timedelta(minutes=5), shopper="ben")
    assert found(velocity, mall) == {}


@pytest.mark.parametrize("guard", [refund_loop, shared_device, staff_self, velocity])
def test_each_guard_sees_its_mall_only_and_explains_itself(mall, store, rule, cashier, guard):
    loop(store)
    crowd(mall, 5)
    earn_and_use(store, cashier, times=3, wait=timedelta(hours=1), shopper="ben")
    for _ in range(10):
        pay(store, shopper="cleo")
    assert found(guard, mall)
    assert found(guard, factories.make_mall()) == {}
    assert len(guard.__doc__) > 100
