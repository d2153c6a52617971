"""Jobs that repeat: enqueued once per period, however many workers look at the clock."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_tasks.base import Task

from .models import PeriodicRun, TaskRun

REGISTRY: dict[str, tuple[Task, timedelta]] = {}


def periodic(*, every: timedelta):
    """Put above `@task`, in `<app>/tasks.py`: `@periodic(every=timedelta(minutes=5))`."""

    def register(task: Task) -> Task:
        REGISTRY[task.module_path] = (task, every)
        return task

    return register


def enqueue_due(now: datetime) -> int:
    """Enqueue what is due. A job still unfinished from last time is not enqueued again."""
    last = dict(PeriodicRun.objects.values_list("name", "last_run_at"))
    missing = [PeriodicRun(name=name) for name in REGISTRY if name not in last]
    if missing:
        PeriodicRun.objects.bulk_create(missing, ignore_conflicts=True)
    return sum(
        _claim(name, task, now - every, now)
        for name, (task, every) in REGISTRY.items()
        if (seen := last.get(name)) is None or seen <= now - every
    )


def _claim(name: str, task: Task, last_before: datetime, now: datetime) -> bool:
    with transaction.atomic():
        due = PeriodicRun.objects.filter(Q(last_run_at=None) | Q(last_run_at__lte=last_before), name=name)
        if not due.update(last_run_at=now) or TaskRun.objects.open().filter(path=name).exists():
            return False
        task.enqueue()
        return True
