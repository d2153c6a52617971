"""A plan tried on past months gives what it would have given, and writes nothing."""

from datetime import date, timedelta

import pytest

from mallops.lib.dates import Period
from settlements.models import Accrual, Entry
from settlements.plans import PlanTerms
from settlements.trials import try_plan
from tests.factories import make_agreement, make_provider, make_rule, make_stock, make_store

from .earning import MARCH, NOON, accrue, make_offer, suspend, undo, use

DAY = timedelta(days=1)
SPRING = Period(MARCH, date(2026, 5, 1))


@pytest.fixture
def rule(mall, store):
    return make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))


def figures(mall, terms, months=SPRING) -> list[tuple]:
    return [
        (row.month, row.redemptions, row.base_fen, row.openings, row.amount_fen, row.credits, row.earned_fen)
        for row in try_plan(mall, terms, months)
    ]


def test_beside_what_was_earned(mall, store, provider, rule):
    make_offer(provider)
    for at in (NOON, NOON, NOON + 30 * DAY):
        use(store, at)
    undo(use(store))
    accrue(mall, NOON + 31 * DAY)
    before = Entry.objects.count(), Accrual.objects.count()
    terms = PlanTerms(tiers=((1_000, 2_000),), cap_fen=300, credits_per_100_yuan=7)
    assert figures(mall, terms) == [
        (MARCH, 2, 2_000, 1, 200, 1, 200),
        (date(2026, 4, 1), 1, 1_000, 0, 0, 0, 100),
    ]
    assert figures(mall, terms, Period(date(2026, 4, 1), date(2026, 5, 1)))[0][0] == date(2026, 4, 1)
    assert (Entry.objects.count(), Accrual.objects.count()) == before
    (first, _second) = try_plan(mall, terms, SPRING)
    assert (first.provider, first.change_fen, first.earned_credits) == (provider, 0, 10)


def test_without_any_plan_so_far_and_with_openings(mall, store, provider, rule):
    provider.agreements.update(from_day=date(2026, 3, 5))
    use(store, order_fen=9_000)
    assert figures(mall, PlanTerms(opening_fen=500, base="order", tiers=((0, 100),))) == [
        (MARCH, 1, 9_000, 1, 590, 0, 0)
    ]  # fmt: skip


def test_a_plan_tried_gives_what_it_gives_when_it_runs(mall, store, provider, rule):
    terms = PlanTerms(tiers=((0, 33), (2_500, 777)), credits_per_100_yuan=3)
    make_offer(provider, terms)
    for n in range(5):
        use(store, NOON + n * DAY)
    accrue(mall, NOON + 6 * DAY)
    (row,) = try_plan(mall, terms, SPRING)
    assert (row.amount_fen, row.credits) == (row.earned_fen, row.earned_credits)
    assert row.change_fen == 0


def test_what_a_suspended_provider_did_is_left_out(mall, store, provider, rule):
    suspend(provider, NOON + DAY)
    for n in range(3):
        use(store, NOON + n * DAY)
    assert [row[:2] for row in figures(mall, PlanTerms(tiers=((0, 100),)))] == [(MARCH, 1)]
    suspend(provider, NOON + 2 * DAY, "good")
    assert [row[:2] for row in figures(mall, PlanTerms(tiers=((0, 100),)))] == [(MARCH, 2)]


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_any_number_of_providers(mall, store, provider, rule, number, django_assert_num_queries):
    use(store)
    for _ in range(number - 1):
        make_agreement(provider=make_provider(mall=mall), store=make_store(mall=mall))
    with django_assert_num_queries(5):
        try_plan(mall, PlanTerms(opening_fen=1), SPRING)


def test_nothing_happened_nothing_shown(mall, provider):
    assert try_plan(mall, PlanTerms(opening_fen=1), SPRING) == []
