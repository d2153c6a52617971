"""Notices sent by several workers at once, some of them killed."""

import random
import time

import pytest

from tests.coupons.test_delivery_webhook import Receiver

from . import jobs, notice_jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]
COUNT, WORKERS, KILLS = 300, 4, 6
SHORT_LEASE_S = 3


@pytest.fixture
def receiver():
    receiver = Receiver()
    receiver.thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def world(arena, receiver):
    world = arena.alone(jobs.build)
    arena.alone(notice_jobs.write, world, COUNT, receiver.url)
    return world


def test_killed_workers_lose_no_notice_and_repeat_under_the_same_id(arena, world, receiver, figure):
    workers = [arena.start(notice_jobs.send_until_done, world, SHORT_LEASE_S) for _ in range(WORKERS)]
    for n in range(KILLS):
        time.sleep(random.uniform(0.1, 0.3))
        workers[n % WORKERS].kill()
        workers[n % WORKERS] = arena.start(notice_jobs.send_until_done, world, SHORT_LEASE_S)
    for worker in workers:
        worker.join(120)
    figure(f"{len(receiver.ids)} messages for {COUNT} notices, {KILLS} kills")
    assert arena.alone(notice_jobs.states, world) == {"sent": COUNT}
    assert set(receiver.ids) == arena.alone(notice_jobs.keys, world)


def test_several_workers_send_each_notice_once(arena, world, receiver):
    arena.at_once(notice_jobs.send_until_done, [(world,)] * WORKERS)
    assert len(receiver.ids) == len(set(receiver.ids)) == COUNT


def test_without_the_lease_notices_are_sent_by_several(arena, world, receiver, figure):
    arena.take_out("notice lease")
    arena.at_once(notice_jobs.send_until_done, [(world,)] * WORKERS)
    figure(f"{len(receiver.ids)} messages for {COUNT} notices")
    assert len(receiver.ids) > len(set(receiver.ids)) == COUNT
