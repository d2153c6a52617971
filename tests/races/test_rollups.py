"""Roll-ups while payments come in, workers fold and somebody rebuilds; the same file imported twice at a time."""

import pytest

from . import jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

SECONDS = 6.0
VISITS = 60


@pytest.fixture
def world(arena):
    return arena.alone(jobs.build, stores=3)


def busy(arena, world, *, rebuilders: int = 1) -> tuple[int, int, int]:
    """Four payers, three folders and rebuilders for a while; returns payments, cells folded, rebuilds done."""
    parts = [jobs.pay_for] * 4 + [jobs.fold_for] * 3 + [jobs.rebuild_for] * rebuilders
    done = arena.at_once(jobs.perform, [(job, world, SECONDS, name) for name, job in enumerate(parts)])
    return sum(done[:4]), sum(done[4:7]), sum(done[7:])


def broken_within(rounds: int, arena, world, **others: int) -> list[str]:
    """The differences after the first of some busy whiles that left any: one may end by chance just after a rebuild."""
    for _ in range(rounds):
        busy(arena, world, **others)
        if problems := arena.alone(jobs.look_at, world).problems:
            return problems
    return []


def test_rollups_are_exact_while_all_are_busy(arena, world, figure):
    paid, folded, rebuilt = busy(arena, world)
    books = arena.alone(jobs.look_at, world)
    figure(
        f"{paid} payments, {folded} deltas folded by 3 workers, {rebuilt} rebuilds, {len(books.problems)} differences"
    )
    assert (books.payments, books.problems) == (paid, [])
    assert folded and rebuilt, "nothing competed, so the test has shown nothing"


def test_without_taking_deltas_in_one_statement_they_count_twice(arena, world, figure):
    arena.take_out("taking deltas")
    problems = broken_within(5, arena, world, rebuilders=0)
    figure(f"{len(problems)} differences")
    assert problems


def test_folders_at_once_lose_no_shopper(arena, world, figure):
    done = arena.at_once(jobs.visit, [(world, name, VISITS) for name in range(4)])
    seen = arena.alone(jobs.visitors_of, world)
    figure(f"{seen} shoppers of {sum(done)} united by 4 workers")
    assert seen == sum(done)


def test_without_holding_the_sets_shoppers_are_lost(arena, world, figure):
    arena.take_out("sets held")
    done = arena.at_once(jobs.visit, [(world, name, VISITS) for name in range(4)])
    seen = arena.alone(jobs.visitors_of, world)
    figure(f"{seen} shoppers of {sum(done)}")
    assert seen < sum(done)


def test_without_one_snapshot_a_rebuild_loses_payments(arena, world, figure):
    arena.take_out("one snapshot")
    problems = broken_within(5, arena, world)
    figure(f"{len(problems)} differences")
    assert problems


PAYMENTS = 6_000


@pytest.mark.parametrize("order", ["the same order", "opposite orders"])
def test_file_imported_twice_at_once_counts_once(arena, world, figure, order):
    opposite = order == "opposite orders"
    created = arena.at_once(jobs.import_payments, [(world, PAYMENTS, False), (world, PAYMENTS, opposite)])
    books = arena.alone(jobs.look_at, world)
    figure(f"{created[0]} + {created[1]} new of {PAYMENTS}")
    assert (sum(created), books.payments, books.shoppers, books.problems) == (PAYMENTS, PAYMENTS, 97, [])


def test_without_the_constraint_a_file_imported_twice_counts_twice(arena, world, figure):
    arena.alone(jobs.import_payments, world, 97, False)  # the shoppers, on whom the two would else wait for each other
    arena.take_out("payment once")
    arena.at_once(jobs.import_payments, [(world, PAYMENTS, False)] * 2, gate="payments_payment")
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.payments} payments of {PAYMENTS}")
    assert books.payments > PAYMENTS
