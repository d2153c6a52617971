"""Studies made in the background: asked for once at a time."""

from typing import Any

from django.db import transaction
from django_tasks.base import Task

from mallops.lib.tasks.models import TaskRun


@transaction.atomic
def ask(task: Task, *args: Any) -> bool:
    """Enqueue a study unless the same one waits or runs already; whether it was."""
    if is_asked(task, *args):
        return False
    task.enqueue(*args)
    return True


def is_asked(task: Task, *args: Any) -> bool:
    """Whether a study with these arguments waits or runs."""
    return TaskRun.objects.open().filter(path=task.module_path, args=list(args)).exists()
