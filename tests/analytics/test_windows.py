"""The days on which a provider may see a store."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from analytics.queries import coupons, places, visitors
from analytics.queries.activity import last_days
from analytics.queries.choice import Choice
from analytics.queries.sales import hours, sales
from analytics.queries.stores import hours_of_stores, net_of_categories, steps_of_stores
from analytics.queries.windows import condition, inside
from mallops import pipeline
from mallops.lib.dates import Period
from merchants.choices import Role
from tests import factories

from .cells import put
from .conftest import TODAY

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 22))


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("days", "parts"),
    [
        ([], []),
        ([(day(1), None)], [(1, 22)]),
        ([(date(2020, 1, 1), None)], [(1, 22)]),
        ([(day(5), day(10))], [(5, 10)]),
        ([(day(21), None)], [(21, 22)]),
        ([(day(22), None)], []),
        ([(date(2020, 1, 1), day(1))], []),
        ([(date(2020, 1, 1), day(2))], [(1, 2)]),
        ([(day(5), day(10)), (day(10), day(12))], [(5, 12)]),
        ([(day(8), None), (day(5), day(10))], [(5, 22)]),
        ([(day(5), day(20)), (day(6), day(8))], [(5, 20)]),
        ([(day(1), day(3)), (day(4), None)], [(1, 3), (4, 22)]),
    ],
    ids=str,
)
def test_inside(days, parts):
    found = [(part.start.day, part.end.day) for part in inside(days, PERIOD)]
    assert found == parts


def test_no_condition_where_all_may_be_read():
    assert condition(None, PERIOD) == ("", [])
    assert condition({1: [(date(2020, 1, 1), None)], 2: [(day(1), day(22))]}, PERIOD) == ("", [])


def test_stores_with_the_same_days_are_one_term():
    text, parameters = condition({1: [(day(5), None)], 2: [(day(5), None)], 3: [(day(1), None)]}, PERIOD)
    assert text.count("day >=") == 2
    assert parameters == [day(5), day(22), 1, 2, day(1), day(22), 3]


def test_nothing_is_read_of_a_store_without_days():
    assert condition({1: [(day(22), None)]}, PERIOD) == (" AND (1 = 0)", [])


# --- On the pages ---


pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def served(mall, store, other_store):
    """A provider with `store` from 10 to 14 November and again from the 18th, and with `other_store` all the time;
    each day of November brings 100 fen and the day's number in coupons at each store, half of it not folded yet."""
    provider = factories.make_provider(mall=mall)
    factories.make_agreement(provider=provider, store=store, from_day=day(10), until_day=day(15))
    factories.make_agreement(provider=provider, store=store, from_day=day(18), capability="saas")
    factories.make_agreement(provider=provider, store=store, from_day=day(20), until_day=day(30))
    factories.make_agreement(provider=provider, store=other_store)
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    rule = factories.make_rule(mall=mall, stock=stock)
    for number in range(1, 22):
        for at in (store, other_store):
            put(at, day(number), payments=1, gross_fen=100, folded=bool(number % 2))
            put(at, day(number), rule=rule, stock=stock, issued=number, folded=not number % 2)
    return provider


SERVED = [*range(10, 15), *range(18, 22)]


@pytest.fixture
def choice(served):
    return Choice(places.of_provider(served), PERIOD, None)


def test_cells_count_only_within_agreements(choice, store, other_store):
    found = sales(choice, ["net_sales", "issued"])
    assert found.of_stores([store.pk])["gross_fen"] == 100 * len(SERVED)
    assert found.of_stores([other_store.pk])["gross_fen"] == 100 * 21
    assert [found.days[0, number]["gross_fen"] for number in PERIOD] == [
        200 if number.day in SERVED else 100 for number in PERIOD
    ]
    assert found.of_stores([store.pk])["issued"] == sum(SERVED)


