"""Months closed while coupons are issued, used and given back: nothing slips into a month that is closed."""

import pytest

from . import jobs, ledger_jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

SECONDS = 6.0


@pytest.fixture
def world(arena):
    return arena.alone(jobs.build)


def busy(arena, world) -> tuple[int, int]:
    """Four tills and one who closes; returns coupons used and months closed."""
    parts = [ledger_jobs.use_for] * 4 + [ledger_jobs.close_for]
    done = arena.at_once(ledger_jobs.perform, [(job, world, SECONDS, name) for name, job in enumerate(parts)])
    return sum(done[:4]), done[4]


def test_nothing_slips_into_a_closed_month(arena, world, figure):
    used, closed = busy(arena, world)
    months, books = arena.alone(ledger_jobs.booked_in, world), arena.alone(jobs.look_at, world)
    figure(f"{used} coupons used, {closed} months closed, entries in {months}, {len(books.problems)} differences")
    assert books.problems == []
    assert closed > 5 and months > 2, "nothing competed, so the test has shown nothing"


def test_without_proving_the_books_entries_slip_into_closed_months(arena, world, figure):
    arena.take_out("books proved")
    used, closed = busy(arena, world)
    problems = arena.alone(jobs.look_at, world).problems
    figure(f"{used} coupons used, {closed} months closed, {len(problems)} differences")
    assert any(problem.startswith("month ") for problem in problems)


def test_a_month_is_closed_once_by_8_at_once(arena, world):
    arena.alone(ledger_jobs.use_for, world, 0.1, 1)
    answers = arena.at_once(ledger_jobs.close_once, [(world,)] * 8)
    assert "closed" in answers and set(answers) <= {"closed", "closed_already", "still_closing"}
    assert arena.alone(ledger_jobs.months_closed, world) == 1
    assert arena.alone(jobs.look_at, world).problems == []
