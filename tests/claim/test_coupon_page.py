"""The shopper's page of one coupon."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import RollupDelta
from coupons import closing
from coupons.codes import shown
from coupons.links import coupon_of, coupon_path, coupon_token
from coupons.models import Coupon
from mallops import ledger_check, pipeline
from merchants.queries import directory as directories
from tests.factories import make_mall

pytestmark = pytest.mark.django_db


@pytest.fixture
def coupon(phone, offer):
    phone.claim(offer().page)
    return Coupon.objects.get()


def page_of(client, coupon) -> str:
    answer = client.get(coupon_path(coupon))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_worth_place_time_and_code(client, coupon, store):
    page = page_of(client, coupon)
    for part in ("¥10 off", store.name, shown(coupon.code), "Ready to use", "23:59", "<svg", "Show this at the till"):
        assert part in page


def test_it_cannot_be_used_up_yet_or_any_more(client, coupon):
    def with_times(**times) -> str:
        Coupon.objects.filter(pk=coupon.pk).update(**times)
        return page_of(client, coupon)

    now = timezone.now()
    early = with_times(valid_from=now + timedelta(hours=1))
    assert "Not valid yet" in early and "Valid from" in early
    over = with_times(valid_from=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert "Expired" in over and shown(coupon.code) not in over


def test_a_used_coupon_says_where(client, coupon, mall, store):
    pipeline.redeem(
        mall_id=mall.pk, code=coupon.code, store_id=store.pk, order_fen=9_000, request_id="q", source="test",
        now=timezone.now(),
    )  # fmt: skip
    page = page_of(client, coupon)
    assert "Used" in page and store.name in page and shown(coupon.code) not in page


def test_a_revoked_coupon_is_withdrawn(client, coupon, mall):
    directory = directories.current(mall.pk)
    closing.close(directory, [coupon], kind="revoked", reason="refund", now=timezone.now())
    assert "Withdrawn" in page_of(client, coupon)


def test_it_is_not_stored_or_indexed(client, coupon):
    answer = client.get(coupon_path(coupon))
    assert "no-store" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "geolocation=()" in answer["Permissions-Policy"]
    assert client.post(coupon_path(coupon)).status_code == 405


def test_other_addresses_open_nothing(client, coupon, caplog):
    token = coupon_token(coupon.mall_id, coupon.pk)
    signature = token.rpartition(".")[2]
    wrong = [f"{coupon.mall_id}-{coupon.pk + 1}.{signature}", token[:-1], f"{coupon.pk}", "x", f"{token}x", "é"]
    with caplog.at_level(logging.WARNING, "mallops.claim"):
        assert [client.get(f"/k/{each}/").status_code for each in wrong] == [404] * len(wrong)
    assert caplog.text.count("forged coupon address") == len(wrong)


def test_the_mall_in_the_address_counts(coupon):
    assert coupon_of(coupon_token(coupon.mall_id, coupon.pk)) == coupon
    assert coupon_of(coupon_token(make_mall().pk, coupon.pk)) is None


def test_few_queries(client, coupon, django_assert_max_num_queries):
    page_of(client, coupon)
    with django_assert_max_num_queries(6):
        page_of(client, coupon)


def test_the_first_look_is_noted_and_counted_once(client, coupon):
    page_of(client, coupon)
    first = Coupon.objects.get().shown_at
    page_of(client, coupon)
    assert Coupon.objects.get().shown_at == first
    assert sum(RollupDelta.objects.values_list("shown", flat=True)) == 1
    assert list(ledger_check.problems(coupon.mall)) == []


def test_two_phones_at_once_are_one_first_look(coupon):
    now = timezone.now()
    assert [pipeline.show(coupon, now=now) for _ in range(2)] == [True, False]
