from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import periods
from analytics.models import CouponDay, MallHour, StoreDay, StoreHour
from analytics.queries.sums import of_side, sums
from mallops.lib.dates import Period
from tests import factories

from .cells import put

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
WEEK = Period(DAY - timedelta(days=6), DAY + timedelta(days=1))
BOTH = ("payments", "gross_fen")


def read(mall, model=StoreDay, groupings=((),), periods=(WEEK,), measures=BOTH, **options):
    return sums(mall_id=mall.pk, model=model, periods=periods, groupings=list(groupings), measures=measures, **options)


def test_rollups_and_deltas_add_up(mall, store):
    put(store, DAY, payments=1, gross_fen=100)
    put(store, DAY, payments=2, gross_fen=250, folded=False)
    put(store, DAY, 13, payments=3, gross_fen=500, folded=False)
    total = {"payments": 6, "gross_fen": 850}
    assert read(mall) == [{(0,): total}]
    assert read(mall, groupings=[("day",), ("store_id",)]) == [{(0, DAY): total}, {(0, store.pk): total}]
    by_hour = {(0, DAY, 12): {"payments": 3, "gross_fen": 350}, (0, DAY, 13): {"payments": 3, "gross_fen": 500}}
    for model in (StoreHour, MallHour):
        assert read(mall, model, groupings=[("day", "hour")]) == [by_hour]


def test_periods_are_half_open_and_may_overlap(mall, store):
    for back in (0, 1):
        put(store, DAY - timedelta(days=back), payments=1 + back, gross_fen=0, folded=bool(back))
    today, yesterday = Period(DAY, DAY + timedelta(days=1)), Period(DAY - timedelta(days=1), DAY)
    (found,) = read(mall, periods=[today, yesterday, WEEK])
    assert [found[side,]["payments"] for side in range(3)] == [1, 2, 3]
    assert of_side(found, 1) == {(1,): {"payments": 2, "gross_fen": 0}}


def test_only_the_mall_and_what_is_within(mall, store, other_store):
    elsewhere = factories.make_store(mall=factories.make_mall())
    for place in (store, other_store, elsewhere):
        put(place, DAY, payments=1, gross_fen=100)
        put(place, DAY, payments=1, gross_fen=100, folded=False)
    assert read(mall)[0][0,]["payments"] == 4
    assert read(mall, within={"store_id": [store.pk]})[0][0,]["payments"] == 2
    assert read(mall, within={"store_id": [store.pk, elsewhere.pk]})[0][0,]["payments"] == 2


