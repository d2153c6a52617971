"""Refund policies beyond the plain cases of tests/test_pipeline.py."""

import pytest
from django.utils import timezone

from coupons.models import Coupon, CouponClosure, Reversal
from mallops import pipeline
from tests.factories import make_rule, make_stock, payment_event, refund_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def refund(mall):
    return lambda *events: pipeline.record_refunds(mall.pk, events, source="test", now=timezone.now())


def states() -> list[str]:
    return list(Coupon.objects.order_by("pk").values_list("state", flat=True))


def test_each_coupon_follows_the_rule_that_issued_it(mall, store, record, refund):
    for policy in ("keep", "revoke", "revoke_below_minimum"):
        make_rule(mall=mall, on_trigger_refund=policy, min_fen=8_000, priority=-len(policy))
    event = payment_event(store)
    record(event)
    refund(refund_event(event, amount_fen=2_000))
    assert states() == ["issued", "revoked", "issued"]
    refund(refund_event(event, amount_fen=1))
    assert states() == ["issued", "revoked", "revoked"]


def test_several_refunds_in_one_batch_count_together(mall, store, record, refund):
    make_rule(mall=mall, min_fen=5_000)
    event = payment_event(store)
    record(event)
    refund(*[refund_event(event, amount_fen=3_000) for _ in range(2)])
    assert states() == ["revoked"]


def test_used_coupon_is_not_revoked(mall, store, other_store, record, redeem, refund):
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant), on_trigger_refund="revoke")
    event = payment_event(store)
    (receipt,) = record(event)
    redeem(receipt.coupons[0].code, other_store)
    refund(refund_event(event))
    assert states() == ["redeemed"]
    assert not CouponClosure.objects.exists()


@pytest.fixture
def used(mall, store, other_store, record, redeem):
    """The payment that a coupon was used on."""
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant), stores=(store.pk,))
    code = record(payment_event(store))[0].coupons[0].code
    event = payment_event(other_store)
    redeem(code, other_store, payment_id=record(event)[0].id)
    return event


def test_returned_coupon_can_be_used_again_and_is_returned_once(used, other_store, record, redeem, refund):
    refund(refund_event(used))
    assert states() == ["issued"]
    again = payment_event(other_store)
    redeem(Coupon.objects.get().code, other_store, payment_id=record(again)[0].id, request_id="q2")
    assert refund(refund_event(used, amount_fen=1))[0].reason == "above_payment"
    assert (states(), Reversal.objects.count()) == (["redeemed"], 1)
    refund(refund_event(again))
    assert (states(), Reversal.objects.count()) == (["issued"], 2)


def test_request_id_of_a_caller_never_meets_that_of_a_refund(mall, used, refund):
    redemption = Coupon.objects.get().redemptions.get()
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=redemption.pk, request_id=f"refund-{redemption.pk + 1}", reason="",
        source="test", now=timezone.now(),
    )  # fmt: skip
    refund(refund_event(used))
    assert states() == ["issued"]


def test_refund_said_twice_changes_nothing_more(mall, store, record, refund):
    make_rule(mall=mall)
    event = payment_event(store)
    record(event)
    whole = refund_event(event)
    assert [refund(whole)[0].status for _ in range(2)] == ["created", "known"]
    assert CouponClosure.objects.count() == 1
