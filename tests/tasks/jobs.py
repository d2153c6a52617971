"""Jobs whose effect can be counted: each leaves marks, rows with a name of their own."""

import random
import time
import uuid

from django_tasks import task

from mallops.lib.tasks.models import PeriodicRun
from mallops.lib.tasks.progress import GiveUp

PARTS = 3


def leave_mark(job: int, part: int = 0) -> None:
    PeriodicRun.objects.create(name=f"mark {job}.{part} {uuid.uuid4().hex}")


def marks() -> list[str]:
    return sorted(PeriodicRun.objects.filter(name__startswith="mark ").values_list("name", flat=True))


@task
def in_one_step(job: int) -> str:
    leave_mark(job)
    return f"did {job}"


@task(takes_context=True, atomic=False, max_attempts=1000)
def in_parts(context, job: int, seconds: float = 0.0) -> None:
    """Slow outside of transactions, and with a checkpoint after each part."""
    for part in range(context.checkpoint or 0, PARTS):
        time.sleep(random.uniform(0, seconds))
        with context.fenced(checkpoint=part + 1):
            leave_mark(job, part)


@task(max_attempts=1000)
def patient(job: int, seconds: float) -> None:
    time.sleep(random.uniform(0, seconds))
    leave_mark(job)


@task(max_attempts=3)
def fails_after_writing(job: int) -> None:
    leave_mark(job)
    raise ValueError("out of order")


@task
def knows_better() -> None:
    raise GiveUp("no such address")


@task(takes_context=True)
def counts(context, total: int) -> int:
    for done in range(1, total + 1):
        context.progress(done, total, f"row {done}")
    return context.attempt


@task(takes_context=True, atomic=False)
def endless(context) -> None:
    while True:
        time.sleep(0.1)
        context.progress(0)
