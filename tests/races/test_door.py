"""One payment posted 64 times at once through the real door: HTTP, gunicorn, the API."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.utils import timezone

from . import jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

REQUESTS = 64


@pytest.fixture
def world(arena):
    """With a shopper that is known already: a new one would make the requests queue up at its identity."""
    world = arena.alone(jobs.build)
    arena.alone(jobs.pay, world, 0, "anna", award=False)
    return world


@pytest.fixture
def serve(arena):
    """Start the site on the arena's database, and give back its port."""
    started = []

    def start() -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.races.site", arena.url, str(port), *arena.without]
        started.append(subprocess.Popen(command, cwd=settings.BASE_DIR))
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline, "the site did not start"
            time.sleep(0.1)
        return port

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


def post_at_once(arena, port: int, world: jobs.World) -> list[tuple[int, dict]]:
    body = {
        "store": "store-0", "channel": "wechat", "transaction_id": "t1", "amount_fen": 10_000, "shopper": "anna",
        "paid_at": timezone.now().isoformat(),
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {world.key}", "Content-Type": "application/json"}
    answers = []

    def post() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/api/v1/payments", json.dumps(body), headers)
        response = connection.getresponse()
        answers.append((response.status, json.loads(response.read())))

    threads = [threading.Thread(target=post) for _ in range(REQUESTS)]
    with arena.gate("payments_payment", REQUESTS):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_payment_posted_64_times_at_once_is_one_payment_with_one_award(arena, world, serve, figure):
    answers = post_at_once(arena, serve(), world)
    statuses = Counter(status for status, _body in answers)
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.payments - 1} payment, {books.coupons} coupon, answers {dict(statuses)}")
    assert statuses == {201: 1, 200: REQUESTS - 1}
    assert len({(body["id"], body["coupons"][0]["code"]) for _status, body in answers}) == 1
    assert (books.payments - 1, books.coupons, books.problems) == (1, 1, [])


def test_without_the_constraint_a_payment_posted_64_times_is_several(arena, world, serve, figure):
    arena.take_out("payment once")
    post_at_once(arena, serve(), world)
    books = arena.alone(jobs.look_at, world)
    figure(f"{books.payments - 1} payments, {books.coupons} coupons")
    assert books.payments - 1 == books.coupons > 1
