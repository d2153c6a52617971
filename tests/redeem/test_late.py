"""Redemptions made without connection: the first to arrive is kept, the others are disputes."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from analytics import recount, rollups
from analytics.models import CouponDay
from coupons import disputes, offline, redeeming
from coupons.codes import new_code
from coupons.models import Coupon, CouponClosure, Dispute, Redemption
from mallops import ledger_check, pipeline
from mallops.redeem import throttle
from mallops.redeem.late import redeem_late
from merchants.services import credentials
from tests import factories

from .test_counter import coupon, issue, page, rule, stock  # noqa: F401

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def url(store):
    return page("store_late", store.merchant_id, store.code)


@pytest.fixture
def take(mall, store, coupon):  # noqa: F811
    def take(**changes):
        now = timezone.now()
        values = {
            "code": offline.seal(coupon), "store_id": store.pk, "order_fen": 6_000, "request_id": "q1",
            "source": "test", "redeemed_at": now, "now": now, **changes,
        }  # fmt: skip
        return redeem_late(mall_id=mall.pk, **values)

    return take


def sent(coupon, **changes) -> dict:  # noqa: F811
    return {
        "code": offline.seal(coupon), "order_fen": "6000", "request_id": str(uuid4()),
        "redeemed_at": timezone.now().isoformat(), **changes,
    }  # fmt: skip


def test_first_is_kept_and_the_second_is_a_dispute(take, mall, store, other_store, stock, cashier):  # noqa: F811
    stock.stores.set([store, other_store])
    stock.save()
    first, second = take(), take(request_id="q2", store_id=other_store.pk, by=cashier)
    assert isinstance(first, Redemption)
    assert isinstance(second, Dispute)
    assert (second.reason, second.store_id, second.by, second.state) == (
        "already_redeemed", other_store.pk, cashier, "open",
    )  # fmt: skip
    assert Redemption.objects.get() == first
    assert list(ledger_check.problems(mall)) == []


def test_same_request_gets_the_same_answer(take):
    assert take() == take()
    assert take(request_id="q2") == take(request_id="q2")
    assert (Redemption.objects.count(), Dispute.objects.count()) == (1, 1)


def test_dispute_stays_one_even_if_the_coupon_is_free_again(take, mall):
    first, second = take(), take(request_id="q2")
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=first.pk, request_id="u1", reason="", source="test", now=timezone.now()
    )
    assert take(request_id="q2") == second
    assert Redemption.objects.count() == 1


def test_request_id_of_another_coupon(take, store, rule):  # noqa: F811
    other = offline.seal(issue(store))
    take()
    take(request_id="q2")
    for request_id in ("q1", "q2"):
        with pytest.raises(pipeline.redeeming.RedeemError, match="request_reused"):
            take(code=other, request_id=request_id)


def test_used_in_time_but_known_after_the_coupon_was_closed(take, mall, coupon):  # noqa: F811
    end = coupon.expires_at
    assert pipeline.expire(mall_id=mall.pk, now=end) == 1
    redemption = take(redeemed_at=end - HOUR, now=end + HOUR)
    assert isinstance(redemption, Redemption)
    assert redemption.redeemed_at == end - HOUR
    assert Coupon.objects.get().state == "redeemed"
    assert list(ledger_check.problems(mall)) == []
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=redemption.pk, request_id="u1", reason="", source="test", now=end + 2 * HOUR
    )
    assert Coupon.objects.get().state == "expired"
    assert pipeline.expire(mall_id=mall.pk, now=end + 3 * HOUR) == 0
    assert CouponClosure.objects.count() == 1
    assert list(ledger_check.problems(mall)) == []


def test_what_was_used_in_time_is_not_counted_as_expired(take, mall, coupon):  # noqa: F811
    def expired() -> int:
        while rollups.fold(mall.pk):
            pass
        assert list(ledger_check.problems(mall)) == []
        recount.rebuild(mall.pk)
        days = CouponDay.objects.for_mall(mall).exclude(expired=0).values_list("day", "expired")
        assert set(days) <= {(CouponClosure.objects.get().day, 1)}
        return len(days)

    end = coupon.expires_at
    pipeline.expire(mall_id=mall.pk, now=end)
    assert expired() == 1
    redemption = take(redeemed_at=end - HOUR, now=end + HOUR)
    assert take(redeemed_at=end - HOUR, now=end + HOUR) == redemption  # sent again
    assert expired() == 0
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=redemption.pk, request_id="u1", reason="", source="test", now=end + 2 * HOUR
    )
    assert expired() == 1


def test_closed_between_reading_and_writing(take, mall, coupon, monkeypatch):  # noqa: F811
    """Somebody else's closure comes just before our move: the coupon is good, and the closure taken back."""
    end, check = coupon.expires_at, redeeming.check

    def slow(**asked):
        quote = check(**asked)
        pipeline.expire(mall_id=mall.pk, now=end)
        return quote

    monkeypatch.setattr(redeeming, "check", slow)
    assert isinstance(take(redeemed_at=end - HOUR, now=end + HOUR), Redemption)
    assert (Coupon.objects.get().state, CouponClosure.objects.count()) == ("redeemed", 1)
    assert list(ledger_check.problems(mall)) == []


