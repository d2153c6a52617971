from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from coupons.models import Coupon, Redemption, Reversal
from mallops import pipeline
from tests import factories

from .test_counter import issue, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(mall, store):
    return factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))


def redeem(store, *, now=None, by=None) -> Redemption:
    return pipeline.redeem(
        mall_id=store.mall_id, code=issue(store).code, store_id=store.pk, order_fen=6_000, request_id=str(uuid4()),
        source="api:1", now=now or timezone.now(), by=by,
    )  # fmt: skip


@pytest.fixture
def redemption(store, rule, cashier):
    return redeem(store, by=cashier)


@pytest.fixture
def older(redemption):
    """The redemption as if it were of the day before."""
    Redemption.objects.filter(pk=redemption.pk).update(day=redemption.day - timedelta(days=1))
    return redemption


def undo(client, redemption, **changes):
    data = {"reason": "Wrong table", "request_id": str(uuid4())} | changes
    return client.post(page("redemption_undo", redemption.store.merchant_id, redemption.pk), data)


def test_undone_with_a_reason(client, cashier, redemption):
    client.force_login(cashier)
    answer = client.get(page("redemption_detail", redemption.store.merchant_id, redemption.pk))
    token = answer.context["form"]["request_id"].value()
    for _ in range(2):
        assert undo(client, redemption, request_id=token).status_code == 302
    reversal = Reversal.objects.get()
    assert (reversal.redemption, reversal.reason, reversal.by) == (redemption, "Wrong table", cashier)
    assert Coupon.objects.get().state == "issued"
    shown = client.get(page("redemption_detail", redemption.store.merchant_id, redemption.pk))
    assert shown.context["form"] is None
    assert "The coupon can be used again" in shown.text


@pytest.mark.parametrize("changes", [{"reason": ""}, {"reason": "x" * 201}, {"request_id": "x"}, {"request_id": ""}])
def test_a_bad_form_undoes_nothing(client, cashier, redemption, changes):
    client.force_login(cashier)
    assert undo(client, redemption, **changes).status_code == 422
    assert not Reversal.objects.exists()


def test_undoing_twice_says_so(client, cashier, redemption):
    client.force_login(cashier)
    undo(client, redemption)
    answer = client.post(
        page("redemption_undo", redemption.store.merchant_id, redemption.pk),
        {"reason": "again", "request_id": str(uuid4())}, follow=True,
    )  # fmt: skip
    assert "This redemption was undone already." in answer.text
    assert Reversal.objects.count() == 1


def test_on_another_day_only_the_mall_undoes(client, cashier, owner, manager, older):
    for user in (cashier, owner):
        client.force_login(user)
        assert client.get(page("redemption_detail", older.store.merchant_id, older.pk)).context["form"] is None
        assert undo(client, older).status_code == 403
    assert not Reversal.objects.exists()
    client.force_login(manager)
    assert undo(client, older).status_code == 302
    assert Reversal.objects.count() == 1


def test_redemptions_of_others_are_not_found(client, mall, other_store, redemption, stranger, provider_manager):
    neighbour = factories.make_member("merchant_owner", merchant=other_store.merchant)
    for user in (stranger, provider_manager, neighbour):
        client.force_login(user)
        assert client.get(page("redemption_detail", redemption.store.merchant_id, redemption.pk)).status_code == 404
        assert undo(client, redemption).status_code == 404
    assert client.get(page("redemption_detail", other_store.merchant_id, redemption.pk)).status_code == 404
    assert not Reversal.objects.exists()


def test_log_by_day_and_store_with_totals(client, mall, store, cashier, owner, redemption):
    second = factories.make_store(mall=mall, merchant=store.merchant, category=store.category)
    there, older = redeem(second), redeem(store)
    Redemption.objects.filter(pk=older.pk).update(day=older.day - timedelta(days=1))
    pipeline.reverse(
        mall_id=mall.pk, redemption_id=there.pk, request_id="u", reason="", source="test", now=timezone.now()
    )
    client.force_login(owner)

    def look(**query):
        return client.get(page("redemption_list", store.merchant_id), query).context

    today = mall.today()
    assert set(look()["table"].page) == {redemption, there, older}
    assert look()["totals"] is None
    assert set(look(day=today)["table"].page) == {redemption, there}
    assert look(day=today)["totals"] == {"number": 1, "discount_fen": 1_000}
    assert list(look(store=second.pk)["table"].page) == [there]
    assert list(look(store=second.pk, day=today - timedelta(days=1))["table"].page) == []
    assert len(look(day="soon", store="x")["table"].page) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_log_takes_the_same_queries(client, store, rule, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        redeem(store)
    client.force_login(owner)
    with django_assert_num_queries(10):
        answer = client.get(page("redemption_list", store.merchant_id))
    assert len(answer.context["table"].page) == rows
    assert "api:1" in answer.text