def test_within_nothing_asks_nothing(mall, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read(mall, groupings=[(), ("day",)], within={"store_id": []}) == [{}, {}]


def test_categories_are_those_of_the_stores(mall, store, other_store):
    beside = factories.make_store(mall=mall, category=store.category)
    for place, fen in ((store, 100), (beside, 20), (other_store, 3)):
        put(place, DAY, 13, payments=1, gross_fen=fen)
        put(place, DAY, 13, payments=1, gross_fen=fen, folded=False)
    together, alone = {"payments": 4, "gross_fen": 240}, {"payments": 2, "gross_fen": 6}
    for model in (StoreDay, StoreHour):
        by_category, by_day = read(mall, model, groupings=[("category_id",), ("category_id", "day")])
        assert by_category == {(0, store.category_id): together, (0, other_store.category_id): alone}
        assert by_day == {(0, store.category_id, DAY): together, (0, other_store.category_id, DAY): alone}
    (found,) = read(mall, groupings=[("category_id",)], within={"store_id": [beside.pk]})
    assert found == {(0, store.category_id): {"payments": 2, "gross_fen": 40}}


@pytest.mark.parametrize(
    ("grouping", "within", "read_from"),
    [
        (("day",), {}, "analytics_mallhour"),
        (("store_id",), {}, "analytics_storeday"),
        (("category_id",), {}, "analytics_storeday"),
        (("day",), {"store_id": [1]}, "analytics_storeday"),
        (("day",), {"served": {1: [(DAY, None)]}}, "analytics_storeday"),
    ],
)
def test_the_whole_mall_is_read_from_its_own_rollup(mall, grouping, within, read_from, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        read(mall, groupings=[grouping], within=within)
    assert f"FROM {read_from} " in asked[0]["sql"]


@pytest.mark.parametrize(
    ("start", "end", "read_from"),
    [
        ("2026-09-01", "2026-11-01", ["month"]),
        ("2026-09-30", "2026-11-02", ["day", "month"]),
        ("2026-10-02", "2026-11-20", ["day"]),
    ],
)
def test_whole_months_are_read_from_their_own_rollup(mall, store, start, end, read_from, django_assert_num_queries):
    for back in range(81):
        put(store, DAY - timedelta(days=back), payments=1, gross_fen=10 ** back.bit_length(), folded=bool(back % 5))
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    with django_assert_num_queries(1) as asked:
        by_store, by_category, total, by_day = read(
            mall, groupings=[("store_id",), ("category_id",), (), ("store_id", "day")], periods=[period]
        )
    assert asked[0]["sql"].count("analytics_storemonth") == 2 * ("month" in read_from)
    assert asked[0]["sql"].count("analytics_storeday") == 2 * ("day" in read_from) + 1
    assert [row["payments"] for row in by_store.values()] == [period.days]
    wanted = sum(row["gross_fen"] for row in by_day.values())
    assert [row["gross_fen"] for found in (by_store, by_category, total) for row in found.values()] == [wanted] * 3


def test_served_days_are_not_read_by_month(mall, store):
    for back in (0, 30, 50):
        put(store, DAY - timedelta(days=back), payments=1, gross_fen=10 ** back.bit_length())
    period, served = Period(date(2026, 9, 1), DAY + timedelta(days=1)), {store.pk: [(date(2026, 10, 15), None)]}
    (found,) = read(mall, groupings=[("store_id",)], periods=[period], within={"served": served})
    assert found[0, store.pk]["payments"] == 2


@pytest.mark.parametrize("days", [1, 6, 7, 8, 20, 21, 64])
@pytest.mark.parametrize("by_store", [False, True])
def test_weeks_are_those_that_charts_draw(mall, store, days, by_store):
    for back in range(70):
        put(store, DAY - timedelta(days=back), payments=1, gross_fen=back, folded=bool(back % 5))
    last = periods.latest(days, DAY)
    sides, within = [last, last.previous()], {"store_id": [store.pk]} if by_store else {}
    by_day, by_week = read(mall, groupings=[("day",), ("week",)], periods=sides, within=within)
    wanted = {}
    for side, period in enumerate(sides):
        for step in periods.steps(period, weekly=True):
            if cells := [by_day[side, day] for day in step if (side, day) in by_day]:
                wanted[side, step.last] = {name: sum(cell[name] for cell in cells) for name in BOTH}
    assert by_week == wanted


def test_one_statement(mall, store, django_assert_num_queries):
    put(store, DAY, payments=1)
    with django_assert_num_queries(1):
        read(mall, groupings=[("day",), ("store_id",)], periods=[WEEK, WEEK.previous()])


def test_coupon_cells_leave_payments_out(mall, store):
    stock, rule = factories.make_stock(mall=mall), factories.make_rule(mall=mall)
    put(store, DAY, payments=1, folded=False)
    put(store, DAY, issued=2, rule=rule, stock=stock)
    put(store, DAY, issued=3, rule=rule, stock=stock, folded=False)
    groupings = [("rule_id",), ("stock_id",), ("store_id",)]
    found = read(mall, CouponDay, groupings=groupings, measures=("issued", "payments"))
    cell = {"issued": 5, "payments": 0}
    assert found == [{(0, rule.pk): cell}, {(0, stock.pk): cell}, {(0, store.pk): cell}]


def test_sums_beyond_32_bits(mall, store):
    for folded in (True, False):
        put(store, DAY, gross_fen=10**13, payments=1, folded=folded)
    assert read(mall)[0][0,]["gross_fen"] == 2 * 10**13


CELL = st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 23), st.integers(1, 10**9), st.booleans())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CELL, max_size=12))
def test_every_grouping_has_the_same_total(mall, cells):
    stores = [factories.make_store(mall=mall) for _ in range(3)]
    wanted = 0
    for place, back, hour, fen, folded in cells:
        put(stores[place], DAY - timedelta(days=back), hour, gross_fen=fen, folded=folded)
        wanted += fen if back < WEEK.days else 0
    groupings = [(), ("day",), ("store_id",), ("day", "store_id")]
    ids = {"store_id": [store.pk for store in stores]}
    for found in read(mall, groupings=groupings, within=ids):
        assert sum(row["gross_fen"] for row in found.values()) == wanted
