"""Different shoppers: of days, of whole months, of stores; united under concurrency in `tests/races`."""

from datetime import date, timedelta

import pytest
from pyroaring import BitMap64

from analytics import rollups
from analytics.models import MallVisitors, RollupDelta, Span, StoreVisitors
from analytics.periods import steps
from analytics.queries import places, visitors
from analytics.queries.choice import Choice
from analytics.rollups import Cell, Changes, add_changes
from analytics.spans import cut, end_of
from analytics.visitors import counted, loaded, unite, unpacked
from mallops.lib.dates import Period
from tests import factories

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
DAYS = Period(date(2026, 9, 20), date(2026, 11, 21))


def visit(store, day, *shoppers, folded=True) -> None:
    """Payments of some shoppers (ids), one each."""
    changes = Changes()
    for shopper in shoppers:
        changes.add(Cell(store.pk, day, 12, channel="cash"), payments=1)
        changes.shoppers[store.pk, day].add(shopper)
    if folded:
        add_changes(store.mall_id, changes)
    else:
        kept = changes.shoppers[store.pk, day].serialize()
        RollupDelta.objects.create(mall=store.mall, store=store, day=day, hour=12, channel="cash", shoppers=kept)


def choice(mall, period=DAYS, **picked) -> Choice:
    return Choice(places.of_mall(mall), period, period.previous(), **picked)


@pytest.fixture
def visited(mall, store, other_store):
    """Shopper 1 at both stores, on many days; some not folded yet."""
    visit(store, date(2026, 9, 19), 77)  # before
    visit(store, date(2026, 9, 30), 1, 2)
    visit(store, date(2026, 10, 5), 1, 3)
    visit(other_store, date(2026, 10, 5), 1)
    visit(other_store, date(2026, 10, 31), 4, 2**40)
    visit(store, DAY, 1, 5, folded=False)
    visit(other_store, DAY, 5, folded=False)
    visit(store, date(2026, 11, 21), 78, folded=False)  # after


def test_a_shopper_counts_once_over_days_months_stores_and_deltas(mall, visited):
    assert visitors.shoppers(choice(mall)) == 6
    assert visitors.shoppers(choice(mall), side=1) == 1


def test_by_day(mall, visited):
    assert visitors.by_day(choice(mall)) == {
        date(2026, 9, 30): 2, date(2026, 10, 5): 2, date(2026, 10, 31): 2, DAY: 2
    }  # fmt: skip


def test_by_store(mall, store, other_store, visited):
    found = choice(mall)
    assert visitors.by_store(found, [store, other_store]) == {store.pk: 4, other_store.pk: 4}
    assert visitors.by_store(found, [store], side=1) == {store.pk: 1}
    assert visitors.by_store(found, []) == {}


def test_of_part_of_the_mall(mall, store, other_store, visited):
    assert visitors.shoppers(choice(mall, store=store)) == 4
    assert visitors.by_day(choice(mall, store=other_store))[DAY] == 1
    outside = factories.make_store(mall=mall)
    assert visitors.shoppers(choice(mall, store=store, category=outside.category)) == 0
    assert visitors.by_store(choice(mall), [outside]) == {outside.pk: 0}


def test_of_months(mall, visited):
    august, september, october = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
    november = date(2026, 11, 1)
    found = visitors.of_months(mall, [october, august, september, november])
    assert [set(month) for month in found] == [{1, 3, 4, 2**40}, set(), {1, 2, 77}, {1, 5, 78}]
    assert visitors.of_months(mall, []) == []


def test_other_malls_are_not_counted(mall, visited):
    elsewhere = factories.make_store(mall=factories.make_mall())
    visit(elsewhere, DAY, 900)
    visit(elsewhere, DAY, 901, folded=False)
    assert visitors.shoppers(choice(mall)) == 6
    assert visitors.by_store(choice(mall), [elsewhere]) == {elsewhere.pk: 0}


def test_without_days_to_compare_with_nobody_came(mall, visited):
    alone = Choice(places.of_mall(mall), DAYS, None)
    assert (visitors.shoppers(alone, side=1), visitors.by_day(alone, side=1)) == (0, {})


@pytest.mark.parametrize("picked", [{"channel": "cash"}, {"newness": "new"}])
def test_by_channel_and_newness_nothing_is_known(mall, store, visited, picked):
    mixed = choice(mall, **picked)
    assert visitors.shoppers(mixed) is None
    assert visitors.by_day(mixed) == visitors.by_store(mixed, [store]) == {}


@pytest.mark.parametrize("high", [0, 2**32 - 2, 2**32, 2**40])
def test_sets_of_any_ids_are_counted(high):
    """Both in 32 bits, both beyond, and one of each."""
    low, other = {1, 2, 3, 70_000}, {2 + high, 3 + high}
    sets = [loaded(BitMap64(ids).serialize()) for ids in (low, other, {2})]
    assert counted(sets) == len(low | other)
    assert counted(sets[1:2]) == 2
    assert counted([]) == 0


def test_one_statement_each(mall, store, visited, django_assert_num_queries):
    made = choice(mall)
    for ask in (visitors.shoppers, visitors.by_day, lambda made: visitors.by_store(made, [store])):
        with django_assert_num_queries(1):
            ask(made)


