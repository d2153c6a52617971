"""Claims and hand-outs by many processes at once."""

import random
import time

import pytest

from coupons.engine.terms import Limits

from . import claim_jobs, jobs
from .arena import PROCESSES

pytestmark = [pytest.mark.races, pytest.mark.slow]
GATE = "coupons_limitcounter"


def test_ten_of_64_shoppers_get_the_ten_coupons(arena, figure):
    world = arena.alone(jobs.build, quantity=10, trigger="qr")
    each = [(world, f"shopper {n}", f"q{n}") for n in range(PROCESSES)]
    answers = arena.at_once(claim_jobs.claim, each, gate=GATE)
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupons of a stock of 10 for {PROCESSES} claims at once")
    assert sorted(len(codes) for _reason, codes in answers) == [0] * (PROCESSES - 10) + [1] * 10
    assert {reason for reason, codes in answers if not codes} == {"stock_quantity"}
    assert (books.coupons, books.problems) == (10, [])


def test_without_the_conditional_claim_there_are_more(arena, figure):
    world = arena.alone(jobs.build, quantity=10, trigger="qr")
    arena.take_out("claim")
    arena.at_once(claim_jobs.claim, [(world, f"shopper {n}", f"q{n}") for n in range(PROCESSES)], gate=GATE)
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupons of a stock of 10")
    assert books.coupons > 10
    assert books.problems


def test_one_request_sent_by_64_at_once_is_one_claim(arena, figure):
    world = arena.alone(jobs.build, trigger="qr")
    answers = arena.at_once(claim_jobs.claim, [(world, "anna", "same")] * PROCESSES, gate="coupons_claim")
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupon for one request sent {PROCESSES} times")
    assert len(set(answers)) == 1 and len(answers[0][1]) == 1
    assert (books.coupons, books.shoppers, books.problems) == (1, 1, [])


def test_without_the_unique_request_it_is_several(arena, figure):
    world = arena.alone(jobs.build, trigger="qr")
    arena.alone(claim_jobs.claim, world, "anna", "before")  # she is known, so that all come to the claims at once
    arena.take_out("claim once")
    arena.at_once(claim_jobs.claim, [(world, "anna", "same")] * PROCESSES, gate="coupons_claim")
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons - 1} coupons for one request")
    assert books.coupons > 2


def test_one_shopper_asking_64_times_gets_one(arena):
    world = arena.alone(jobs.build, trigger="qr", limits=Limits(per_shopper=1))
    answers = arena.at_once(claim_jobs.claim, [(world, "anna", f"q{n}") for n in range(PROCESSES)])
    books = arena.alone(jobs.look_at, world)
    assert sorted(reason for reason, _codes in answers) == [""] + ["per_shopper"] * (PROCESSES - 1)
    assert (books.coupons, books.shoppers, books.problems) == (1, 1, [])


def test_a_hand_out_reaches_each_once_whoever_is_killed(arena, figure):
    world = arena.alone(jobs.build, trigger="hand_out")
    run = arena.alone(claim_jobs.crowd, world, 1_000)
    chance, begin, kills = random.Random(3), time.monotonic(), 0
    workers = [arena.start(claim_jobs.hand_out, run) for _ in range(4)]
    while arena.alone(claim_jobs.seen, run) < 800 and kills < 12:
        place = chance.randrange(4)
        workers[place].kill()
        workers[place].join()
        workers[place] = arena.start(claim_jobs.hand_out, run)
        kills += 1
    for worker in workers:
        worker.join(90)
    end = arena.alone(claim_jobs.end_of, world, run)
    figure(
        f"{end['coupons']} coupons for 1,000 shoppers by 4 workers, {kills} killed, {time.monotonic() - begin:.0f} s"
    )
    assert [worker.exitcode for worker in workers] == [0] * 4 and kills
    assert end == {
        "state": "done", "seen": 1_000, "awarded": 1_000, "coupons": 1_000, "shoppers": 1_000, "claims": 1_000,
        "problems": [],
    }  # fmt: skip


def test_a_hand_out_by_16_at_once_stops_at_the_last_coupon(arena):
    world = arena.alone(jobs.build, quantity=150, trigger="hand_out")
    run = arena.alone(claim_jobs.crowd, world, 400)
    arena.at_once(claim_jobs.hand_out, [(run, 7)] * 16)
    end = arena.alone(claim_jobs.end_of, world, run)
    assert (end["state"], end["coupons"], end["shoppers"], end["problems"]) == ("done", 150, 150, [])
