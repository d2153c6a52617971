"""Stocks and limits under many issuers at once, killed and cut off at random."""

import random
import time

import pytest

from coupons.engine.terms import Limits

from . import jobs
from .arena import PROCESSES, Arena

pytestmark = [pytest.mark.races, pytest.mark.slow]


class Storm:
    """64 processes deliver payments, each payment through two of them; meanwhile some are killed and replaced, and
    the server is stopped hard once."""

    def __init__(self, arena: Arena, world: jobs.World, payments: int) -> None:
        self.arena, self.world, self.random = arena, world, random.Random(2)
        self.kills = 0
        self.shares = [
            [n for n in range(payments) if place in (n % PROCESSES, (n * 7 + 3) % PROCESSES)] for place in range(PROCESSES)
        ]
        self.processes = [self.start(place) for place in range(PROCESSES)]

    def log(self, place: int):
        return self.arena.folder / f"acknowledged-{place}"

    def acknowledged(self) -> set[str]:
        """The whole lines of all logs: of a killed process the last may be cut off."""
        return {
            line.strip()
            for place in range(PROCESSES)
            if self.log(place).exists()
            for line in self.log(place).read_text().splitlines(keepends=True)
            if line.endswith("\n")
        }

    def start(self, place: int):
        return self.arena.start(jobs.pay_until_done, self.world, self.shares[place], self.log(place))

    def wait_for(self, payments: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acknowledged()) < payments:
            assert time.monotonic() < deadline, "the issuers do not get on"
            time.sleep(0.02)

    def kill(self, times: int) -> None:
        for _ in range(times):
            running = [place for place, process in enumerate(self.processes) if process.is_alive()]
            if not running:
                return
            place = self.random.choice(running)
            self.processes[place].kill()
            self.processes[place].join()
            self.processes[place] = self.start(place)
            self.kills += 1
            time.sleep(self.random.uniform(0, 0.06))

    def end(self) -> list[int]:
        for process in self.processes:
            process.join(90)
        return [process.exitcode for process in self.processes]


def test_stock_is_used_up_exactly_whatever_breaks(arena, figure):
    world = arena.alone(jobs.build, quantity=1_000)
    begin = time.monotonic()
    storm = Storm(arena, world, payments=1_200)
    storm.wait_for(200)
    storm.kill(15)
    storm.wait_for(500)
    arena.server.crash()
    storm.kill(15)
    assert set(storm.end()) == {0}
    books = arena.alone(jobs.look_at, world)
    figure(
        f"{books.coupons} coupons for {books.payments} payments by {PROCESSES} processes, {storm.kills} killed, "
        f"the server stopped hard once, {time.monotonic() - begin:.0f} s"
    )
    assert (books.payments, books.coupons, books.awarded_payments) == (1_200, 1_000, 1_000)
    assert storm.acknowledged() == books.transaction_ids
    assert books.problems == []
    assert storm.kills == 30


def test_without_the_conditional_claim_a_stock_is_over_issued(arena, figure):
    world = arena.alone(jobs.build, quantity=200)
    arena.take_out("claim")
    storm = Storm(arena, world, payments=600)
    storm.end()
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupons of a stock of 200")
    assert books.coupons > 200
    assert books.problems


def test_without_a_durable_commit_acknowledged_payments_are_lost(arena, figure):
    world = arena.alone(jobs.build)
    arena.take_out("durable commit")
    storm = Storm(arena, world, payments=20_000)
    storm.wait_for(300)
    arena.server.crash()
    arena.close()
    books = arena.alone(jobs.look_at, world)
    lost = storm.acknowledged() - books.transaction_ids
    figure(f"{len(lost)} acknowledged payments lost")
    assert lost


def test_shopper_gets_one_coupon_of_64_payments_at_once(arena, figure):
    world = arena.alone(jobs.build, limits=Limits(per_shopper=1))
    answers = arena.at_once(jobs.pay, [(world, n, "anna") for n in range(PROCESSES)])
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupon for {books.payments} payments of {books.shoppers} shopper")
    assert sorted(map(len, answers)) == [0] * (PROCESSES - 1) + [1]
    assert (books.payments, books.coupons, books.shoppers, books.problems) == (PROCESSES, 1, 1, [])


def test_without_the_conditional_claim_a_shopper_gets_several(arena, figure):
    world = arena.alone(jobs.build, limits=Limits(per_shopper=1))
    arena.take_out("claim")
    arena.at_once(jobs.pay, [(world, n, "anna") for n in range(PROCESSES)])
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupons")
    assert books.coupons > 1
