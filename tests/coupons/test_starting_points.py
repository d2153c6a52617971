"""What the rules to start from pick in a mall."""

from datetime import date

import pytest

from coupons.starting_points import DESSERT, LUNCH, Shelf, Start, open_with
from tests.factories import make_category, make_stock, make_store

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


@pytest.fixture
def food(mall):
    return make_category(mall=mall, code="food", name_en="Restaurants and cafés", name_zh="餐饮")


def test_categories_are_found_by_code_and_by_either_name(mall, food):
    below = make_category(mall=mall, code="hotpot", parent=food)
    apart = make_category(mall=mall, code="x1", name_en="", name_zh="中餐")
    make_category(mall=mall, code="x2", name_en="Jewellery")
    assert Shelf(mall, TODAY).find(LUNCH) == (food.pk, apart.pk)  # not the one below another
    assert below.parent == food


def test_a_stock_is_found_where_it_is_used(mall, food):
    sweets = make_category(mall=mall, code="dessert")
    shop = make_store(mall=mall, category=sweets)
    own = make_stock(mall=mall, merchant=shop.merchant)
    assert Shelf(mall, TODAY).award(("toys",), DESSERT) == ((own.pk, 1),)
    elsewhere = make_stock(mall=mall, merchant=shop.merchant)
    elsewhere.categories.add(food)
    assert Shelf(mall, TODAY).award(DESSERT) == ((own.pk, 1),)
    assert Shelf(mall, TODAY).award(LUNCH) == ((elsewhere.pk, 1),)
    named = make_stock(mall=mall)
    named.stores.add(shop)
    own.delete()
    assert Shelf(mall, TODAY).award(DESSERT) == ((named.pk, 1),)


def test_the_newest_open_store_with_a_coupon_opens(mall):
    old, new = make_store(mall=mall), make_store(mall=mall)
    make_store(mall=mall, closed_on=TODAY)
    assert Shelf(mall, TODAY).newest() == (new, ())
    stock = make_stock(mall=mall, merchant=old.merchant)
    assert Shelf(mall, TODAY).newest() == (old, ((stock.pk, 1),))
    terms = open_with(mall, "new-store", today=TODAY).terms
    assert (terms.starts_on, terms.ends_on) == (TODAY, date(2026, 12, 21))
    assert [leaf.stores for leaf in terms.conditions.parts] == [(old.pk,)]


def test_an_unknown_key_is_an_empty_start(mall):
    assert open_with(mall, "x", today=TODAY) == Start()
