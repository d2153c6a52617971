"""Claims tasks and runs them. Any number of workers, on any number of machines, may do so at once."""

import itertools
import logging
import os
import random
import secrets
import socket
import threading
import time
import traceback
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import F, Subquery
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules, import_string
from django_tasks import default_task_backend
from django_tasks.utils import normalize_json

from . import models, periodic
from .models import Status, TaskRun
from .progress import Cancelled, GiveUp, Interrupted, LeaseLost, RunContext

logger = logging.getLogger(__name__)

POLL_EVERY = 0.5  # seconds between two looks at an empty queue
CLOCK_EVERY = 1.0  # seconds between two looks at what repeats
BEAT_EVERY = 2.0  # seconds between two signs of life of a running task
LONGEST_WAIT = 900  # seconds between two attempts, at most


def back_off(failures: int) -> timedelta:
    """2, 4, 8 ... seconds, up to a quarter of an hour, spread so that a crowd does not return as one."""
    return timedelta(seconds=min(2**failures, LONGEST_WAIT) * random.uniform(0.9, 1.1))


class Worker:
    """One thread of work. `stop()` may be called from any thread or signal handler."""

    def __init__(self, queues: list[str] | None = None):
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.queues = queues
        self.stopping = False  # a plain flag, because a signal handler must not wait for an Event's lock
        self._claims = itertools.count(1)
        autodiscover_modules("tasks")

    def stop(self) -> None:
        self.stopping = True

    def run_forever(self) -> None:
        logger.info("Worker %s started", self.name)
        looked_at_clock = 0.0
        while not self.stopping:
            try:
                close_old_connections()
                if time.monotonic() - looked_at_clock >= CLOCK_EVERY:
                    looked_at_clock = time.monotonic()
                    periodic.enqueue_due(timezone.now())
                worked = self.step()
            except (DatabaseError, InterfaceError):
                # The server went away or is busy. What was running is taken up again when its lease ends.
                logger.exception("Worker %s cannot reach the database", self.name)
                connection.close()
                worked = False
            if not worked:
                time.sleep(POLL_EVERY)
        connection.close()
        logger.info("Worker %s stopped", self.name)

    def drain(self) -> int:
        """Run all that is due now; return how many runs that were. For tests and `run_worker --once`."""
        return sum(1 for _ in iter(self.step, False))

    def step(self) -> bool:
        """Run one task; False when none is due."""
        run = self.claim()
        if run:
            self.execute(run)
        return run is not None

    def claim(self) -> TaskRun | None:
        """Take the first due row by one conditional UPDATE; no two workers can take the same one."""
        now = timezone.now()
        due = TaskRun.objects.due(now)
        if self.queues:
            due = due.filter(queue__in=self.queues)
        if not due.exists():  # a plain read, so that an idle worker takes no write lock
            return None
        mark = f"{self.name}#{next(self._claims)}"
        with transaction.atomic():
            # SKIP LOCKED on PostgreSQL; on SQLite the transaction is the only writer.
            first = due.select_for_update(skip_locked=True).values("pk")[:1]
            taken = TaskRun.objects.filter(pk=Subquery(first)).update(
                status=Status.RUNNING,
                attempt=F("attempt") + 1,
                run_after=now + models.LEASE,
                worker=mark,
                started_at=now,
            )
            return TaskRun.objects.get(status=Status.RUNNING, worker=mark) if taken else None

    def execute(self, run: TaskRun) -> None:
        """Run one claimed task to its end, whichever that is."""
        try:
            self._attempt(run, RunContext(run, lambda: self.stopping))
        except LeaseLost as lost:
            logger.warning("%s; attempt %s is dropped", lost, run.attempt)

    def _attempt(self, run: TaskRun, context: RunContext) -> None:
        failures = run.attempt - run.forgiven
        limit = models.MAX_ATTEMPTS
        try:
            task = import_string(run.path)
            limit = task.max_attempts
            if run.cancel_requested:
                raise Cancelled
            if failures > limit:
                raise GiveUp("The worker was lost during each of the last attempts")
            self._call(task, run, context)
        except LeaseLost:
            raise
        except Cancelled:
            context.close(Status.CANCELLED)
        except Interrupted:
            context.close(Status.READY, run_after=timezone.now(), forgiven=F("forgiven") + 1)
        except Exception as error:
            dead = isinstance(error, GiveUp) or failures >= limit
            logger.exception("%s failed at attempt %s%s", run, run.attempt, " for good" if dead else "")
            text = traceback.format_exc()[-8000:].replace("\x00", "")
            if dead:
                context.close(Status.DEAD, error=text)
            else:
                context.close(Status.READY, error=text, run_after=timezone.now() + back_off(failures))

    def _call(self, task, run: TaskRun, context: RunContext) -> None:
        args = [context, *run.args] if task.takes_context else run.args
        with _heartbeat(context):
            if task.atomic:
                with transaction.atomic():  # the work and its "done" are committed together, or neither is
                    result = task.call(*args, **run.kwargs)
                    context.close(Status.DONE, result=normalize_json(result), error="")
            else:
                result = task.call(*args, **run.kwargs)
                context.close(Status.DONE, result=normalize_json(result), error="")


@contextmanager
def _heartbeat(context: RunContext):
    """A thread that renews the lease while the body runs. Short tasks end before its first beat."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_EVERY):
            try:
                context.beat()
            except (DatabaseError, InterfaceError):
                logger.warning("The heartbeat of %s missed a beat", context.run, exc_info=True)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{context.key}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Crew:
    """One worker thread for each queue, so that short work never waits behind long work."""

    def __init__(self, queues: list[str] | None = None):
        self.workers = [Worker([queue]) for queue in queues or sorted(default_task_backend.queues)]
        self.threads = [
            threading.Thread(target=worker.run_forever, name=f"tasks-{worker.queues[0]}", daemon=True)
            for worker in self.workers
        ]

    def start(self) -> "Crew":
        for thread in self.threads:
            thread.start()
        return self

    def stop(self, *_signal) -> None:
        """Ask all to stop; running tasks are interrupted at their next word of progress."""
        for worker in self.workers:
            worker.stop()

    def join(self, patience: float | None = None) -> None:
        end = None if patience is None else time.monotonic() + patience
        for thread in self.threads:
            thread.join(end and max(0.0, end - time.monotonic()))
