"""Stocks by API."""

import pytest

from coupons.models import Stock
from merchants.models import AuditEntry
from tests.factories import make_mall, make_merchant, make_rule, make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def body(store):
    return {
        "code": "tea", "name_en": "Tea", "merchant": store.merchant.code, "kind": "amount_off", "value_fen": 500,
        "validity": "days", "valid_for": 7, "quantity": 10, "stores": [store.code],
    }  # fmt: skip


def test_a_stock_is_made_and_found_again(call, body, store):
    made = call("post", "stocks", body)
    assert made.status_code == 201, made.json()
    pk = made.json()["id"]
    found = call("get", f"stocks/{pk}").json()
    assert found == made.json()
    assert (found["merchant"], found["stores"], found["min_spend_fen"]) == (store.merchant.code, [store.code], 0)
    assert [row["id"] for row in call("get", "stocks").json()["results"]] == [pk]
    assert AuditEntry.objects.get(action="stock_created").actor is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value_fen": None}, "value_fen"),
        ({"value_fen": 0}, "value_fen"),
        ({"value_fen": "much"}, "value_fen"),
        ({"kind": "gift"}, "kind"),
        ({"kind": "percent_off"}, "percent_bp"),
        ({"kind": "exchange", "exchange_price_fen": 500}, "exchange_price_fen"),
        ({"validity": "fixed", "valid_from_day": "2026-05-02", "valid_until_day": "2026-05-01"}, "valid_until_day"),
        ({"validity": "fixed"}, "valid_from_day"),
        ({"merchant": "nobody"}, "merchant"),
        ({"stores": ["nowhere"]}, "stores"),
        ({"stores": ["\x00"]}, "stores"),
        ({"merchant": "\x00"}, "merchant"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 10**12}, "quantity"),
        ({"name_en": ""}, "name_en"),
        ({"code": "no blanks"}, "code"),
    ],
)
def test_what_cannot_be_a_stock_is_named(call, body, wrong, change, field):
    response = call("post", "stocks", body | change)
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert field in {name.split(".")[0] for name in wrong(response)}
    assert not Stock.objects.exists()


def test_a_code_is_taken_once(call, body, wrong):
    call("post", "stocks", body)
    assert wrong(call("post", "stocks", body)) == {"code"}


def test_a_merchant_of_another_mall_is_unknown(call, body, wrong):
    other = make_merchant(mall=make_mall(), code="elsewhere")
    assert wrong(call("post", "stocks", body | {"merchant": other.code})) == {"merchant"}


def test_what_merchants_agreed_to_only_grows(call, mall):
    stock = make_stock(mall=mall)
    assert call("patch", f"stocks/{stock.pk}", {"value_fen": 900}).json()["value_fen"] == 900
    make_rule(mall=mall, stock=stock)
    refused = call("patch", f"stocks/{stock.pk}", {"value_fen": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "frozen")
    assert call("patch", f"stocks/{stock.pk}", {"quantity": 5_000}).json()["quantity"] == 5_000


def test_a_stock_is_closed(call, mall):
    stock = make_stock(mall=mall)
    assert call("post", f"stocks/{stock.pk}/close").json()["closed_at"]


def test_out_of_scope_is_unknown_and_providers_stay_outside(call, mall, provider_key):
    theirs, ours = make_stock(mall=make_mall()), make_stock(mall=mall)
    assert call("get", f"stocks/{theirs.pk}").status_code == 404
    assert call("post", f"stocks/{theirs.pk}/close").status_code == 404
    assert call("get", f"stocks/{ours.pk}", key=provider_key).status_code == 403
    assert call("get", f"stocks/{ours.pk}", key="").status_code == 401
