"""Rebates while redemptions are undone, and traffic credits that many want to spend at once."""

import pytest

from . import jobs, rebate_jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

USES, BUYERS = 8, 16


@pytest.fixture
def world(arena):
    return arena.alone(rebate_jobs.build, USES)


def accrue_while_undoing(arena, world) -> dict:
    """All but one of the redemptions are undone while rebates are reckoned."""
    undone = arena.alone(jobs.redemptions, world)[1:]
    each = [(world, None), *((world, redemption) for redemption in undone)]
    arena.at_once(rebate_jobs.accrue_or_undo, each, gate="settlements_entry")
    arena.alone(rebate_jobs.accrue, world)
    return arena.alone(rebate_jobs.look_at_rebates, world)


def test_nothing_is_earned_by_what_is_undone_at_the_same_time(arena, world, figure):
    found = accrue_while_undoing(arena, world)
    figure(f"{found['accruals']} accruals, {found['unjust']} of redemptions undone not taken back")
    assert found["unjust"] == 0
    assert found["owed"] == found["earned"]


def test_without_holding_the_providers_rebates_stay_for_what_was_undone(arena, world, figure):
    arena.take_out("providers held")
    found = accrue_while_undoing(arena, world)
    figure(f"{found['unjust']} of {found['accruals']} accruals without evidence")
    assert found["unjust"] > 0


def test_a_month_is_reckoned_once_by_eight_at_once(arena, world):
    answers = arena.at_once(rebate_jobs.accrue, [(world,)] * 8, gate="settlements_accrual")
    found = arena.alone(rebate_jobs.look_at_rebates, world)
    assert sorted(answers) == [0] * 7 + [USES]
    assert found["runs"] == [1_000 * n for n in range(1, USES + 1)]
    assert found["owed"] == found["earned"] == rebate_jobs.due(USES)


def buy_at_once(arena, world) -> tuple[list[str], dict]:
    arena.alone(rebate_jobs.give_credits, world, 50)
    answers = arena.at_once(rebate_jobs.buy, [(world,)] * BUYERS, gate="coupons_boost")
    return answers, arena.alone(rebate_jobs.look_at_credits, world)


def test_credits_are_spent_once(arena, world, figure):
    answers, found = buy_at_once(arena, world)
    figure(f"{answers.count('bought')} of {BUYERS} bought for 50 credits at 10 each")
    assert (answers.count("bought"), found) == (5, {"left": 0, "boosts": 5})


def test_without_holding_the_provider_more_is_spent_than_there_is(arena, world, figure):
    arena.take_out("provider held")
    answers, found = buy_at_once(arena, world)
    figure(f"{answers.count('bought')} of {BUYERS} bought, {found['left']} credits left")
    assert found["left"] < 0
