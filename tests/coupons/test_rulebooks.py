"""Compiling what a mall has set up."""

import pytest

from coupons import rulebooks
from merchants.queries import directory as directories
from tests.factories import make_category, make_mall, make_rule, make_stock, make_store

pytestmark = pytest.mark.django_db


def current(mall) -> rulebooks.Book:
    return rulebooks.current(directories.current(mall.pk))


def usable(mall, stock) -> set[int]:
    return set(current(mall).specs[stock.pk].usable)


def test_only_live_rules_of_the_mall_are_in(mall):
    live = make_rule(mall=mall)
    make_rule(mall=mall, state="paused")
    make_rule(mall=mall, state="ended")
    make_rule(mall=make_mall())
    assert [rule.rule_id for rule in current(mall).rulebook.rules] == [live.pk]


def test_coupons_are_usable_at_the_merchants_stores_unless_places_are_named(mall, store, other_store):
    stock = make_stock(mall=mall, merchant=store.merchant)
    assert usable(mall, stock) == {store.pk}
    stock.stores.add(other_store)
    stock.save()
    assert usable(mall, stock) == {other_store.pk}


def test_named_category_covers_its_sub_tree(mall, store, other_store):
    dining = make_category(mall=mall)
    store.category.parent = dining
    store.category.save()
    stock = make_stock(mall=mall)
    stock.categories.add(dining)
    stock.stores.add(other_store)
    stock.save()
    assert usable(mall, stock) == {store.pk, other_store.pk}


def test_pack_of_one_stock_named_twice_is_one_count(mall):
    stock = make_stock(mall=mall, value_fen=700)
    make_rule(mall=mall, award=((stock.pk, 2), (stock.pk, 1)))
    (rule,) = current(mall).rulebook.rules
    assert [(spec.id, count) for spec, count in rule.award] == [(stock.pk, 3)]
    assert rule.cost_fen == 2_100


def test_compiled_once_until_something_is_changed(mall, django_assert_num_queries):
    rule = make_rule(mall=mall)
    directory = directories.current(mall.pk)
    book = rulebooks.current(directory)
    with django_assert_num_queries(0):
        assert rulebooks.current(directory) is book
    rule.state = "paused"
    rule.save()
    assert current(mall).rulebook.rules == []


@pytest.mark.parametrize("count", [1, 3])
def test_compiling_costs_the_same_for_any_number_of_rules(mall, django_assert_num_queries, count):
    for _ in range(count):
        make_rule(mall=mall)
        make_store(mall=mall)
    directory = directories.current(mall.pk)
    with django_assert_num_queries(8):
        rulebooks.current(directory)
