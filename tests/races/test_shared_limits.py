"""Every kind of limit at once, shared by several rules, under many issuers that are killed at random."""

import time

import pytest

from . import jobs
from .arena import PROCESSES
from .test_awards import Storm

pytestmark = [pytest.mark.races, pytest.mark.slow]

SHOPPERS, PAYMENTS = 60, 1_200
# Coupons that may be given out of each limit of `jobs.build_shared`: coupons cost 10 yuan, there are four stores.
GIVEN = {
    "stock quantity": 300,
    "stock budget": 150,
    "quantity": 100,
    "budget_fen": 55,
    "quantity_per_day": 90,
    "quantity_per_store": 4 * 20,
    "per_shopper_in_days": SHOPPERS * 2,
}


def test_every_limit_is_used_up_exactly(arena, figure):
    world = arena.alone(jobs.build_shared, SHOPPERS)
    begin = time.monotonic()
    storm = Storm(arena, world, payments=PAYMENTS)
    storm.wait_for(100)
    storm.kill(30)
    assert set(storm.end()) == {0}
    books, given = arena.alone(jobs.look_at, world), arena.alone(jobs.look_at_limits, world)
    figure(
        f"{books.coupons} coupons of 8 rules and 4 stocks for {books.payments} payments by {PROCESSES} processes, "
        f"{storm.kills} killed, {time.monotonic() - begin:.0f} s"
    )
    assert given == GIVEN
    assert books.problems == []
    assert (books.payments, storm.acknowledged()) == (PAYMENTS, books.transaction_ids)


def test_without_the_conditional_claim_limits_are_exceeded(arena, figure):
    world = arena.alone(jobs.build_shared, SHOPPERS)
    arena.take_out("claim")
    storm = Storm(arena, world, payments=400)
    storm.end()
    books, given = arena.alone(jobs.look_at, world), arena.alone(jobs.look_at_limits, world)
    exceeded = {name: count for name, count in given.items() if count > GIVEN[name]}
    figure(f"exceeded: {exceeded}; {len(books.problems)} counters disagree with the rows")
    assert exceeded
    assert books.problems
