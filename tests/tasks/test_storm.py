"""Several workers, some of them killed or frozen at random: nothing is lost and nothing has its effect twice.

Each guard has its negative control: with the guard taken out the same storm does harm.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings

from mallops.lib.tasks.models import OPEN, PeriodicRun, Status, TaskRun

from . import jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

WORKERS = 4


class Storm:
    """Fills the queue, lets workers at it, disturbs them, and counts what came of it."""

    def __init__(self, process_database, *, count: int, seconds: float = 0.03, without: str | None = None):
        self.environment, self.alias = process_database
        self.count = count
        self.without = ["--without", without] if without else []
        self.random = random.Random(2)
        self.run_to_end("fill", str(count), str(seconds))
        self.workers = [self.start() for _ in range(WORKERS)]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tests.tasks.storm_process", *words]

    def run_to_end(self, *words: str) -> None:
        subprocess.run(self.command(*words), cwd=settings.BASE_DIR, env=self.environment, check=True)

    def start(self) -> subprocess.Popen:
        command = self.command("work", *self.without)
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment)

    def open_rows(self) -> int:
        return TaskRun.objects.using(self.alias).filter(status__in=OPEN).count()

    def kill_one(self) -> None:
        place = self.random.randrange(len(self.workers))
        self.workers[place].kill()
        self.workers[place].wait()
        self.workers[place] = self.start()

    def kill_at_random(self, times: int) -> None:
        for _ in range(times):
            time.sleep(self.random.uniform(0.05, 0.3))
            self.kill_one()

    def freeze_all_but_one(self) -> None:
        """Until the one has done everything, what the others had begun included; then let them go on."""
        for _ in range(10):  # on SQLite one may freeze with the write lock in hand: then nothing moves, once more
            frozen = self.random.sample(self.workers, len(self.workers) - 1)
            for worker in frozen:
                worker.send_signal(signal.SIGSTOP)
            self.wait_for_calm(patience=2)
            for worker in frozen:
                worker.send_signal(signal.SIGCONT)
            time.sleep(0.5)
            if not self.open_rows():
                return

    def wait_until_all_work(self) -> None:
        names = TaskRun.objects.using(self.alias).exclude(worker="").values_list("worker", flat=True)
        deadline = time.monotonic() + 30
        while len({name.split("#")[0] for name in names.all()}) < WORKERS:
            assert time.monotonic() < deadline, "the workers did not start"
            time.sleep(0.05)

    def wait_for_calm(self, patience: float = 5) -> None:
        """Until all is done, or nothing has moved for so many seconds."""
        last, moved = self.open_rows(), time.monotonic()
        while last and time.monotonic() - moved < patience:
            time.sleep(0.1)
            if (now := self.open_rows()) != last:
                last, moved = now, time.monotonic()

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def outcome(self) -> tuple[int, int]:
        """(effects missing, effects too many)"""
        expected = {f"{job}.0" for job in range(self.count)}
        expected |= {f"{job}.{part}" for job in range(self.count) if job % 3 for part in range(jobs.PARTS)}
        names = PeriodicRun.objects.using(self.alias).filter(name__startswith="mark ")
        seen = Counter(name.split()[1] for name in names.values_list("name", flat=True))
        out = len(expected - seen.keys()), sum(seen.values()) - len(seen)
        return out


@pytest.fixture
def storm(process_database):
    storms = []

    def begin(**options) -> Storm:
        storms.append(Storm(process_database, **options))
        return storms[-1]

    yield begin
    for each in storms:
        each.end()


def test_storm_loses_none_and_repeats_none(storm):
    it = storm(count=240, seconds=0.02)
    it.wait_until_all_work()
    it.kill_at_random(10)
    it.freeze_all_but_one()
    it.wait_for_calm(patience=20)
    statuses = Counter(TaskRun.objects.using(it.alias).values_list("status", flat=True))
    assert statuses == {Status.DONE: it.count}
    assert it.outcome() == (0, 0)
    attempts = TaskRun.objects.using(it.alias).values_list("attempt", flat=True)
    assert max(attempts) > 1, "the storm hit nothing, so the test has shown nothing"


def test_without_the_lease_killed_work_is_lost(storm):
    """A kill may by chance meet every worker between two tasks; then the storm is made again."""
    for _ in range(5):
        it = storm(count=200, without="lease")
        it.wait_until_all_work()
        it.kill_at_random(4)
        it.wait_for_calm(patience=2)
        lost, repeated = it.outcome()
        assert repeated == 0
        if lost:
            return
    raise AssertionError("nothing was lost")


def test_without_the_fence_work_is_repeated(storm):
    it = storm(count=60, seconds=0.1, without="fence")
    it.wait_until_all_work()
    it.freeze_all_but_one()
    assert it.outcome()[1] > 0


def test_without_the_conditional_claim_work_is_repeated(storm):
    it = storm(count=100, without="claim")
    it.wait_until_all_work()
    it.wait_for_calm()
    assert it.outcome()[1] > 0
