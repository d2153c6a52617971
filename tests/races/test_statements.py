"""Lines disputed while others are settled: a statement that waits to be agreed to has no disputed line. Paid once."""

import pytest

from . import statement_jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

SECONDS = 5.0


@pytest.fixture
def world(arena):
    return arena.alone(statement_jobs.build)


def busy(arena, world) -> tuple[int, int]:
    """Someone of the party, two of the mall and one who looks; returns steps taken and wrong states seen."""
    work = [(statement_jobs.step_for, world, SECONDS, side) for side in ("party", "mall", "mall")]
    *steps, wrong = arena.at_once(statement_jobs.perform, [*work, (statement_jobs.wrong_states, world, SECONDS)])
    assert min(steps) > 1, "nothing competed, so the test has shown nothing"
    return sum(steps), wrong


def test_who_waits_for_the_party_has_no_open_dispute(arena, world, figure):
    steps, wrong = busy(arena, world)
    figure(f"{steps} steps, {wrong} wrong states seen")
    assert wrong == 0


def test_without_holding_the_statement_disputes_are_lost(arena, world, figure):
    arena.take_out("statement held")
    for _attempt in range(3):
        steps, wrong = busy(arena, world)
        figure(f"{steps} steps, {wrong} wrong states seen")
        if wrong:
            return
    raise AssertionError("nothing was lost without the guard")


def test_a_statement_is_paid_once_by_8_at_once(arena):
    world = arena.alone(statement_jobs.build, "closed")
    answers = arena.at_once(statement_jobs.pay, [(world,)] * 8)
    assert sorted(answers) == ["paid"] + ["wrong_state"] * 7
    assert arena.alone(statement_jobs.payouts, world) == 1
