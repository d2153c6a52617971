"""The claim page of a code: what is offered, asking for it, why not."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from coupons.engine.conditions import Leaf
from coupons.engine.terms import Limits
from coupons.models import Claim, ClaimCode, Coupon
from coupons.models.rule import RuleState
from coupons.services import claim_codes
from mallops.claim import phones, throttle
from payments.models import Shopper
from payments.shoppers import digest
from tests.claim.conftest import Phone
from tests.factories import make_mall, make_rule

pytestmark = pytest.mark.django_db

SORRY = "No coupon this time."


def text(response) -> str:
    return response.content.decode()


def test_the_page_says_what_there_is_to_get(phone, offer, other_store):
    rule = offer(at=other_store, limits=Limits(per_shopper=1, quantity=5))
    page = phone.open(rule.page)
    assert page.status_code == 200
    for part in (rule.name, "¥10 off on orders of ¥50 or more", other_store.name, "Once per shopper", "Get the coupon"):
        assert part in text(page)
    assert not Shopper.objects.exists()  # nobody is written down for looking


def test_a_claim_leads_to_the_coupon(phone, offer):
    rule = offer(limits=Limits(per_shopper=1))
    after = phone.claim(rule.page)
    assert (after.status_code, after["Location"]) == (302, rule.page)
    coupon, page = Coupon.objects.get(), text(phone.open(rule.page))
    assert "This coupon is yours" in page and f"-{coupon.code[-4:]}" in page
    assert "Get the coupon" not in page and "Get another" not in page
    (path,) = {part.split('"')[0] for part in page.split('href="') if part.startswith("/k/")}
    assert phone.get(path).status_code == 200


def test_one_can_ask_again_where_the_rule_allows_it(phone, offer):
    rule = offer(limits=Limits(per_shopper=2))
    phone.claim(rule.page)
    assert "Get another one" in text(phone.open(rule.page))
    phone.press(rule.page)
    assert Coupon.objects.count() == 2
    assert "These coupons are yours" in text(phone.open(rule.page))


def test_pressing_twice_is_one_claim(phone, offer):
    rule = offer()
    phone.open(rule.page)
    for _ in range(3):
        assert phone.press(rule.page).status_code == 302
    assert Claim.objects.count() == 1


def test_a_replay_from_another_phone_gets_nothing(phone, offer):
    rule = offer()
    phone.claim(rule.page)
    thief = Phone()
    thief.open(rule.page)
    thief.last = phone.last
    answer = thief.press(rule.page)
    assert answer.status_code == 409 and "used already" in text(answer)
    assert Coupon.objects.count() == 1


def test_two_phones_are_two_shoppers(offer):
    rule = offer(limits=Limits(per_shopper=1))
    for _ in range(2):
        assert Phone().claim(rule.page).status_code == 302
    assert Shopper.objects.count() == 2


def test_the_same_phone_is_the_same_shopper_at_another_offer(phone, offer):
    for rule in (offer(), offer()):
        phone.claim(rule.page)
    assert Shopper.objects.count() == 1 and Coupon.objects.count() == 2


def test_a_forged_cookie_is_a_stranger(phone, mall, offer):
    rule = offer(limits=Limits(per_shopper=1))
    phone.claim(rule.page)
    victim = digest(mall.pk, "openid-of-somebody")
    phone.cookies[f"shopper{mall.pk}"] = f"{victim}:forged"
    phone.claim(rule.page)
    assert Shopper.objects.count() == 2 and phones.shopper_id(mall, victim) is None


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"starts_on": 2}, "begins on"),
        ({"ends_on": -2}, "has ended"),
        ({"state": RuleState.ENDED}, "has ended"),
        ({"state": RuleState.PAUSED}, "not running"),
        ({"conditions": Leaf("visits", "at_least", 1)}, "certain shoppers"),
    ],
)
def test_what_cannot_be_had_is_said_before_and_after_asking(phone, mall, offer, terms, said):
    today = mall.today()
    rule = offer()  # to open a page with a button
    phone.open(rule.page)
    days = {name: today + timedelta(days=by) for name, by in terms.items() if isinstance(by, int)}
    closed = offer(**terms | days)
    answer = phone.press(closed.page)
    assert answer.status_code == 409 and said in text(answer)
    page = phone.open(closed.page)
    assert page.status_code == 200 and said in text(page) and "Get the coupon" not in text(page)
    assert not Coupon.objects.exists()


def test_sold_out_is_said(phone, offer):
    rule = offer(limits=Limits(quantity=1))
    phone.open(rule.page)
    Phone().claim(rule.page)
    assert "are gone" in text(phone.press(rule.page))
    assert "are gone" in text(Phone().open(rule.page))


def test_a_closed_code_is_gone(phone, offer):
    rule = offer()
    phone.open(rule.page)
    claim_codes.close(code=rule.code, now=timezone.now(), by=None)
    assert "no longer in use" in text(phone.press(rule.page))
    page = phone.open(rule.page)
    assert page.status_code == 410 and "no longer in use" in text(page)


def test_the_control_group_sees_nothing_of_it(offer):
    rule = offer(holdout_bp=9_000)
    answers = [Phone().claim(rule.page) for _ in range(6)]
    told = [text(answer) for answer in answers if answer.status_code == 409]
    assert told and all(SORRY in page and "control" not in page.lower() for page in told)


@pytest.mark.parametrize("fields", [{}, {"request_id": ""}, {"request_id": "1; drop table"}, {"request_id": "\x00"}])
def test_a_bad_form_is_asked_again(phone, offer, fields):
    rule = offer()
    answer = phone.post(rule.page, fields)
    assert answer.status_code == 422 and "Get the coupon" in text(answer)
    assert not Claim.objects.exists()


# --- Nearby ---


@pytest.fixture
def near(mall, offer):
    mall.latitude, mall.longitude = "31.230400", "121.473700"
    mall.save()
    return offer(trigger="nearby")


def test_nearby_asks_for_the_position_and_may(phone, near, offer):
    page = phone.open(near.page)
    assert "data-locate" in text(page) and "claim.js" in text(page)
    assert page["Permissions-Policy"] == "camera=(), microphone=(), geolocation=(self)"
    assert phone.open(offer().page)["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"


def test_inside_the_radius_there_is_a_coupon_and_no_position_is_kept(phone, near):
    assert phone.claim(near.page, latitude="31.2310", longitude="121.4737").status_code == 302
    assert Claim.objects.get().distance_m == 67


def test_outside_one_is_told_how_far(phone, near):
    answer = phone.claim(near.page, latitude="31.2500", longitude="121.4737")
    assert answer.status_code == 409
    assert "You are 2.2 km away. The offer is for shoppers within 300 m." in text(answer)
    assert "Get the coupon" in text(answer)  # one may walk and try again


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"latitude": "nan", "longitude": "nan"},
        {"latitude": "999", "longitude": "0"},
        {"latitude": "31.23"},
        {"latitude": "x" * 41, "longitude": "1"},
        {"latitude": "<script>", "longitude": "1"},
    ],
)
def test_without_a_real_position_there_is_none(phone, near, bad):
    assert phone.claim(near.page, **bad).status_code in (409, 422)
    assert not Coupon.objects.exists()


# --- Wrong addresses, links, limits ---


@pytest.mark.parametrize("token", ["guessed", "x" * 200, "..", "%00", "'", "ÿ"])
def test_a_guessed_address_is_unknown_and_logged(phone, caplog, token):
    with caplog.at_level(logging.WARNING, "mallops.claim"):
        assert phone.get(f"/c/{token}/").status_code == 404
    assert "unknown claim code" in caplog.text


def test_guessing_is_limited(phone, offer):
    rule = offer()
    for number in range(throttle.WRONG.limit):
        assert phone.get(f"/c/guess-{number}/").status_code == 404
    assert phone.get("/c/guess/").status_code == 429
    assert phone.get(rule.page).status_code == 429
    assert phone.get("/k/guess/").status_code == 429


def test_a_shopper_can_try_so_often_only(phone, offer):
    rule = offer(limits=Limits(per_shopper=1))
    statuses = [phone.claim(rule.page).status_code for _ in range(1)]
    for _ in range(throttle.BY_SHOPPER.limit):
        statuses.append(phone.post(rule.page, {"request_id": "0" * 31 + "1"}).status_code)
    assert statuses[-1] == 429 and 429 not in statuses[:-1]
    assert Phone().claim(rule.page).status_code == 302  # others go on


def test_an_address_can_try_so_often_only(offer, monkeypatch):
    monkeypatch.setattr(throttle, "BY_ADDRESS", throttle.Throttle("few", 3, 60))
    rule = offer()
    assert [Phone().claim(rule.page).status_code for _ in range(4)] == [302, 302, 302, 429]
    assert Claim.objects.count() == 3


@pytest.mark.parametrize(
    ("seen", "counted"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::1", "::/64")],
)
def test_an_address_is_a_host_or_a_network(rf, seen, counted):
    assert throttle.address(rf.get("/", REMOTE_ADDR=seen)) == counted


def test_behind_a_proxy_the_shoppers_address_counts(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})
    assert throttle.address(request) == "203.0.113.7"


def test_a_link_of_a_mini_program_makes_the_phone_the_shoppers(phone, mall, offer):
    rule, shopper = offer(), digest(mall.pk, "openid-1")
    answer = phone.get(rule.page, {"s": phones.link_parameter(mall.pk, shopper)})
    assert (answer.status_code, answer["Location"]) == (302, rule.page)  # the address forgets the shopper
    phone.claim(rule.page)
    assert Coupon.objects.get().shopper_id == phones.shopper_id(mall, shopper)


def test_forged_old_and_foreign_links_open_nothing(phone, mall, offer, monkeypatch):
    rule, shopper = offer(), digest(mall.pk, "openid-1")
    foreign = phones.link_parameter(make_mall().pk, shopper)
    good = phones.link_parameter(mall.pk, shopper)
    monkeypatch.setattr(phones, "LINK_LASTS", -1)
    for parameter in ("forged", "", good[:-1], foreign, good):
        assert phone.get(rule.page, {"s": parameter}).status_code == 404
    assert not phone.cookies.get(f"shopper{mall.pk}")


def test_a_rule_that_was_never_launched_has_no_page(phone, mall):
    rule = make_rule(mall=mall, trigger="qr", state=RuleState.DRAFT)
    rule.version = None
    rule.save()
    assert phone.get(f"/c/{ClaimCode.objects.create(mall=mall, rule=rule).token}/").status_code == 404


def test_the_page_is_not_stored_or_indexed(phone, offer):
    page = phone.open(offer().page)
    assert "no-store" in page["Cache-Control"] and page["X-Robots-Tag"] == "noindex, nofollow"


def test_the_button_needs_its_token(offer):
    rule = offer()
    phone = Phone(enforce_csrf_checks=True)
    phone.open(rule.page)
    assert phone.press(rule.page).status_code == 403


def test_the_page_speaks_the_readers_language(phone, offer):
    rule = offer()
    assert 'lang="zh-Hans"' in text(phone.get(rule.page, headers={"Accept-Language": "zh-CN"}))


def test_few_queries(phone, offer, django_assert_max_num_queries):
    rule = offer(limits=Limits(per_shopper=5))
    phone.claim(rule.page)
    phone.open(rule.page)  # the first coupon opened the accounts of who pays, so what was compiled is compiled anew
    with django_assert_max_num_queries(12):
        phone.open(rule.page)
    phone.claim(rule.page)
    phone.claim(rule.page)
    with django_assert_max_num_queries(12):
        phone.open(rule.page)
