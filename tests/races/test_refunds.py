"""One payment, refunded from many sides."""

import pytest

from . import jobs
from .arena import PROCESSES

pytestmark = [pytest.mark.races, pytest.mark.slow]

PAID = 10_000  # fen, what `jobs.payment` pays


@pytest.fixture
def world(arena):
    world = arena.alone(jobs.build, min_fen=1)
    arena.alone(jobs.pay, world, 1, "anna")
    return world


def test_refunds_never_exceed_the_payment(arena, world, figure):
    answers = arena.at_once(jobs.refund, [(world, 1, f"r{n}", 300) for n in range(PROCESSES)], gate="payments_payment")
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.refunded_fen} of {PAID} fen refunded by {PROCESSES} refunds of 300")
    assert (answers.count("created"), answers.count("above_payment")) == (33, PROCESSES - 33)
    assert (books.refunded_fen, books.problems) == (9_900, [])


def test_without_the_conditional_claim_refunds_exceed_the_payment(arena, world, figure):
    arena.take_out("refunded amount")
    arena.at_once(jobs.refund, [(world, 1, f"r{n}", 300) for n in range(PROCESSES)], gate="payments_payment")
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.refunded_fen} of {PAID} fen refunded")
    assert books.refunded_fen > PAID


def test_one_refund_sent_by_64_at_once_counts_once(arena, world):
    answers = arena.at_once(jobs.refund, [(world, 1, "same", 300)] * PROCESSES, gate="payments_payment")
    assert sorted(answers) == ["created"] + ["known"] * (PROCESSES - 1)
    assert arena.alone(jobs.look_at, world).refunded_fen == 300


def test_policy_sees_the_refunds_of_others(arena, world):
    """None of the refunds takes the payment below the rule's minimum; together they do."""
    arena.at_once(jobs.refund, [(world, 1, f"r{n}", PAID // 16) for n in range(16)], gate="payments_payment")
    books = arena.alone(jobs.look_at, world)
    assert (books.refunded_fen, books.coupon_states, books.problems) == (PAID, {"revoked": 1}, [])
