from datetime import date

import pytest
from django.http import QueryDict

from coupons.forms.stocks import StockForm
from coupons.services import stocks as services
from tests.factories import make_mall, make_stock, make_store

pytestmark = pytest.mark.django_db


def query(data: dict) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found


@pytest.fixture
def data(store):
    return {
        "name_en": "Tea", "code": "tea", "merchant": store.merchant_id, "funder": "merchant", "kind": "amount_off",
        "value_fen": "8", "min_spend_fen": "25.50", "validity": "days", "valid_days": "14", "quantity": "100",
    }  # fmt: skip


def form_of(mall, data, **changes) -> StockForm:
    return StockForm(query(data | changes), mall=mall)


def test_amounts_are_kept_in_fen(mall, data, manager):
    form = form_of(mall, data, budget_fen="¥1,000")
    assert form.is_valid(), form.errors
    stock = services.create(mall=mall, values=form.cleaned_data, by=manager)
    stock.refresh_from_db()
    assert (stock.value_fen, stock.min_spend_fen, stock.budget_fen, stock.valid_for) == (800, 2_550, 100_000, 14)


def test_percent_and_places(mall, store, data, manager):
    form = form_of(
        mall, data, kind="percent_off", percent_bp="12.5 %", ceiling_fen="40", stores=[store.pk],
        categories=[store.category_id], validity="fixed", valid_from_day="2026-02-28", valid_until_day="2026-03-01",
    )  # fmt: skip
    assert form.is_valid(), form.errors
    stock = services.create(mall=mall, values=form.cleaned_data, by=manager)
    assert (stock.percent_bp, stock.ceiling_fen, stock.value_fen, stock.valid_for) == (1_250, 4_000, None, None)
    assert (stock.valid_from_day, stock.valid_until_day) == (date(2026, 2, 28), date(2026, 3, 1))
    assert (list(stock.stores.all()), list(stock.categories.all())) == ([store], [store.category])


def test_exchange(mall, data, manager):
    form = form_of(
        mall, data, kind="exchange", worth_fen="26", exchange_price_fen="0", validity="hours", valid_hours="5"
    )
    assert form.is_valid(), form.errors
    stock = services.create(mall=mall, values=form.cleaned_data, by=manager)
    assert (stock.value_fen, stock.exchange_price_fen, stock.valid_for, stock.cost_fen) == (2_600, 0, 5, 2_600)


def test_what_is_wrong_in_a_kind_not_chosen_is_passed_over(mall, data):
    form = form_of(mall, data, percent_bp="a lot", valid_from_day="soon", valid_hours="-1", exchange_price_fen="9999")
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["percent_bp"], form.cleaned_data["exchange_price_fen"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_en": ""}, "name_zh"),
        ({"code": ""}, "code"),
        ({"code": "not a slug"}, "code"),
        ({"merchant": ""}, "merchant"),
        ({"funder": "nobody"}, "funder"),
        ({"kind": "gift"}, "kind"),
        ({"value_fen": ""}, "value_fen"),
        ({"value_fen": "8.005"}, "value_fen"),
        ({"value_fen": "-8"}, "value_fen"),
        ({"value_fen": "0"}, "value_fen"),
        ({"value_fen": "1e5"}, "value_fen"),
        ({"value_fen": "9" * 14}, "value_fen"),
        ({"value_fen": "26"}, "min_spend_fen"),
        ({"kind": "percent_off", "ceiling_fen": "40"}, "percent_bp"),
        ({"kind": "percent_off", "ceiling_fen": "40", "percent_bp": "0"}, "percent_bp"),
        ({"kind": "percent_off", "ceiling_fen": "40", "percent_bp": "101"}, "percent_bp"),
        ({"kind": "percent_off", "ceiling_fen": "40", "percent_bp": "12.345"}, "percent_bp"),
        ({"kind": "percent_off", "percent_bp": "20"}, "ceiling_fen"),
        ({"kind": "exchange", "exchange_price_fen": "3"}, "worth_fen"),
        ({"kind": "exchange", "worth_fen": "26"}, "exchange_price_fen"),
        ({"kind": "exchange", "worth_fen": "26", "exchange_price_fen": "26"}, "exchange_price_fen"),
        ({"validity": ""}, "validity"),
        ({"valid_days": ""}, "valid_days"),
        ({"valid_days": "0"}, "valid_days"),
        ({"valid_days": "99999"}, "valid_days"),
        ({"validity": "hours"}, "valid_hours"),
        ({"validity": "fixed", "valid_until_day": "2026-03-01"}, "valid_from_day"),
        ({"validity": "fixed", "valid_from_day": "2026-03-02", "valid_until_day": "2026-03-01"}, "valid_until_day"),
        ({"validity": "fixed", "valid_from_day": "2026-02-30", "valid_until_day": "2026-03-01"}, "valid_from_day"),
        ({"validity": "fixed", "valid_from_day": "0001-01-01", "valid_until_day": "2026-03-01"}, "valid_from_day"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"quantity": "99999999999"}, "quantity"),
        ({"budget_fen": "0"}, "budget_fen"),
    ],
    ids=str,
)
def test_each_error_is_beside_its_field(mall, data, changes, field):
    assert list(form_of(mall, data, **changes).errors) == [field]


def test_code_is_unique_within_the_mall(mall, data):
    make_stock(mall=make_mall(), code="tea")
    assert form_of(mall, data).is_valid()
    make_stock(mall=mall, code="tea")
    assert list(form_of(mall, data).errors) == ["code"]


def test_places_and_merchants_of_another_mall_are_not_offered(mall, data):
    theirs = make_store(mall=make_mall())
    for field, value in (("merchant", theirs.merchant_id), ("stores", theirs.pk), ("categories", theirs.category_id)):
        assert list(form_of(mall, data, **{field: value}).errors) == [field]
