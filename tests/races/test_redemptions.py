"""One coupon, many tills."""

import pytest

from . import jobs
from .arena import PROCESSES

pytestmark = [pytest.mark.races, pytest.mark.slow]


@pytest.fixture
def world(arena):
    return arena.alone(jobs.build)


@pytest.fixture
def code(arena, world):
    (code,) = arena.alone(jobs.pay, world, 1, "anna")
    return code


def test_coupon_is_redeemed_once_by_64_tills(arena, world, code, figure):
    answers = arena.at_once(jobs.redeem, [(world, code, f"till-{n}") for n in range(PROCESSES)], gate="coupons_coupon")
    books = arena.alone(jobs.look_at, world)
    figure(f"{answers.count('redeemed')} of {PROCESSES} redeemed, {answers.count('already_redeemed')} refused")
    assert sorted(set(answers)) == ["already_redeemed", "redeemed"]
    assert (answers.count("redeemed"), books.redemptions, books.problems) == (1, 1, [])


def test_without_the_compared_state_a_coupon_is_redeemed_often(arena, world, code, figure):
    arena.take_out("coupon state")
    answers = arena.at_once(jobs.redeem, [(world, code, f"till-{n}") for n in range(PROCESSES)], gate="coupons_coupon")
    books = arena.alone(jobs.look_at, world)
    figure(f"{answers.count('redeemed')} of {PROCESSES} redeemed")
    assert books.redemptions == answers.count("redeemed") > 1
    assert books.problems


def test_one_request_sent_by_64_at_once_is_answered_alike(arena, world, code):
    answers = arena.at_once(jobs.redeem, [(world, code, "same")] * PROCESSES, gate="coupons_coupon")
    assert answers == ["redeemed"] * PROCESSES
    assert arena.alone(jobs.look_at, world).redemptions == 1


def test_one_request_id_for_many_coupons_redeems_one(arena, world):
    codes = [arena.alone(jobs.pay, world, n, "anna")[0] for n in range(8)]
    answers = arena.at_once(jobs.redeem, [(world, code, "same") for code in codes], gate="coupons_redemption")
    assert sorted(answers) == ["redeemed"] + ["request_reused"] * 7
    assert arena.alone(jobs.look_at, world).problems == []


def test_one_reversal_sent_by_16_at_once_is_answered_alike(arena, world, code):
    arena.alone(jobs.redeem, world, code, "till")
    (redemption,) = arena.alone(jobs.redemptions, world)
    answers = arena.at_once(jobs.reverse, [(world, redemption, "undo")] * 16, gate="coupons_coupon")
    assert len(set(answers)) == 1 and answers[0].startswith("reversed")
    assert arena.alone(jobs.look_at, world).problems == []