def test_used_after_its_end(take, coupon):  # noqa: F811
    assert take(redeemed_at=coupon.expires_at, now=coupon.expires_at).reason == "expired"


def test_arrived_too_late(take, coupon):  # noqa: F811
    start = coupon.valid_from
    late = start + disputes.LATE_AT_MOST
    assert isinstance(take(redeemed_at=start, now=late), Redemption)
    assert isinstance(take(redeemed_at=start, now=late + HOUR), Redemption)  # sent again
    assert take(redeemed_at=start, now=late + HOUR, request_id="q2").reason == "too_late"


def test_refused_otherwise(take, mall, coupon, other_store):  # noqa: F811
    assert take(order_fen=1).reason == "below_minimum"
    assert take(store_id=other_store.pk, request_id="q2").reason == "store_not_usable"
    assert take(redeemed_at=coupon.valid_from - HOUR, request_id="q3").reason == "not_yet_valid"
    Coupon.objects.update(state="revoked")
    assert take(request_id="q4").reason == "revoked"
    forged = offline.seal(coupon)[:-9] + "AAAAAAAAA"
    for code, refused in ((forged, "forged"), (new_code(), "unknown_code"), ("ABC", "mistyped")):
        with pytest.raises(pipeline.redeeming.RedeemError, match=refused):
            take(code=code, request_id="q5")
    assert Dispute.objects.count() == 4


class TestPage:
    def test_answers(self, client, cashier, coupon, url):  # noqa: F811
        client.force_login(cashier)
        data = sent(coupon)
        assert client.post(url, data).json() == {"state": "redeemed", "said": ""}
        assert client.post(url, data).json() == {"state": "redeemed", "said": ""}
        assert client.post(url, sent(coupon)).json() == {
            "state": "disputed", "said": "This coupon was redeemed already.",
        }  # fmt: skip
        redemption = Redemption.objects.get()
        assert (redemption.by, redemption.source, redemption.discount_fen) == (cashier, "page:late", 1_000)

    def test_confirmed_and_queued_is_one(self, client, store, cashier, coupon, url):  # noqa: F811
        """The answer to a confirmation was lost, and the page queued it."""
        client.force_login(cashier)
        data = sent(coupon)
        client.post(page("store_redeem", store.merchant_id, store.code), data | {"order_fen": "60.00"})
        assert client.post(url, data).json()["state"] == "redeemed"
        assert Redemption.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"code": ""}, "required"),
            ({"code": "x" * 201}, "200"),
            ({"order_fen": "0"}, "greater"),
            ({"order_fen": "x"}, "whole number"),
            ({"request_id": "x"}, "UUID"),
            ({"redeemed_at": "yesterday"}, "date/time"),
            ({"redeemed_at": "2999-01-01T00:00:00Z"}, "clock of this device"),
            ({"code": "M1.x.y.1.2.z"}, "was not made by this mall"),
        ],
        ids=str,
    )
    def test_bad_input(self, client, cashier, coupon, url, changes, said):  # noqa: F811
        client.force_login(cashier)
        answer = client.post(url, sent(coupon, **changes))
        assert (answer.status_code, answer.json()["state"]) == (422, "refused")
        assert said in answer.json()["said"]
        assert not Dispute.objects.exists()

    def test_closed_store_can_still_send(self, client, store, cashier, coupon, url):  # noqa: F811
        store.closed_on = timezone.localdate() - timedelta(days=1)
        store.save()
        client.force_login(cashier)
        assert client.post(url, sent(coupon)).json()["state"] == "redeemed"

    def test_guessing_is_limited_and_logged(self, client, cashier, coupon, url, caplog):  # noqa: F811
        client.force_login(cashier)
        with caplog.at_level(logging.WARNING, "mallops.redeem"):
            for _ in range(throttle.LIMIT):
                assert client.post(url, sent(coupon, code=new_code())).status_code == 422
        assert f"user:{cashier.pk}: a coupon code refused as unknown_code" in caplog.text
        answer = client.post(url, sent(coupon))
        assert (answer.status_code, answer.json()["state"]) == (429, "wait")

    def test_own_disputes_only(self, client, mall, store, other_store, cashier, owner, coupon, url, stock):  # noqa: F811
        client.force_login(cashier)
        client.post(url, sent(coupon))
        client.post(url, sent(coupon))
        answer = client.get(page("dispute_list", store.merchant_id))
        assert "This coupon was redeemed already." in answer.text
        assert "The mall settles them." in answer.text
        neighbour = factories.make_member("merchant_owner", merchant=other_store.merchant)
        client.force_login(neighbour)
        assert "No dispute" in client.get(page("dispute_list", other_store.merchant_id)).text

    @pytest.mark.parametrize("rows", [1, 3])
    def test_list_takes_the_same_queries(self, client, store, owner, take, rows, django_assert_num_queries):
        client.force_login(owner)
        for n in range(rows + 1):
            take(request_id=f"q{n}")
        with django_assert_num_queries(9):
            client.get(page("dispute_list", store.merchant_id))


