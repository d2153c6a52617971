"""The REST door for payments and refunds."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from merchants.choices import Standing
from merchants.services import credentials
from payments.models import EventConflict, Payment
from tests.factories import make_mall, make_rule, make_store

pytestmark = pytest.mark.django_db


def payment(store, **fields):
    return {
        "store": store.code, "channel": "wechat", "transaction_id": "t1", "amount_fen": 10_000,
        "paid_at": timezone.now().isoformat(), "shopper": "anna", **fields,
    }  # fmt: skip


def test_payment_is_created_then_known_with_its_coupons(post, mall, store):
    make_rule(mall=mall)
    first, again = post("payments", payment(store)), post("payments", payment(store))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["coupons"] == again.json()["coupons"]
    assert set(first.json()["coupons"][0]) == {"code", "stock", "valid_from", "expires_at"}


def test_payment_with_another_amount_conflicts(post, store):
    post("payments", payment(store))
    response = post("payments", payment(store, amount_fen=1))
    assert (response.status_code, response.json()["code"]) == (409, "other_amount")
    assert response["Content-Type"] == "application/problem+json"
    assert EventConflict.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("store", None), ("store", "nowhere"), ("store", 7), ("store", {}), ("store", "x\x00"),
        ("channel", "barter"), ("channel", None), ("channel", []),
        ("transaction_id", ""), ("transaction_id", "x" * 65), ("transaction_id", "a b"), ("transaction_id", 5),
        ("transaction_id", "单号"), ("transaction_id", "t\x00"), ("channel", "\x00"),
        ("amount_fen", 0), ("amount_fen", -5), ("amount_fen", 12.5), ("amount_fen", "12"),
        ("amount_fen", True), ("amount_fen", 10**30), ("amount_fen", None),
        ("paid_at", "2026-11-22T12:00:00"), ("paid_at", "yesterday"), ("paid_at", 5),
        ("paid_at", "1999-12-31T00:00:00Z"),
        ("paid_at", "2999-01-01T00:00:00Z"), ("paid_at", "0001-01-01T00:00:00+14:00"), ("paid_at", None),
        ("shopper", ""), ("shopper", "x" * 129), ("shopper", 5), ("shopper", "a\x00"), ("colour", "red"),
    ],
)  # fmt: skip
def test_bad_field_is_named(post, store, field, value):
    response = post("payments", payment(store) | {field: value})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "5", "null", '"x"', b"\xff\xfe", '{"\\ud800": 1}', '{"payments": {}}', '{"payments": []}',
        "[" * 5000,
    ],
)  # fmt: skip
def test_bad_body_is_a_problem(post, body):
    response = post("payments", body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_batch_answers_each_by_itself(post, store):
    items = [payment(store), payment(store, transaction_id="t2", amount_fen=-1), payment(store, transaction_id="t3"), 7]
    response = post("payments", {"payments": items})
    assert response.status_code == 200
    assert [item["status"] for item in response.json()["results"]] == ["created", "invalid", "created", "invalid"]
    assert Payment.objects.count() == 2


def test_batch_of_more_than_a_thousand_is_refused(post, store):
    assert post("payments", {"payments": [payment(store)] * 1_001}).status_code == 400


def test_refunds(post, store):
    post("payments", payment(store, paid_at=(timezone.now() - timedelta(hours=1)).isoformat()))
    refund = {
        "channel": "wechat", "transaction_id": "t1", "refund_id": "r1", "amount_fen": 6_000,
        "refunded_at": timezone.now().isoformat(),
    }  # fmt: skip
    assert [post("refunds", refund).status_code for _ in range(2)] == [201, 200]
    over = post("refunds", refund | {"refund_id": "r2"})
    assert (over.status_code, over.json()["code"]) == (422, "above_payment")
    unknown = post("refunds", refund | {"refund_id": "r3", "transaction_id": "t9"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_payment")
    assert Payment.objects.get().refunded_fen == 6_000


@pytest.mark.parametrize("key", [None, "", "mk_a_b", "mk__", "x" * 500, "mk_日_本"])
def test_bad_key_is_unauthorised(post, store, key):
    response = post("payments", payment(store), key=key)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_revoked_key_stops_at_once(post, mall, manager, mall_key, store):
    credentials.revoke(credential=mall.credentials.get(), by=manager)
    assert post("payments", payment(store)).status_code == 401


def test_provider_reaches_its_stores_only(post, provider, provider_key, store, other_store):
    assert post("payments", payment(store), provider_key).status_code == 201
    assert post("payments", payment(other_store, transaction_id="t2"), provider_key).status_code == 400
    provider.standing = Standing.SUSPENDED
    provider.save()
    assert post("payments", payment(store, transaction_id="t3"), provider_key).status_code == 403
    assert Payment.objects.count() == 1


def test_provider_cannot_refund_payments_of_other_stores(post, provider_key, other_store):
    post("payments", payment(other_store))
    refund = {
        "channel": "wechat", "transaction_id": "t1", "refund_id": "r1", "amount_fen": 1,
        "refunded_at": (timezone.now() + timedelta(minutes=1)).isoformat(),
    }  # fmt: skip
    assert post("refunds", refund, provider_key).json()["code"] == "unknown_payment"
    assert post("refunds", refund).status_code == 201
    assert post("refunds", refund, provider_key).json()["code"] == "unknown_payment"


def test_store_of_another_mall_is_unknown(post):
    assert post("payments", payment(make_store(mall=make_mall()))).status_code == 400


def test_query_count_of_a_payment_that_awards(post, mall, store, django_assert_num_queries):
    make_rule(mall=mall)
    for number in range(2):  # the first opens the accounts of who pays, the second compiles them
        post("payments", payment(store, transaction_id=f"warm-{number}"))
    with django_assert_num_queries(7 if connection.vendor == "postgresql" else 13):
        post("payments", payment(store, transaction_id="t2"))
