"""Addresses of boards that keep the days being looked at."""

from collections.abc import Callable

from django.urls import reverse

from analytics.forms.board import BoardForm
from merchants.models import Category, Store


def to_store(form: BoardForm) -> Callable[[Store], str]:
    slug, query = form.place.mall.slug, form.filters_query()
    return lambda store: reverse("analytics:store_detail", args=[slug, store.code]) + query


def to_category(form: BoardForm) -> Callable[[Category], str]:
    slug, query = form.place.mall.slug, form.filters_query()
    return lambda category: reverse("analytics:category_detail", args=[slug, category.code]) + query


def down(form: BoardForm) -> Callable[[Category], str]:
    """The same board of a category that has others below it; of the last of a branch its own page."""
    page = to_category(form)

    def address(category: Category) -> str:
        leaf = category == form.choice.category or not form.place.branches(category)
        return page(category) if leaf else form.address(category=category.code)

    return address


def here(form: BoardForm) -> Callable[[Store], str]:
    """The same board of one of its stores."""
    return lambda store: form.address(store=store.code, page=None)


def to_stores(form: BoardForm) -> str:
    return reverse("analytics:store_list", args=[form.place.mall.slug]) + form.filters_query("category")
