"""What a running job knows of its row: how to tell progress, keep a checkpoint, and hear "stop"."""

import time
from collections.abc import Callable
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone

from . import models
from .models import Status, TaskRun

WRITE_EVERY = 1.0  # seconds between two writes of progress


class Cancelled(Exception):
    """A person asked for the task to stop."""


class Interrupted(Exception):
    """The worker is shutting down; the task will be taken up again."""


class LeaseLost(Exception):
    """Another worker has this task now. Nothing written by this attempt may be committed any more."""


class GiveUp(Exception):
    """Raised by a job that knows that trying again is of no use: the row is dead at once."""


class RunContext:
    """Passed as `context` to jobs declared with `takes_context=True`."""

    def __init__(self, run: TaskRun, stopping: Callable[[], bool] = lambda: False):
        self.run = run
        self.attempt = run.attempt
        self.key = f"task-{run.pk}"  # the same at every attempt: an idempotency key for calls to the outside
        self.checkpoint = run.checkpoint  # what an earlier attempt last kept through `fenced`, or None
        self._stopping = stopping
        self._cancel = self._lost = False
        self._progress: dict = {}
        self._written = time.monotonic()

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Say how far the work is. Cheap to call often. Raises when the work has to stop."""
        self._progress = {"progress_done": done, "progress_total": total, "progress_note": str(note)[:200]}
        # Inside a transaction on PostgreSQL the write would stay unseen and lock the row; the heartbeat
        # writes it from its own connection. SQLite has one writer, so there it must be this connection.
        own_connection = connection.vendor == "sqlite" or not connection.in_atomic_block
        if own_connection and time.monotonic() - self._written >= WRITE_EVERY:
            self.beat()
        self.check()

    @contextmanager
    def fenced(self, checkpoint=None):
        """A transaction that commits only while this attempt holds the lease, together with its checkpoint.

        A long job that does each part inside `fenced(checkpoint=position)` and begins at `context.checkpoint`
        has every part in effect exactly once, whatever is killed when.
        """
        with transaction.atomic():
            self.beat(**({} if checkpoint is None else {"checkpoint": checkpoint}))
            self.check()
            yield

    def beat(self, **changes) -> None:
        """Renew the lease, write the progress, learn whether to stop."""
        mine = TaskRun.objects.held(self.run)
        renewed = mine.update(run_after=timezone.now() + models.LEASE, **self._progress, **changes)
        self._written = time.monotonic()
        self._lost = not renewed
        self._cancel = bool(mine.values_list("cancel_requested", flat=True).first())

    def check(self) -> None:
        """Raise when the work has to stop."""
        if self._lost:
            raise LeaseLost(f"{self.run} was taken over by another worker")
        if self._cancel:
            raise Cancelled
        if self._stopping():
            raise Interrupted

    def close(self, status: Status, **changes) -> None:
        """End this attempt, if it is still entitled to: the one place where a run leaves "running"."""
        if status != Status.READY:
            changes["finished_at"] = timezone.now()
        if not TaskRun.objects.held(self.run).update(status=status, **self._progress, **changes):
            raise LeaseLost(f"{self.run} was taken over by another worker")