def test_every_query_keeps_to_the_days(choice, store):
    one = Choice(choice.place, PERIOD, None, store=store)
    assert {key[1].day for key in hours(one)} == set(SERVED)
    assert {key[2].day for key in steps_of_stores(one, [store], ["net_sales"])} == set(SERVED)
    assert sum(row["gross_fen"] for row in hours_of_stores(one, [store], ["gross_sales"]).values()) == 100 * len(SERVED)
    assert {key[2].day for key in net_of_categories(one)} == set(SERVED)
    (cells,) = coupons.coupons(one, [("day",)])
    assert {key[1].day for key in cells} == set(SERVED)
    (cells,) = coupons.coupons(one, [("store_id", "day")], within={"store_id": [store.pk]})
    assert {key[2].day for key in cells} == set(SERVED)


def test_categories_of_a_provider_add_up_to_its_stores(choice, store, other_store):
    found = net_of_categories(choice)
    for at, days in ((store, SERVED), (other_store, range(1, 22))):
        of_category = {key[2].day: row for key, row in found.items() if key[1] == at.category_id}
        assert of_category == {number: {"gross_fen": 100, "refund_fen": 0} for number in days}


def test_compared_days_keep_to_them_too(served, store):
    choice = Choice(places.of_provider(served), Period(day(18), day(22)), Period(day(14), day(18)), store=store)
    found = sales(choice, ["net_sales"])
    assert (found.total()["gross_fen"], found.total(side=1)["gross_fen"]) == (400, 100)


def test_different_shoppers_of_those_days(choice, store, mall):
    for number, who in ((9, "early"), (10, "anna"), (14, "anna"), (15, "late"), (19, "bert")):
        paid_at = datetime(2026, 11, number, 4, tzinfo=UTC)
        events = [factories.payment_event(store, paid_at=paid_at, shopper=who)]
        pipeline.record_payments(mall.pk, events, source="test", now=paid_at)
    one = Choice(choice.place, PERIOD, None, store=store)
    assert visitors.shoppers(one) == 2
    assert visitors.by_store(one, [store]) == {store.pk: 2}
    assert {found.day for found in visitors.by_day(one)} == {10, 14, 19}
    assert visitors.frequency(one) == [1, 1, 0]


def test_the_last_payment_before_an_agreement_is_not_known(mall, store):
    provider = factories.make_provider(mall=mall)
    factories.make_agreement(provider=provider, store=store, from_day=day(18))
    put(store, day(17), payments=1, gross_fen=100)
    put(store, day(19), refunds=1, refund_fen=100)
    assert last_days(places.of_provider(provider), TODAY) == {}
    put(store, day(18), payments=1, gross_fen=100, folded=False)
    assert last_days(places.of_provider(provider), TODAY) == {store.pk: day(18)}


@pytest.mark.parametrize("standing", ["suspended", "terminated"])
@pytest.mark.parametrize("name", ["provider_overview", "provider_coupons"])
def test_suspended_providers_see_nothing(client, served, standing, name):
    type(served).objects.update(standing=standing)
    client.force_login(factories.make_member(Role.PROVIDER_MANAGER, provider=served))
    shown = client.get(reverse(f"analytics:{name}", args=[served.pk])).content.decode()
    assert "No served stores" in shown
    assert "¥" not in shown


def test_a_store_is_gone_the_day_its_agreement_ends(mall, store, served):
    place = places.of_provider(served)
    assert [one.code for one in place.stores] == ["cafe", "hotpot"]
    served.agreements.filter(store=store, until_day=None).update(until_day=TODAY)
    served.agreements.filter(store=store, from_day=day(20)).update(until_day=TODAY)
    assert [one.code for one in places.of_provider(served).stores] == ["cafe"]


def test_files_keep_to_the_days(client, served, store):
    client.force_login(factories.make_member(Role.PROVIDER_MANAGER, provider=served))
    url = reverse("analytics:provider_overview", args=[served.pk])
    query = {"period": "custom", "start": "2026-11-01", "end": "2026-11-21", "store": store.code, "compare": "none"}
    answer = client.get(url, query | {"export": "net_sales-by-day"})
    lines = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert lines.count("1.00") == len(SERVED)
    page = client.get(url, query).content.decode()
    assert "was not served on all days shown" in page
    assert "was not served" not in client.get(url, {"period": "today", "compare": "none"}).content.decode()
