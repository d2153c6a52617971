"""A mall's stores and categories as plain values."""

import pytest

from merchants.queries import directory as directories
from tests.factories import make_category, make_mall, make_store

pytestmark = pytest.mark.django_db


def test_stores_of_places_are_those_named_and_those_of_the_sub_trees(mall, store, other_store):
    dining = make_category(mall=mall)
    store.category.parent = dining
    store.category.save()
    make_store(mall=make_mall())
    directory = directories.current(mall.pk)
    assert directory.category_of == {store.pk: store.category_id, other_store.pk: other_store.category_id}
    assert directory.below([dining.pk]) == {dining.pk, store.category_id}
    assert directory.stores_in() == frozenset()
    assert directory.stores_in([other_store.pk]) == {other_store.pk}
    assert directory.stores_in(categories=[dining.pk]) == {store.pk}
    assert directory.stores_in([other_store.pk], [dining.pk]) == {store.pk, other_store.pk}
    assert directory.stores_in([other_store.pk], [0]) == {other_store.pk}