class TestApi:
    @pytest.fixture
    def post(self, client, mall, manager):
        key = credentials.issue(mall=mall, provider=None, label="till", by=manager)[1]

        def post(path="redemptions", **data):
            return client.post(
                f"/api/v1/{path}", data, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
            )

        return post

    @pytest.fixture
    def body(self, store, coupon) -> dict:  # noqa: F811
        return {"store": store.code, "code": offline.seal(coupon), "order_fen": 6_000, "request_id": "q1"}

    def test_late_one_and_its_dispute(self, post, body):
        moment = (timezone.now() + timedelta(minutes=1)).isoformat()
        first = post(**body, redeemed_at=moment)
        second = post(**{**body, "request_id": "q2"}, redeemed_at=moment)
        assert (first.status_code, first.json()["discount_fen"]) == (201, 1_000)
        assert (second.status_code, second.json()["code"]) == (409, "already_redeemed")
        assert second.json()["dispute"] == Dispute.objects.get().pk

    def test_without_the_moment_there_is_no_dispute(self, post, body):
        post(**body)
        assert post(**{**body, "request_id": "q2"}).status_code == 409
        assert not Dispute.objects.exists()

    @pytest.mark.parametrize("moment", ["soon", 5, "2999-01-01T00:00:00Z", "2026-01-01T00:00:00"])
    def test_moment_that_cannot_be(self, post, body, moment):
        answer = post(**body, redeemed_at=moment)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "redeemed_at")

    def test_fast_clock(self, post, body):
        moment = timezone.now() + disputes.AHEAD_AT_MOST + HOUR
        assert "future" in post(**body, redeemed_at=moment.isoformat()).json()["errors"][0]["message"]

    def test_guessing_is_limited_by_credential_and_store(self, post, body, mall, store, stock, monkeypatch):  # noqa: F811
        second = factories.make_store(mall=mall, merchant=store.merchant)
        for _ in range(throttle.LIMIT):
            assert post(**{**body, "code": new_code()}).json()["code"] == "unknown_code"
        assert post(**body).json()["code"] == "too_many_wrong_codes"
        monkeypatch.setattr(throttle, "LIMIT", 1_000)
        assert post(**{**body, "code": new_code()}).json()["code"] == "unknown_code"
        monkeypatch.setattr(throttle, "STORE_LIMIT", throttle.LIMIT // 50)
        assert post(**body).status_code == 429
        assert post(**{**body, "store": second.code}).status_code == 201

    @pytest.mark.parametrize("number", ["t9", "t\x001", "单号", 5])
    @pytest.mark.parametrize("channel", ["wechat", "\x00", "barter", None])
    def test_unknown_payment(self, post, body, channel, number):
        answer = post(**body, channel=channel, transaction_id=number)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_payment")
        assert not Redemption.objects.exists()

    @pytest.mark.parametrize("reason", ["a\x00", 5, []])
    def test_reason_that_cannot_be_kept(self, post, body, reason):
        made = post(**body).json()["id"]
        answer = post(f"redemptions/{made}/reversal", request_id="u1", reason=reason)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason")
        assert post(f"redemptions/{made}/reversal", request_id="u1", reason="x" * 300).status_code == 201

    def test_key_is_public(self, client):
        answer = client.get("/api/v1/coupon-key")
        assert answer.json() == offline.public_jwk()

    def test_contact(self, client, mall, manager, post):
        from payments import contacts
        from payments.models import Shopper

        key = credentials.issue(mall=mall, provider=None, label="app", by=manager)[1]

        def put(**data):
            return client.put(
                "/api/v1/shoppers/contact", data, content_type="application/json",
                headers={"Authorization": f"Bearer {key}"},
            )  # fmt: skip

        assert put(shopper="anna", mail="anna@example.com", language="en").status_code == 200
        shopper = Shopper.objects.get()
        found = contacts.find(mall_id=mall.pk, shopper_id=shopper.pk)
        assert (found.address, found.language) == ("anna@example.com", "en")
        for wrong in ({"mail": "anna"}, {"mail": 5}, {"mail": "a@b.de", "language": "fr"}, {}):
            assert put(shopper="anna", **wrong).status_code == 400
        assert put(shopper="anna", mail=None).status_code == 200
        assert contacts.find(mall_id=mall.pk, shopper_id=shopper.pk) is None
