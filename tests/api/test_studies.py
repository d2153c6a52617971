"""Explanations, coupons and backtests by API."""

import pytest

from coupons.models import Backtest, Coupon, Decision
from tests.factories import make_mall, make_rule, make_store

from .test_events import payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(call, mall, store):
    """A payment that one rule awarded and another refused."""
    make_rule(mall=mall), make_rule(mall=mall, min_fen=90_000)
    return call("post", "payments", payment(store)).json()["coupons"][0]["code"]


@pytest.mark.parametrize("asked", ["transaction", "code"])
def test_a_payment_is_explained(call, paid, asked):
    (found,) = call("get", f"explain?q={'t1' if asked == 'transaction' else paid}").json()["results"]
    assert (found["kind"], found["not_asked"]) == ("payment", [])
    assert {verdict["outcome"] for verdict in found["asked"]} == {"awarded", "refused"}
    refused = next(verdict for verdict in found["asked"] if verdict["outcome"] == "refused")
    assert refused["reason"] == "amount"
    assert refused["enough"] and not refused["coupons"]
    assert all(line["said"] for verdict in found["asked"] for line in verdict["lines"])
    assert Decision.objects.count() == 2


def test_nothing_to_explain(call, paid):
    assert call("get", "explain?q=t2").status_code == 404
    assert call("get", "explain").status_code == 400
    assert call("get", "explain?q=%00").status_code == 400


def test_a_coupon_is_found_by_its_code(call, paid):
    found = call("get", f"coupons/{paid.lower()}").json()
    assert (found["code"], found["state"]) == (paid, "issued")
    assert call("get", "coupons/ABCD").status_code == 404


def test_a_coupon_of_another_mall_is_unknown(call, mall):
    other = make_store(mall=make_mall())
    make_rule(mall=other.mall)
    from django.utils import timezone

    from mallops import pipeline
    from tests.factories import payment_event

    pipeline.record_payments(other.mall_id, [payment_event(other)], source="test", now=timezone.now())
    assert call("get", f"coupons/{Coupon.objects.get().code}").status_code == 404


def test_a_backtest_is_asked_for_and_read(call, mall, paid):
    rule = make_rule(mall=mall)
    asked = call("post", "backtests", {"rule": rule.pk})
    assert asked.status_code == 202, asked.json()
    found = call("get", f"backtests/{asked.json()['id']}").json()
    assert (found["rule"], found["state"]) == (rule.pk, "queued")
    assert [row["id"] for row in call("get", "backtests").json()["results"]] == [found["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": None}, "terms"),
        ({"terms": {"award": []}}, "terms.award"),
        ({"first_day": "yesterday"}, "first_day"),
    ],
)
def test_a_backtest_that_cannot_be_made(call, mall, wrong, change, field):
    response = call("post", "backtests", {"rule": make_rule(mall=mall).pk} | change)
    assert (response.status_code, wrong(response)) == (400, {field})


def test_a_backtest_of_a_reversed_span_or_a_foreign_rule(call, mall, paid, wrong):
    body = {"rule": make_rule(mall=mall).pk, "first_day": "2026-03-02", "last_day": "2026-03-01"}
    assert call("post", "backtests", body).json()["code"] == "reversed"
    assert wrong(call("post", "backtests", {"rule": make_rule(mall=make_mall()).pk})) == {"rule"}
    assert not Backtest.objects.exists()


@pytest.mark.parametrize("path", ["explain?q=t1", "coupons/ABCD", "backtests"])
def test_providers_stay_outside(call, provider_key, path):
    assert call("get", path, key=provider_key).status_code == 403