@pytest.mark.parametrize(
    ("start", "end", "rows"),
    [
        ("2026-11-02", "2026-11-05", {"day": ["11-02", "11-03", "11-04"]}),
        ("2026-11-02", "2026-11-09", {"day": ["11-02", "11-03", "11-04"], "four": ["11-05"]}),
        ("2026-10-25", "2026-11-08", {"four": ["10-25", "10-29", "11-01"], "day": ["11-05", "11-06", "11-07"]}),
        ("2026-02-28", "2026-03-02", {"day": ["02-28", "03-01"]}),
        ("2028-02-28", "2028-03-05", {"day": ["02-28"], "four": ["02-29", "03-01"]}),
        ("2026-10-01", "2026-11-01", {"month": ["10-01"]}),
        ("2026-09-30", "2026-11-02", {"day": ["09-30", "11-01"], "month": ["10-01"]}),
        ("2026-09-01", "2026-11-02", {"month": ["09-01", "10-01"], "day": ["11-01"]}),
        ("2026-01-31", "2026-03-01", {"day": ["01-31"], "month": ["02-01"]}),
    ],
)
def test_periods_are_cut_into_the_longest_spans(start, end, rows):
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    found = cut([period], (Span.MONTH, Span.FOUR, Span.DAY))
    assert {span: [f"{day:%m-%d}" for day in days] for span, days in found.items()} == rows


def test_spans_never_reach_over_the_bounds_of_periods():
    weeks = steps(Period(date(2026, 9, 20), date(2026, 11, 21)), weekly=True)
    found = cut(weeks, (Span.MONTH, Span.FOUR, Span.DAY))
    of_spans = [Period(first, end_of(span, first)) for span, firsts in found.items() for first in firsts]
    assert sorted(day for period in of_spans for day in period) == list(Period(weeks[0].start, weeks[-1].end))
    assert all(any(set(period) <= set(week) for week in weeks) for period in of_spans)
    assert set(found) == {Span.DAY, Span.FOUR}


@pytest.mark.parametrize("alone", [False, True])
def test_weeks_count_everybody_once(mall, visited, store, alone):
    """Of the whole mall from sets of four days as well."""
    made = choice(mall, Period(DAY - timedelta(days=210), DAY + timedelta(days=1)), store=store if alone else None)
    wanted = {date(2026, 9, 19): {77}, date(2026, 9, 30): {1, 2}, date(2026, 10, 5): {1, 3}, DAY: {1, 5}}
    wanted |= {} if alone else {date(2026, 10, 31): {4, 2**40}}
    assert made.weekly
    assert visitors.by_step(made) == [len(set().union(*(wanted.get(day, ()) for day in step))) for step in made.steps()]


def test_a_row_for_each_day_and_month_and_of_the_mall_for_four_days(mall, visited):
    months = MallVisitors.objects.filter(span=Span.MONTH).order_by("day").values_list("day", "shoppers")
    assert {day: set(unpacked(kept)) for day, kept in months} == {
        date(2026, 9, 1): {1, 2, 77}, date(2026, 10, 1): {1, 3, 4, 2**40}
    }  # fmt: skip
    fours = MallVisitors.objects.filter(span=Span.FOUR).order_by("day").values_list("day", "shoppers")
    assert {day: set(unpacked(kept)) for day, kept in fours} == {
        date(2026, 9, 17): {77}, date(2026, 9, 29): {1, 2}, date(2026, 10, 5): {1, 3}, date(2026, 10, 29): {4, 2**40}
    }  # fmt: skip
    assert MallVisitors.objects.filter(span=Span.DAY).count() == 4
    assert StoreVisitors.objects.filter(span=Span.DAY).count() == 5
    assert not StoreVisitors.objects.filter(span=Span.FOUR).exists()
    assert StoreVisitors.objects.filter(span=Span.MONTH).count() == 3


def test_who_is_in_a_set_already_changes_nothing(store, visited, django_assert_num_queries):
    changes = Changes()
    changes.shoppers[store.pk, date(2026, 10, 5)].add(3)
    with django_assert_num_queries(4):  # for each table: insert what is missing, hold what is there
        unite(store.mall_id, changes.shoppers)
    changes.shoppers[store.pk, date(2026, 10, 5)].add(6)
    with django_assert_num_queries(6):
        unite(store.mall_id, changes.shoppers)


def test_folding_unites(mall, store, visited):
    visit(store, DAY, 5, 6, folded=False)
    before = visitors.shoppers(choice(mall))
    while rollups.fold(mall.pk):
        pass
    assert not RollupDelta.objects.exists()
    assert before == visitors.shoppers(choice(mall)) == 7
    assert set(unpacked(StoreVisitors.objects.get(store=store, span=Span.DAY, day=DAY).shoppers)) == {1, 5, 6}


def test_a_large_batch_of_days(mall, store):
    """More rows than one statement of SQLite has parameters for."""
    changes = Changes()
    for n in range(9_000):
        changes.shoppers[store.pk, DAY - timedelta(days=n)].add(n)
    unite(mall.pk, changes.shoppers)
    unite(mall.pk, changes.shoppers)
    assert MallVisitors.objects.filter(span=Span.DAY).count() == 9_000
