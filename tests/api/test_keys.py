"""What a key may do, for which stores, how often and until when; the sandbox."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from coupons.models import Coupon, Decision, Rule, Stock
from mallops.api import rates
from merchants.choices import Scope, Standing
from merchants.models import ApiCredential
from merchants.models.base import touch_mall
from merchants.services import credentials
from payments.models import Payment, Shopper
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 4, 5, 10, tzinfo=UTC)


@pytest.fixture
def key_of(mall, manager):
    return lambda **terms: credentials.issue(mall=mall, provider=None, label="till", by=manager, **terms)[1]


def paid(store, number="t1"):
    moment = timezone.now().isoformat()
    return {"store": store.code, "channel": "wechat", "transaction_id": number, "amount_fen": 10_000, "paid_at": moment}


SCOPES = {
    Scope.PAYMENTS: "payments", Scope.REFUNDS: "refunds", Scope.REDEEM: "redemptions", Scope.CLAIM: "claims",
    Scope.SHOPPERS: "shoppers/tags", Scope.COUPONS: "explain", Scope.RULES: "rules",
}  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_doors_of_its_scopes_alone(call, key_of, scope):
    key = key_of(scopes=[scope])
    opened = {path for path in SCOPES.values() if call("post", path, {}, key).status_code not in (403, 405)}
    assert opened <= {SCOPES[scope]}
    # `explain` is asked by GET.
    assert opened or call("get", SCOPES[scope], None, key).status_code != 403


def test_a_refusal_says_that_the_scope_is_missing(post, key_of, store):
    answer = post("payments", paid(store), key_of(scopes=["refunds"]))
    assert answer.status_code == 403 and "scope" in answer.json()["detail"]
    assert not Payment.objects.exists()


def test_a_key_limited_to_stores_reaches_no_other_and_no_rules(call, post, mall, key_of, store):
    other, key = factories.make_store(mall=mall), key_of(stores=[store])
    assert post("payments", paid(store), key).status_code == 201
    assert post("payments", paid(other, "t2"), key).status_code == 400
    assert call("get", "rules", None, key).status_code == 403


def test_a_providers_key_reaches_only_stores_that_are_served_too(post, mall, provider, manager, store):
    served = factories.make_store(mall=mall)
    factories.make_agreement(provider=provider, store=served)
    key = credentials.issue(mall=mall, provider=provider, label="pos", by=manager, stores=[store, served])[1]
    reached = [post("payments", paid(one, f"t{one.pk}"), key).status_code for one in (store, served)]
    assert reached[1] == 201
    provider.agreements.filter(store=served).update(until_day=timezone.now().date() - timedelta(days=2))
    touch_mall(mall.pk)
    assert post("payments", paid(served, "later"), key).status_code == 400


def test_a_key_ends_at_its_moment(post, mall, manager, store, key_of):
    key = key_of(expires_at=timezone.now() + timedelta(days=1))
    assert post("payments", paid(store), key).status_code == 201
    ApiCredential.objects.update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert post("payments", paid(store), key).status_code == 401


def test_a_key_of_a_provider_not_approved_is_refused(post, provider, provider_key, store):
    for changed in ({"state": "applied"}, {"state": "declined"}, {"standing": Standing.TERMINATED}):
        type(provider).objects.filter(pk=provider.pk).update(**{"state": "approved", "standing": "good"} | changed)
        assert post("payments", paid(store), provider_key).status_code == 403, changed


def test_a_caller_is_told_what_is_left_of_the_minute(post, store, key_of):
    key = key_of()
    answer = post("payments", paid(store), key)
    assert answer["RateLimit-Limit"] == "6000" and answer["RateLimit-Remaining"] == "5999"
    assert 0 < int(answer["RateLimit-Reset"]) <= 60
    assert ApiCredential.objects.get(key_id=key.split("_")[1]).last_used_at


def test_too_many_requests_are_refused_until_the_next_minute(post, store, key_of, monkeypatch):
    key = key_of()
    ApiCredential.objects.update(rate_per_minute=3)
    monkeypatch.setattr("mallops.api.authentication.timezone.now", lambda: NOW)
    answers = [post("payments", paid(store, f"t{number}"), key) for number in range(5)]
    assert [answer.status_code for answer in answers[:3]] != [429] * 3
    assert [answer.status_code for answer in answers[3:]] == [429, 429]
    assert answers[4].json()["code"] == "too_many_requests" and answers[4]["Retry-After"] == "50"
    assert answers[4]["RateLimit-Remaining"] == "0"
    monkeypatch.setattr("mallops.api.authentication.timezone.now", lambda: NOW + timedelta(minutes=1))
    assert post("payments", paid(store, "t9"), key).status_code != 429


def test_processes_share_the_minute_and_never_hand_out_more(mall, manager):
    credential, _key = credentials.issue(mall=mall, provider=None, label="till", by=manager)
    ApiCredential.objects.update(rate_per_minute=100)
    given = 0
    for number in range(30):
        if number % 3 == 0:
            rates._shares.clear()  # another process, which knows nothing of the others
        given += sum(not rates.take(credential.pk, 100, now=NOW).is_over for _ in range(5))
    assert 85 <= given <= 100  # what a process had left of its block is lost with it
    assert ApiCredential.objects.get().window_used == 100


def test_a_busy_key_costs_a_statement_in_a_while(mall, manager, django_assert_num_queries):
    credential, _key = credentials.issue(mall=mall, provider=None, label="till", by=manager)
    with django_assert_num_queries(1):
        for _ in range(300):
            rates.take(credential.pk, 6_000, now=NOW)


# --- The sandbox ---


def test_the_sandbox_answers_as_if_and_keeps_nothing(post, call, mall, store, key_of):
    stock = factories.make_stock(mall=mall)
    factories.make_rule(mall=mall, stock=stock)
    key, real = key_of(is_sandbox=True), key_of()
    answer = post("payments", paid(store) | {"shopper": "anna"}, key)
    assert answer.status_code == 201 and answer["MallOps-Sandbox"] == "true" and answer.json()["coupons"]
    assert not Payment.objects.exists() and not Coupon.objects.exists() and not Shopper.objects.exists()
    assert not Decision.objects.exists()
    again = post("payments", paid(store) | {"shopper": "anna"}, key)
    assert again.status_code == 201  # the first delivery left nothing
    real_answer = post("payments", paid(store) | {"shopper": "anna"}, real)
    assert real_answer.status_code == 201 and "MallOps-Sandbox" not in real_answer
    assert Payment.objects.count() == 1 and Coupon.objects.count() == 1


def test_what_the_sandbox_set_up_is_gone_for_everybody(call, post, mall, store, key_of):
    merchant = factories.make_merchant(mall=mall)
    key, real = key_of(is_sandbox=True), key_of()
    stock = {"merchant": merchant.code, "code": "trial", "name_en": "Trial", "kind": "amount_off", "value_fen": 500,
             "valid_for": 7, "quantity": 10}  # fmt: skip
    assert call("post", "stocks", stock, key).status_code == 201
    assert not Stock.objects.exists() and not Rule.objects.exists()
    assert call("get", "stocks", None, real).json()["count"] == 0
    assert post("payments", paid(store), real).status_code == 201


def test_a_refusal_in_the_sandbox_is_a_refusal(post, store, key_of):
    answer = post("payments", {}, key_of(is_sandbox=True))
    assert answer.status_code == 400 and answer["MallOps-Sandbox"] == "true"
