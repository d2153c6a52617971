from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.codes import ALPHABET, new_code, shown
from coupons.models import Coupon, Redemption
from mallops import pipeline
from mallops.redeem import throttle
from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"redeem:{name}", args=args)


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant, name_en="Tea off")


@pytest.fixture
def rule(mall, stock):
    return factories.make_rule(mall=mall, stock=stock)


@pytest.fixture
def coupon(store, rule) -> Coupon:
    return issue(store)


@pytest.fixture
def url(store):
    return page("store_redeem", store.merchant_id, store.code)


def issue(store) -> Coupon:
    event = factories.payment_event(store)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=timezone.now())
    return Coupon.objects.get(code=receipt.coupons[0].code)


def entered(coupon, **changes) -> dict:
    return {"code": coupon.code, "order_fen": "60", **changes}


def confirmed(coupon, **changes) -> dict:
    return entered(coupon, request_id=str(uuid4()), **changes)


def wrong(code: str) -> str:
    """The code with one character changed."""
    return code[:3] + ALPHABET[(ALPHABET.index(code[3]) + 1) % len(ALPHABET)] + code[4:]


def test_one_store_is_gone_straight_to(client, store, cashier, url):
    client.force_login(cashier)
    assert client.get(page("store_choose", store.merchant_id))["Location"] == url


def test_of_several_open_stores_one_is_chosen(client, mall, store, cashier):
    second = factories.make_store(mall=mall, merchant=store.merchant, category=store.category, code="a/b c")
    factories.make_store(mall=mall, merchant=store.merchant, category=store.category, closed_on="2020-01-01")
    client.force_login(cashier)
    answer = client.get(page("store_choose", store.merchant_id))
    assert answer.context["stores"] == [second, store]
    assert client.get(page("store_redeem", store.merchant_id, second.code)).context["store"] == second


@pytest.mark.parametrize("name", ["store_redeem", "store_late"])
@pytest.mark.parametrize("code", ["elsewhere", "%00", "a%00b"])
def test_an_unknown_store(client, store, cashier, name, code):
    client.force_login(cashier)
    assert client.post(page(name, store.merchant_id, "?").replace("%3F", code)).status_code == 404


def test_no_store(client, store, cashier):
    store.closed_on = "2020-01-01"
    store.save()
    client.force_login(cashier)
    assert "No open store" in client.get(page("store_choose", store.merchant_id)).text


def test_from_the_code_to_the_result(client, store, cashier, coupon, url):
    client.force_login(cashier)
    check = client.post(url, {"code": shown(coupon.code).lower().replace("-", " - "), "order_fen": "60.50"})
    assert "−¥10.00" in check.text
    assert "¥50.50" in check.text
    assert not Redemption.objects.exists()
    form = check.context["form"]
    done = client.post(url, {bound.name: bound.value() for bound in form})
    redemption = Redemption.objects.get()
    assert done["Location"] == page("redemption_detail", store.merchant_id, redemption.pk)
    assert (redemption.order_fen, redemption.discount_fen, redemption.by, redemption.source) == (
        6_050, 1_000, cashier, "page",
    )  # fmt: skip
    result = client.get(done["Location"]).text
    assert "To pay: ¥50.50" in result
    assert coupon.code not in result


def test_a_double_click_redeems_once(client, cashier, coupon, url):
    client.force_login(cashier)
    data = confirmed(coupon)
    first, second = client.post(url, data), client.post(url, data)
    assert first["Location"] == second["Location"]
    assert Redemption.objects.count() == 1


def test_a_form_sent_again_for_another_coupon_is_refused(client, store, cashier, coupon, url):
    client.force_login(cashier)
    data = confirmed(coupon)
    client.post(url, data)
    answer = client.post(url, data | {"code": issue(store).code})
    assert (answer.status_code, Redemption.objects.count()) == (422, 1)
    assert "Enter the code again." in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": ""}, "This field is required."),
        ({"code": "x" * 201}, "at most 200 characters"),
        ({"code": "ABC"}, "Mistyped?"),
        ({"code": "好" * 12}, "Mistyped?"),
        ({"order_fen": ""}, "This field is required."),
        ({"order_fen": "0"}, "Enter at least ¥0.01."),
        ({"order_fen": "-5"}, "Enter at least ¥0.01."),
        ({"order_fen": "1.005"}, "Enter an amount in yuan, such as 12.50."),
        ({"order_fen": "9" * 13}, "Enter an amount in yuan"),
        ({"order_fen": "49.99"}, "The order must come to at least ¥50.00 for this coupon."),
    ],
    ids=str,
)
def test_what_is_entered_wrongly_is_said(client, cashier, coupon, url, changes, said):
    client.force_login(cashier)
    for data in (entered(coupon, **changes), confirmed(coupon, **changes)):
        answer = client.post(url, data)
        assert answer.status_code == 422
        assert said in answer.text
    assert not Redemption.objects.exists()


