"""One box: payments, coupons, claims and shoppers of the mall, and of no other."""

from datetime import UTC, datetime

import pytest

from coupons.codes import shown
from coupons.models import Coupon, Decision
from coupons.queries.search import search
from mallops import pipeline
from payments.models import Payment, Shopper
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # past midnight in Shanghai: the 21st


@pytest.fixture
def rule(mall, store):
    return factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def payment(store, rule) -> Payment:
    event = factories.payment_event(store, transaction_id="T-100", paid_at=NOW)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=NOW)
    return Payment.objects.get(pk=receipt.id)


@pytest.fixture
def claimed(store, rule, payment) -> Coupon:
    """A coupon that a claim earned."""
    claim = factories.make_claim(rule=rule, store=store, shopper=payment.shopper, request_id="C-7", claimed_at=NOW)
    earned = payment.coupons.get()
    Coupon.objects.filter(pk=earned.pk).update(payment=None, claim=claim)
    Decision.objects.filter(payment=payment).update(payment=None, claim=claim)
    return Coupon.objects.get(pk=earned.pk)


def found(mall, text) -> list:
    return [(hit.kind, hit.row.pk) for hit in search(mall, text)]


def test_by_transaction_id(mall, payment):
    assert found(mall, " T-100 ") == [("payment", payment.pk)]
    assert found(mall, "t-100") == []


def test_one_transaction_id_on_two_channels(mall, store, payment):
    event = factories.payment_event(store, transaction_id="T-100", channel="alipay", paid_at=NOW)
    pipeline.record_payments(mall.pk, [event], source="test", now=NOW)
    assert [kind for kind, _pk in found(mall, "T-100")] == ["payment", "payment"]


def test_by_code_as_typed(mall, payment):
    code = payment.coupons.get().code
    for typed in (code, shown(code), shown(code).lower(), f" {code[:4]} {code[4:]} "):
        assert found(mall, typed) == [("payment", payment.pk)]
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert found(mall, wrong) == []


def test_by_the_last_four_and_the_day_of_issue(mall, payment):
    tail = payment.coupons.get().code[-4:]
    for typed in (f"{tail} 2026-11-21", f"…{tail.lower()}  2026-11-21"):
        assert found(mall, typed) == [("payment", payment.pk)]
    for other in (f"{tail} 2026-11-20", f"{tail} 2026-13-40", f"{tail}", "2222 2026-11-21"):
        assert found(mall, other) == []


def test_a_coupon_of_a_claim_leads_to_the_claim(mall, claimed):
    for typed in (claimed.code, f"{claimed.code[-4:]} 2026-11-21", "C-7"):
        assert found(mall, typed) == [("claim", claimed.claim_id)]


def test_by_shopper(mall, payment):
    hit = [("shopper", payment.shopper_id)]
    for typed in ("anna", f"#{payment.shopper_id}", str(payment.shopper_id)):
        assert found(mall, typed) == hit
    for other in ("ben", "#", "#0", "", "९", "9" * 40):
        assert found(mall, other) == []


def test_an_identity_of_digits_goes_before_a_number(mall, payment):
    ben = Shopper.objects.create(mall=mall, created_at=NOW)
    ben.identities.create(mall=mall, digest=factories.digest(mall.pk, str(payment.shopper_id)))
    assert found(mall, str(payment.shopper_id)) == [("shopper", ben.pk)]
    assert found(mall, f"#{payment.shopper_id}") == [("shopper", payment.shopper_id)]


def test_another_mall_finds_nothing(payment):
    other = factories.make_mall()
    code = payment.coupons.get().code
    for typed in ("T-100", code, f"{code[-4:]} 2026-11-21", "anna", f"#{payment.shopper_id}"):
        assert found(other, typed) == []
