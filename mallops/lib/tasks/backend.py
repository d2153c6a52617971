"""The Django Tasks interface in front of `TaskRun` rows."""

import json
from dataclasses import dataclass

from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResult, TaskResultStatus
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json

from mallops.lib.sql import Writes

from .models import MAX_ATTEMPTS, Status, TaskRun

RESULT_STATUS = {
    Status.READY: TaskResultStatus.READY,
    Status.RUNNING: TaskResultStatus.RUNNING,
    Status.DONE: TaskResultStatus.SUCCESSFUL,
    Status.CANCELLED: TaskResultStatus.FAILED,
    Status.DEAD: TaskResultStatus.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTask(Task):
    """`@task(atomic=..., max_attempts=...)` beside the options every Django task has."""

    atomic: bool = True
    """Run inside one transaction with the row's "done". Off for long work and for calls to the outside."""

    max_attempts: int = MAX_ATTEMPTS
    """After so many failures the row is dead and waits for a person."""


class RowBackend(BaseTaskBackend):
    """Enqueues by one INSERT in the caller's transaction; `worker.Worker` does the rest."""

    task_class = RowTask
    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def __init__(self, alias: str, params: dict):
        # Work of minutes (`@task(queue_name="long")`) and calls to the outside (`"outside"`), which may be kept
        # waiting, have a queue, and so a thread, of their own.
        super().__init__(alias, {"QUEUES": ["default", "long", "outside"], **params})

    def enqueue(self, task, args, kwargs) -> TaskResult:
        now = timezone.now()
        run = TaskRun(
            path=task.module_path,
            args=normalize_json(args),
            kwargs=normalize_json(kwargs),
            queue=task.queue_name,
            priority=task.priority,
            run_after=task.run_after or now,
            enqueued_at=now,
        )
        run.save(force_insert=True)
        return self.result_of(run, task)

    def get_result(self, result_id: str) -> TaskResult:
        run = TaskRun.objects.filter(pk=result_id).first() if str(result_id).isdigit() else None
        if run is None:
            raise TaskResultDoesNotExist(result_id)
        return self.result_of(run, import_string(run.path))

    def result_of(self, run: TaskRun, task: Task) -> TaskResult:
        # Only the text of the last error is kept, not its class.
        errors = [TaskError(exception_class_path="builtins.Exception", traceback=run.error)] if run.error else []
        result = TaskResult(
            task=task,
            id=str(run.pk),
            status=RESULT_STATUS[run.status],
            enqueued_at=run.enqueued_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            last_attempted_at=run.started_at,
            args=run.args,
            kwargs=run.kwargs,
            backend=self.alias,
            errors=errors,
            worker_ids=[run.worker] * run.attempt,
        )
        object.__setattr__(result, "_return_value", run.result)
        return result


ENQUEUE_COLUMNS = (
    "path", "args", "kwargs", "queue", "priority", "status", "run_after", "attempt", "forgiven", "worker",
    "progress_done", "progress_note", "cancel_requested", "error", "enqueued_at",
)  # fmt: skip


def enqueue_with(writes: Writes, task: Task, *args) -> None:
    """Enqueue a call along with other writes of a transaction, without a round trip of its own."""
    now = timezone.now()
    row = (
        task.module_path, json.dumps(normalize_json(args)), "{}", task.queue_name, task.priority, Status.READY.value,
        now, 0, 0, "", 0, "", False, "", now,
    )  # fmt: skip
    writes.insert(TaskRun, ENQUEUE_COLUMNS, [row])
