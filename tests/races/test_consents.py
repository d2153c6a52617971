"""A rule is launched while a merchant withdraws its consent."""

import pytest

from . import jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

PAIRS = 12


@pytest.fixture
def worlds(arena):
    return arena.alone(jobs.build_approved, PAIRS)


def meet(arena, worlds) -> list[tuple[str, str]]:
    """At each rule one who launches and one who withdraws; what becomes of rules and consents."""
    steps = [(world, step) for world in worlds for step in ("launch", "withdraw")]
    assert "deadlock" not in arena.at_once(jobs.launch_or_withdraw, steps, gate="coupons_rule") or arena.without
    return arena.alone(jobs.rules_and_consents)


def test_no_rule_runs_without_consent(arena, worlds, figure):
    ends = meet(arena, worlds)
    figure(f"{ends.count(('live', 'withdrawn'))} of {PAIRS} rules run without consent")
    assert {consent for _state, consent in ends} == {"withdrawn"}
    assert {state for state, _consent in ends} <= {"waiting", "paused"}


def test_without_holding_the_rule_some_run_without_consent(arena, worlds, figure):
    arena.take_out("rule held")
    ends = meet(arena, worlds)
    figure(f"{ends.count(('live', 'withdrawn'))} of {PAIRS} rules run without consent")
    assert ("live", "withdrawn") in ends
