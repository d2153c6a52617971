"""Stocks and limits under many issuers at once, killed and cut off at random."""

import random
import time

import pytest

from coupons.engine.terms import Limits

from . import jobs
from .arena import PROCESSES, Arena

pytestmark = [pytest.mark.races, pytest.mark.slow]


class Storm:
    """Many processes deliver payments, each payment through two of them; meanwhile some are killed and replaced, and
    the server is stopped hard once."""

    def __init__(self, arena: Arena, world: jobs.World, payments: int, processes: int = PROCESSES) -> None:
        self.arena, self.world, self.random = arena, world, random.Random(2)
        self.kills = 0
        self.shares: list[list[int]] = [[] for _ in range(processes)]
        for n in range(payments):
            self.shares[n % processes].append(n)
            self.shares[(n * 7 + 3) % processes].append(n)
        self.processes = [self.start(place) for place in range(processes)]

    def log(self, place: int):
        return self.arena.folder / f"acknowledged-{place}"

    def acknowledged(self) -> set[str]:
        """The whole lines of all logs: of a killed process the last may be cut off."""
        return {
            line.strip()
            for place in range(len(self.shares))
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
    arena.server.start()
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
    world = arena.alone(jobs.build, quantity=100)
    arena.take_out("claim")
    storm = Storm(arena, world, payments=300)
    storm.end()
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.coupons} coupons of a stock of 100")
    assert books.coupons > 100
    assert books.problems


def test_without_a_durable_commit_acknowledged_payments_are_lost(arena, figure):
    world = arena.alone(jobs.build)
    arena.take_out("durable commit")
    arena.server.freeze_log_writer()
    storm = Storm(arena, world, payments=20_000, processes=8)
    storm.wait_for(200)
    arena.server.crash()
    arena.close()
    arena.server.start()
    books = arena.alone(jobs.look_at, world)
    lost = storm.acknowledged() - books.transaction_ids
    figure(f"{len(lost)} acknowledged payments lost")
    assert lost


@pytest.fixture
def anna(arena):
    """A mall whose rule awards each shopper once, and a shopper it knows."""
    world = arena.alone(jobs.build, limits=Limits(per_shopper=1))
    arena.alone(jobs.pay, world, 1_000, "anna", award=False)
    return world


def pay_at_once(arena, world, **options) -> list:
    return arena.at_once(jobs.pay, [(world, n, "anna") for n in range(PROCESSES)], **options)


def test_shopper_gets_one_coupon_of_64_payments_at_once(arena, anna, figure):
    answers = pay_at_once(arena, anna, gate="coupons_limitcounter")
    books = arena.alone(jobs.look_at, anna)
    figure(f"{books.coupons} coupon for {books.payments - 1} payments")
    assert sorted(map(len, answers)) == [0] * (PROCESSES - 1) + [1]
    assert (books.payments, books.coupons, books.problems) == (PROCESSES + 1, 1, [])


def test_without_the_conditional_claim_a_shopper_gets_several(arena, anna, figure):
    arena.take_out("claim")
    pay_at_once(arena, anna, gate="coupons_limitcounter")
    books = arena.alone(jobs.look_at, anna)
    figure(f"{books.coupons} coupons for {books.payments - 1} payments")
    assert books.coupons > 1
    assert books.problems


def test_64_first_payments_of_one_shopper_make_one_shopper(arena):
    world = arena.alone(jobs.build, limits=Limits(per_shopper=1))
    pay_at_once(arena, world)
    books = arena.alone(jobs.look_at, world)
    assert (books.payments, books.shoppers, books.coupons, books.problems) == (PROCESSES, 1, 1, [])
