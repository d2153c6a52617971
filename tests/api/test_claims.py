"""Claims by the API, as from a mini-program."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from coupons.engine.terms import Limits
from coupons.models import Claim, ClaimCode, Coupon
from coupons.models.rule import RuleState
from coupons.services import claim_codes
from payments.devices import device_digest
from payments.models import ShopperDevice
from tests.factories import make_mall, make_rule, make_stock, make_store

pytestmark = pytest.mark.django_db

HERE = {"latitude": 31.2304, "longitude": 121.4737}


@pytest.fixture
def offer(mall, store):
    def offer(**terms):
        stock = make_stock(mall=mall, merchant=store.merchant)
        return make_rule(mall=mall, stock=stock, **{"trigger": "qr", **terms})

    return offer


def claim(rule, **fields):
    return {"rule": rule.pk, "shopper": "openid-1", "request_id": "q1", **fields}


def test_a_claim_is_created_then_known(post, offer):
    rule = offer()
    first, again = post("claims", claim(rule)), post("claims", claim(rule))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["status"], again.json()["status"]) == ("created", "known")
    assert first.json()["coupons"] == again.json()["coupons"]
    assert Coupon.objects.count() == 1


def test_each_coupon_comes_with_its_page(post, offer):
    (coupon,) = post("claims", claim(offer())).json()["coupons"]
    assert set(coupon) == {"code", "stock", "valid_from", "expires_at", "url"}
    page = Client().get(coupon["url"].partition("8000")[2])
    assert coupon["code"][:4] in page.content.decode()


def test_a_claim_by_the_token_of_a_code_happens_where_the_code_hangs(post, offer, other_store):
    code = claim_codes.make(rule=offer(), store=other_store, by=None)
    assert post("claims", {"code": code.token, "shopper": "a", "request_id": "q"}).status_code == 201
    assert (Claim.objects.get().code, Claim.objects.get().store) == (code, other_store)


def test_the_store_can_be_named(post, offer, other_store):
    post("claims", claim(offer(), store=other_store.code))
    assert Claim.objects.get().store == other_store


def test_a_device_is_kept_as_its_digest(post, mall, offer):
    post("claims", claim(offer(), device="phone-1"))
    assert ShopperDevice.objects.get().digest == device_digest(mall.pk, "phone-1")


def test_nearby_inside_and_outside(post, mall, offer):
    mall.latitude, mall.longitude = "31.230400", "121.473700"
    mall.save()
    rule = offer(trigger="nearby")
    assert post("claims", claim(rule, position=HERE)).status_code == 201
    away = post("claims", claim(rule, request_id="q2", position={"latitude": 31.24, "longitude": 121.4737}))
    assert (away.status_code, away.json()["code"], away.json()["distance_m"]) == (409, "distance", 1_067)
    assert post("claims", claim(rule, request_id="q3")).json()["code"] == "no_position"


@pytest.mark.parametrize(
    "bad",
    [
        {"latitude": "NaN", "longitude": 0}, {"latitude": 999, "longitude": 0}, {"latitude": 0}, [31, 121], "here", 5,
        {"latitude": None, "longitude": None}, {"latitude": True, "longitude": 0},
    ],
)  # fmt: skip
def test_a_bad_position_is_named(post, offer, bad):
    response = post("claims", claim(offer(trigger="nearby"), position=bad))
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["position"]


def test_a_number_that_json_does_not_know_is_a_problem(post, offer):
    body = '{"rule": %d, "shopper": "a", "request_id": "q", "position": {"latitude": NaN, "longitude": 0}}'
    assert post("claims", body % offer().pk).status_code == 400


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"rule": None}, "rule"), ({"rule": 10**30}, "rule"), ({"rule": "1"}, "rule"), ({"rule": True}, "rule"),
        ({"rule": None, "code": "x" * 25}, "code"), ({"rule": None, "code": 5}, "code"),
        ({"rule": None, "code": "\x00"}, "code"),
        ({"rule": None, "code": "guessed"}, "code"), ({"code": "both"}, "rule"), ({"shopper": None}, "shopper"),
        ({"shopper": ""}, "shopper"), ({"request_id": "a b"}, "request_id"), ({"store": "nowhere"}, "store"),
        ({"device": 5}, "device"), ({"device": "x" * 129}, "device"), ({"device": "\x00"}, "device"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_bad_field_is_named(post, offer, fields, named):
    response = post("claims", claim(offer()) | fields)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [named]
    assert not Claim.objects.exists()


@pytest.mark.parametrize("token", ["", "\x00", "a\x00b", "码", None, 5, [], {}])
def test_a_link_needs_a_code(post, wrong, token):
    assert wrong(post("claim-links", {"code": token, "shopper": "a"})) == {"code"}


@pytest.mark.parametrize("body", ["", "{", "[]", "5", "null", "[" * 5000])
def test_bad_body_is_a_problem(post, body):
    assert post("claims", body).status_code == 400
    assert post("claim-links", body).status_code == 400


def test_rules_and_codes_of_other_malls_do_not_exist(post):
    other = make_mall()
    rule = make_rule(mall=other, trigger="qr", stock=make_stock(mall=other, merchant=make_store(mall=other).merchant))
    code = ClaimCode.objects.create(mall=other, rule=rule)
    assert post("claims", claim(rule)).json()["errors"][0]["field"] == "rule"
    by_code = post("claims", {"code": code.token, "shopper": "a", "request_id": "q"})
    assert by_code.json()["errors"][0]["field"] == "code"
    assert post("claim-links", {"code": code.token, "shopper": "a"}).status_code == 400


def test_refusals_say_why(post, offer):
    rule = offer(limits=Limits(per_shopper=1))
    post("claims", claim(rule))
    refused = post("claims", claim(rule, request_id="q2"))
    assert (refused.status_code, refused.json()["code"]) == (409, "per_shopper")
    assert refused["Content-Type"] == "application/problem+json"
    assert post("claims", claim(rule, shopper="ben")).json()["code"] == "request_reused"
    for fields, code in [
        ({"state": RuleState.PAUSED}, "not_live"),
        ({"trigger": "payment"}, "other_trigger"),
        ({"trigger": "hand_out"}, "other_trigger"),
        ({"ends_on": timezone.now().date() - timedelta(days=3)}, "dates"),
    ]:
        assert post("claims", claim(offer(**fields), request_id="q3")).json()["code"] == code


def test_the_control_group_is_not_told(post, offer):
    rule = offer(holdout_bp=9_000)
    answers = [post("claims", claim(rule, shopper=f"s{n}", request_id=f"q{n}")).json() for n in range(6)]
    assert "not_this_time" in {answer.get("code") for answer in answers}
    assert "held" not in str(answers) and "control" not in str(answers)


def test_a_link_introduces_the_shopper_to_the_claim_page(post, mall, offer):
    code = claim_codes.make(rule=offer(), store=None, by=None)
    link = post("claim-links", {"code": code.token, "shopper": "openid-1"})
    assert (link.status_code, link.json()["seconds"]) == (201, 900)
    assert "openid" not in link.json()["url"]
    phone = Client()
    phone.get(link.json()["url"].partition("8000")[2])
    page = f"/c/{code.token}/"
    phone.post(page, {"request_id": "0" * 32})
    assert post("claims", claim(code.rule, request_id="q9")).status_code == 201
    assert len(set(Coupon.objects.values_list("shopper", flat=True))) == 1


def test_a_providers_key_does_not_open_it(post, provider_key, offer):
    for path in ("claims", "claim-links"):
        assert post(path, claim(offer()), key=provider_key).status_code == 403
