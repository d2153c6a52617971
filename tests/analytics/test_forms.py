from datetime import date

import pytest
from django.http import QueryDict

from analytics.forms.board import BoardForm
from analytics.queries import places
from mallops.lib.dates import Period
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


def bound(mall, query="", kinds=("category", "floor", "store")) -> BoardForm:
    return BoardForm(QueryDict(query), path="/x/", place=places.of_mall(mall), today=TODAY, kinds=kinds)


def test_defaults(mall, store):
    form = bound(mall)
    assert form.is_valid()
    assert form.choice.period == Period(date(2026, 10, 23), date(2026, 11, 22))
    assert form.choice.before == Period(date(2026, 9, 23), date(2026, 10, 23))
    assert (form.choice.category, form.choice.floor, form.choice.store) == (None, None, None)
    assert form.choice.within == {}


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "/x/"),
        ("period=30d&compare=previous&category=&store=", "/x/"),
        ("period=7d&start=2026-01-01&end=2026-01-02", "/x/?period=7d"),
        ("compare=none&junk=1&export=stores", "/x/?compare=none"),
        ("period=custom&start=2026-11-01&end=2026-11-02", "/x/?period=custom&start=2026-11-01&end=2026-11-02"),
        ("sort=-net_sales&page=2&size=25&stock_sort=name", "/x/?sort=-net_sales&page=2&size=25&stock_sort=name"),
        ("store=hotpot&period=30d", "/x/?store=hotpot"),
    ],
)
def test_canonical_address_leaves_defaults_out(mall, store, query, address):
    form = bound(mall, query)
    assert form.is_valid(), form.errors
    assert form.address() == address


def test_custom_days_include_both_and_default_to_the_last_thirty(mall):
    form = bound(mall, "period=custom&start=2026-11-01&end=2026-11-03")
    assert form.is_valid()
    assert form.choice.period == Period(date(2026, 11, 1), date(2026, 11, 4))
    begun = bound(mall, "period=custom")
    assert begun.is_valid()
    assert begun.choice.period == Period(date(2026, 10, 23), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=forever", "period"),
        ("compare=mars", "compare"),
        ("category=nowhere", "category"),
        ("floor=99", "floor"),
        ("store=nobody", "store"),
        ("period=custom&start=2026-11-05&end=2026-11-04", "end"),
        ("period=custom&start=2026-11-05&end=2026-11-22", "end"),
        ("period=custom&start=2016-11-01&end=2026-11-01", "end"),
        ("period=custom&start=0001-01-01&end=2026-11-01", "start"),
        ("period=custom&start=2026-02-30&end=2026-11-01", "start"),
        ("period=custom&start=2026-11-01&end=9999-12-31", "end"),
        ("period=custom&start=1%00&end=x", "start"),
        ("store=%00", "store"),
    ],
)
def test_bad_values_are_told(mall, store, query, field):
    form = bound(mall, query)
    assert not form.is_valid()
    assert field in form.errors
    assert all(form.problems)


def test_three_years_are_the_most(mall):
    assert bound(mall, "period=custom&start=2023-11-20&end=2026-11-21").is_valid()
    assert not bound(mall, "period=custom&start=2023-11-19&end=2026-11-21").is_valid()


def test_channel_and_newness(mall, store):
    kinds = ("store", "channel", "newness")
    form = bound(mall, "channel=wechat&newness=returning&store=hotpot", kinds)
    assert form.is_valid()
    assert (form.choice.channel, form.choice.newness, form.choice.mixed) == ("wechat", "returning", True)
    assert form.address() == "/x/?store=hotpot&channel=wechat&newness=returning"
    none = bound(mall, "", kinds)
    assert none.is_valid()
    assert (none.choice.channel, none.choice.newness, none.choice.mixed) == (None, None, False)
    for bad in ("channel=barter", "newness=old", "channel=WECHAT"):
        assert not bound(mall, bad, kinds).is_valid()


def test_a_page_that_does_not_offer_a_filter_passes_over_it(mall, store):
    form = bound(mall, "channel=wechat", ("store",))
    assert form.is_valid()
    assert (form.choice.channel, form.address()) == (None, "/x/")


def test_another_malls_store_is_unknown(mall, store):
    elsewhere = factories.make_store(mall=factories.make_mall(), code="theirs")
    assert not bound(mall, f"store={elsewhere.code}").is_valid()


def test_a_category_is_its_sub_tree(mall):
    food = factories.make_category(mall=mall, code="food")
    noodles = factories.make_category(mall=mall, code="noodles", parent=food)
    deep = factories.make_store(mall=mall, category=noodles)
    factories.make_store(mall=mall)
    form = bound(mall, "category=food")
    assert form.is_valid()
    assert form.choice.stores == [deep]
    assert form.choice.within == {"store_id": [deep.pk]}


def test_a_store_outside_the_category_leaves_nothing(mall, store, other_store):
    form = bound(mall, f"category={store.category.code}&store={other_store.code}")
    assert form.is_valid()
    assert form.choice.within == {"store_id": []}


def test_filters_of_a_floor(mall, store):
    floor = factories.make_floor(mall=mall, code="L2")
    above = factories.make_store(mall=mall, floor=floor)
    form = bound(mall, "floor=L2")
    assert form.is_valid()
    assert form.choice.stores == [above]


def test_links_keep_the_days_and_what_is_named(mall, store):
    form = bound(mall, "period=7d&store=hotpot&sort=name")
    assert form.is_valid()
    assert form.filters_query() == "?period=7d"
    assert form.filters_query("store") == "?period=7d&store=hotpot"
    assert form.address(store=None, page=None) == "/x/?period=7d&sort=name"
