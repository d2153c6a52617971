import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.codes import shown
from coupons.models import Coupon
from mallops import pipeline
from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant)


@pytest.fixture
def rule(mall, stock):
    return factories.make_rule(mall=mall, stock=stock)


def issue(store, **fields) -> Coupon:
    event = factories.payment_event(store, **fields)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=timezone.now())
    return Coupon.objects.get(code=receipt.coupons[0].code)


def test_found_by_code_and_by_payment(client, mall, store, rule, manager):
    first, second = issue(store, transaction_id="T-100"), issue(store, transaction_id="T-200")
    client.force_login(manager)

    def rows(**query):
        return list(client.get(page("coupon_list", mall.slug), query).context["table"].page)

    assert rows() == [second, first]
    assert rows(search=shown(first.code).lower()) == [first]
    assert rows(search=" T-200 ") == [second]
    assert rows(search="T-300") == []
    assert rows(state="redeemed") == []
    assert rows(stock=rule.version.stocks.get().pk) == [second, first]
    assert rows(search="T-100", state="x", stock="x") == [first]


def test_codes_are_masked_in_the_list_and_whole_only_for_who_edits_rules(client, mall, store, rule, manager):
    coupon = issue(store)
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    for user, sees in ((manager, True), (viewer, False)):
        client.force_login(user)
        assert coupon.code not in client.get(page("coupon_list", mall.slug)).text
        detail = client.get(page("coupon_detail", mall.slug, coupon.pk)).text
        assert (shown(coupon.code) in detail) is sees
        assert coupon.code[-4:] in detail
        assert f"#{coupon.shopper_id}" in detail


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries(client, mall, store, rule, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        issue(store)
    client.force_login(manager)
    with django_assert_num_queries(9):
        answer = client.get(page("coupon_list", mall.slug))
    assert len(answer.context["table"].page) == rows


def test_the_life_of_a_coupon(client, mall, store, rule, manager):
    coupon = issue(store, transaction_id="T-1")
    at = {"mall_id": mall.pk, "source": "test", "now": timezone.now(), "by": manager}
    redemption = pipeline.redeem(code=coupon.code, store_id=store.pk, order_fen=6_000, request_id="q", **at)
    pipeline.reverse(redemption_id=redemption.pk, request_id="u", reason="Wrong table", **at | {"now": timezone.now()})
    pipeline.expire(mall_id=mall.pk, now=coupon.expires_at)
    client.force_login(manager)
    answer = client.get(page("coupon_detail", mall.slug, coupon.pk))
    assert [event.kind for event in answer.context["life"]] == ["issued", "redeemed", "reversed", "expired"]
    for part in ("T-1", "version 1", "¥10.00 off an order of ¥60.00", "Wrong table"):
        assert part in answer.text


@pytest.mark.parametrize("turns", [1, 3])
def test_detail_takes_the_same_queries(client, mall, store, rule, manager, turns, django_assert_num_queries):
    coupon = issue(store)
    at = {"mall_id": mall.pk, "source": "test", "now": timezone.now(), "by": manager}
    for n in range(turns):
        done = pipeline.redeem(code=coupon.code, store_id=store.pk, order_fen=6_000, request_id=f"q{n}", **at)
        pipeline.reverse(redemption_id=done.pk, request_id=f"u{n}", reason="", **at)
    client.force_login(manager)
    with django_assert_num_queries(10):
        client.get(page("coupon_detail", mall.slug, coupon.pk))


def test_other_malls_coupons_are_not_found(client, mall, store, rule, owner, cashier, provider_manager, stranger):
    coupon = issue(store)
    for user in (owner, cashier, provider_manager, stranger):
        client.force_login(user)
        assert client.get(page("coupon_list", mall.slug)).status_code == 404
        assert client.get(page("coupon_detail", mall.slug, coupon.pk)).status_code == 404
    own = stranger.memberships.get().mall
    assert client.get(page("coupon_detail", own.slug, coupon.pk)).status_code == 404
    assert list(client.get(page("coupon_list", own.slug), {"search": coupon.code}).context["table"].page) == []