def test_mistyped_and_unknown_codes(client, cashier, coupon, url):
    client.force_login(cashier)
    assert "Mistyped?" in client.post(url, entered(coupon, code=wrong(coupon.code))).text
    assert "There is no coupon with this code." in client.post(url, entered(coupon, code=new_code())).text


def test_a_bad_request_id_redeems_nothing(client, cashier, coupon, url):
    client.force_login(cashier)
    client.post(url, confirmed(coupon) | {"request_id": "x"})
    assert not Redemption.objects.exists()


def test_times_and_states_that_do_not_fit(client, cashier, coupon, url):
    client.force_login(cashier)
    now = timezone.now()

    def said(**values) -> str:
        Coupon.objects.filter(pk=coupon.pk).update(**values)
        return client.post(url, confirmed(coupon)).text

    hour = timedelta(hours=1)
    assert "is valid from" in said(valid_from=now + hour, expires_at=now + 2 * hour)
    assert "expired on" in said(valid_from=now - 2 * hour, expires_at=now - hour)
    assert "was revoked" in said(state="revoked")
    assert not Redemption.objects.exists()


def test_a_used_coupon_says_where_only_at_the_merchants_own_stores(
    client, mall, store, other_store, cashier, coupon, stock, url
):
    stock.stores.set([store, other_store])
    stock.save()
    elsewhere = issue(store)
    at = {"mall_id": mall.pk, "source": "test", "now": timezone.now()}
    pipeline.redeem(code=coupon.code, store_id=store.pk, order_fen=6_000, request_id="1", **at)
    pipeline.redeem(code=elsewhere.code, store_id=other_store.pk, order_fen=6_000, request_id="2", **at)
    client.force_login(cashier)
    assert f"at {store.name}." in client.post(url, entered(coupon)).text
    told = client.post(url, entered(elsewhere)).text
    assert "was redeemed already, on" in told
    assert other_store.name not in told


def test_a_coupon_of_another_store_is_refused(client, mall, store, other_store, cashier, url):
    factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=other_store.merchant))
    coupon = issue(store)
    client.force_login(cashier)
    assert "cannot be used at this store" in client.post(url, confirmed(coupon)).text


def test_a_coupon_of_another_mall_is_unknown(client, cashier, url):
    elsewhere = factories.make_store(mall=factories.make_mall())
    factories.make_rule(
        mall=elsewhere.mall, stock=factories.make_stock(mall=elsewhere.mall, merchant=elsewhere.merchant)
    )
    client.force_login(cashier)
    assert "There is no coupon with this code." in client.post(url, confirmed(issue(elsewhere))).text


def test_guessing_is_stopped_for_the_person_and_counts_wrong_codes_only(client, store, owner, cashier, coupon, url):
    client.force_login(cashier)
    for _ in range(throttle.LIMIT):
        assert client.post(url, entered(coupon, order_fen="1")).status_code == 422
    for n in range(throttle.LIMIT):
        assert client.post(url, entered(coupon, code=new_code() if n % 2 else "ABC")).status_code == 422
    for data in (entered(coupon), confirmed(coupon)):
        answer = client.post(url, data)
        assert answer.status_code == 429
        assert "Too many wrong codes." in answer.text
    assert not Redemption.objects.exists()
    client.force_login(owner)
    assert client.post(url, confirmed(coupon)).status_code == 302


def test_the_window_slides(monkeypatch, db):
    monkeypatch.setattr(throttle, "WINDOW", 0)
    for _ in range(throttle.LIMIT):
        throttle.note_wrong("user:1", 1, "unknown_code")
    assert not throttle.is_over("user:1", 1)


def test_last_redemptions_are_listed(client, mall, store, cashier, rule, url, django_assert_num_queries):
    client.force_login(cashier)

    def look() -> list:
        with django_assert_num_queries(8):
            return list(client.get(url).context["last"])

    client.post(url, confirmed(issue(store)))
    assert len(look()) == 1
    for _ in range(2):
        client.post(url, confirmed(issue(store)))
    assert look() == list(Redemption.objects.order_by("-pk"))


def test_who_may_redeem_where(
    client, mall, store, other_store, manager, operator, owner, cashier, provider_manager, stranger, url
):
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    neighbour = factories.make_member(Role.MERCHANT_OWNER, merchant=other_store.merchant)
    for user, status in (
        (manager, 200), (operator, 200), (owner, 200), (cashier, 200), (viewer, 403), (provider_manager, 404),
        (stranger, 404), (neighbour, 404),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(url).status_code == status
        assert client.get(page("redemption_list", store.merchant_id)).status_code == status
    client.force_login(cashier)
    assert client.get(page("store_redeem", store.merchant_id, other_store.code)).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302


def test_refused_posts_redeem_nothing(client, mall, store, other_store, coupon, stranger, provider_manager, url):
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    neighbour = factories.make_member(Role.MERCHANT_OWNER, merchant=other_store.merchant)
    for user in (viewer, neighbour, provider_manager, stranger):
        client.force_login(user)
        assert client.post(url, confirmed(coupon)).status_code in (403, 404)
    assert not Redemption.objects.exists()
