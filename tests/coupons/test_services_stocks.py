import pytest
from django.utils import timezone

from coupons.models import Stock
from coupons.services import stocks as services
from mallops import pipeline
from merchants.models import AuditEntry
from tests.factories import make_rule, make_stock, payment_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(mall):
    return make_stock(mall=mall, quantity=100, budget_fen=50_000)


@pytest.fixture
def issued(mall, store, stock):
    make_rule(mall=mall, stock=stock)
    pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    return stock


def test_all_terms_may_change_before_the_first_issue(stock, store, manager):
    services.change(stock=stock, values={"value_fen": 900, "quantity": 10, "stores": [store]}, by=manager)
    stock.refresh_from_db()
    assert (stock.value_fen, stock.quantity, list(stock.stores.all())) == (900, 10, [store])
    entry = AuditEntry.objects.get(action="stock_changed")
    assert entry.changes == {"value_fen": [1_000, 900], "quantity": [100, 10], "stores": [[], [store.pk]]}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"value_fen": 900}, ["value_fen"]),
        ({"quantity": 99}, ["quantity"]),
        ({"budget_fen": 49_999}, ["budget_fen"]),
        ({"valid_for": 30, "quantity": 200}, ["valid_for"]),
        ({"code": "other", "min_spend_fen": 0}, ["code", "min_spend_fen"]),
    ],
    ids=str,
)
def test_terms_are_frozen_by_the_first_issue(issued, manager, change, fields):
    with pytest.raises(services.FrozenTerms) as error:
        services.change(stock=issued, values=change, by=manager)
    assert error.value.fields == fields
    assert Stock.objects.values().get(pk=issued.pk) == {
        name: getattr(issued, name) for name in Stock.objects.values().get(pk=issued.pk)
    }
    assert not AuditEntry.objects.exists()


def test_places_are_frozen_too(issued, store, manager):
    with pytest.raises(services.FrozenTerms):
        services.change(stock=issued, values={"stores": [store]}, by=manager)
    assert not issued.stores.exists()


@pytest.mark.parametrize("change", [{"quantity": 101}, {"budget_fen": 50_001}, {"budget_fen": None}, {"name_zh": "茶"}])
def test_more_and_other_names_are_free(issued, manager, change):
    services.change(stock=issued, values=change, by=manager)
    issued.refresh_from_db()
    assert {name: getattr(issued, name) for name in change} == change


def test_a_budget_cannot_be_set_where_there_was_none(issued, manager):
    services.change(stock=issued, values={"budget_fen": None}, by=manager)
    with pytest.raises(services.FrozenTerms):
        services.change(stock=issued, values={"budget_fen": 10**9}, by=manager)


def test_nothing_changed_is_not_noted(stock, manager):
    services.change(stock=stock, values={"quantity": 100}, by=manager)
    assert not AuditEntry.objects.exists()


def test_closing_stops_awards_and_is_noted_once(mall, store, issued, manager):
    now = timezone.now()
    services.close(stock=issued, now=now, by=manager)
    services.close(stock=issued, now=timezone.now(), by=manager)
    issued.refresh_from_db()
    assert issued.closed_at == now
    assert AuditEntry.objects.get().action == "stock_closed"
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    assert receipt.coupons == ()
