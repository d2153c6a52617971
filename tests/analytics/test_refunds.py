"""Refunds: the figures, and which stores stand out."""

import numpy as np
import pytest
from django.urls import reverse

from analytics.metrics import METRICS
from analytics.refunds import chance_of_more, standing_out
from tests import factories

from .cells import put
from .conftest import TODAY
from .test_pages import PART, text, tile_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SUMS = {"payments": 400, "gross_fen": 4_000_000, "refunds": 40, "refund_fen": 123_456, "revoked": 3, "reversals": 2}
TILES = ["refunded", "refunds", "refund_rate", "average_refund", "revoked", "undone"]


@pytest.fixture
def url(mall):
    return reverse("analytics:refunds", args=[mall.slug])


@pytest.fixture
def refunded(store, other_store):
    put(store, TODAY, 15, channel="wechat", **SUMS)
    put(other_store, TODAY, 16, payments=4_000, gross_fen=9_000_000, refunds=5, refund_fen=1_000)


@pytest.fixture
def get(client, manager, url, refunded):
    client.force_login(manager)
    return lambda **query: client.get(url, query)


# --- Who stands out ---


def of(*pairs: tuple[int, int]) -> dict:
    return {number: {"refunds": refunds, "payments": payments} for number, (refunds, payments) in enumerate(pairs)}


@pytest.mark.parametrize(
    ("stores", "out"),
    [
        (of(), set()),
        (of((90, 100)), set()),  # nobody to compare with
        (of((1, 10), (10, 1_000)), set()),  # one in ten may be luck
        (of((20, 100), (10, 1_000)), {0}),
        (of((10, 1_000), (10, 1_000)), set()),
        (of((0, 50), (0, 1_000)), set()),
        (of((4, 10), (10, 1_000)), {0}),
        (of((9, 6), (1, 1_000)), {0}),  # more refunds than payments
        (of((0, 10), (0, 20)), set()),
        (of((5, 0), (1, 1_000), (1, 1_000)), set()),  # refunds of earlier days only
    ],
)
def test_standing_out(stores, out):
    assert standing_out(stores) == out


@pytest.mark.parametrize(
    ("hits", "number", "share", "chance"),
    [
        (3, 4, 0.5, 5 / 16), (4, 4, 0.5, 1 / 16), (1, 4, 0.5, 1.0), (0, 0, 0.5, 1.0), (1, 3, 0.1, 1 - 0.9**3),
        (5_200, 10_000, 0.5, 3.2968e-5), (10**6, 10**6, 0.5, 0.0),
    ],
)  # fmt: skip
def test_chance(hits, number, share, chance):
    assert chance_of_more(hits, number, share) == pytest.approx(chance, rel=1e-3)


def test_of_many_stores_that_are_alike_none_stands_out():
    """One of them has a few more, as one of so many will."""
    many = of(*[(10, 1_000)] * 199, (20, 1_000))
    assert standing_out(many) == set()
    few = {0: {"refunds": 1_990, "payments": 199_000}, 199: many[199]}  # the same, looked at as two
    assert standing_out(few) == {199}


def test_alike_stores_stand_out_in_one_of_twenty_malls_at_most():
    rng = np.random.default_rng(7)
    payments = rng.integers(50, 2_000, size=(400, 40))
    refunds = rng.binomial(payments, 0.03)
    malls = [of(*zip(*numbers, strict=True)) for numbers in zip(refunds.tolist(), payments.tolist(), strict=True)]
    assert sum(bool(standing_out(mall)) for mall in malls) <= 0.05 * 400


# --- The page ---


def test_figures(get):
    total = SUMS | {"payments": 4_400, "gross_fen": 13_000_000, "refunds": 45, "refund_fen": 124_456}
    assert tile_values(get()) == [METRICS[key].short(METRICS[key].value(total)) for key in TILES]


def test_store_that_stands_out_is_named(get, store):
    shown = text(get())
    assert f"{store.name} gives back more often than the other stores together" in shown
    assert shown.count("More often</span>") == 1
    assert "10.0%" in shown  # 40 refunds of 400 payments
    assert "No store gives back more often" in text(get(store=store.code))


def test_category_has_the_sums_of_its_stores(get, mall, store):
    rows = get().context["tables"]["categories"].rows
    assert sum(row["refunded"] for row in rows if row["category"].parent_id is None) == 124_456
    assert next(row for row in rows if row["category"] == store.category)["refunds"] == 40


def test_sorting(get, store, other_store):
    def first(**query) -> str:
        return get(**query).context["tables"]["stores"].page[0]["store"].code

    assert (first(), first(store_sort="refunded"), first(store_sort="x")) == (store.code, other_store.code, store.code)


def test_by_channel_coupons_are_not_known(get, store):
    answer = get(channel="wechat")
    assert tile_values(answer) == [METRICS[key].short(METRICS[key].value(SUMS)) for key in TILES[:4]]
    assert "hours" in answer.context["charts"]
    assert "hours" not in get(channel="wechat", store=store.code).context["charts"]
    assert "No sales in this period" in text(get(channel="cash"))


def test_rate_is_drawn_in_percent(get):
    chart = get(compare="none").context["charts"]["rate"]
    assert chart.sub == "%"
    assert chart.figure["data"][0]["y"][-1] == 0.957  # 124,456 of 13,000,000


@pytest.mark.parametrize("stores", [1, 3])
def test_query_count_does_not_grow(client, manager, mall, url, refunded, stores, django_assert_num_queries):
    for _ in range(stores - 1):
        put(factories.make_store(mall=mall), TODAY, **SUMS)
    client.force_login(manager)
    with django_assert_num_queries(10):
        assert client.get(url, headers=PART).status_code == 200


@pytest.mark.parametrize("persona", ["owner", "provider_manager", "stranger"])
def test_others_see_nothing(client, request, url, refunded, persona):
    client.force_login(request.getfixturevalue(persona))
    assert client.get(url).status_code == 404
