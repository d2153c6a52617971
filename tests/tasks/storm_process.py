"""The processes of `test_storm.py`: one fills the queue, the others work, with a guard taken out if asked.

python -m tests.tasks.storm_process fill COUNT SECONDS  (each takes up to SECONDS, or that for each part)
python -m tests.tasks.storm_process work [--without lease|fence|claim]
"""

import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from mallops.lib.tasks import models, worker  # noqa: E402
from mallops.lib.tasks.models import Status, TaskRun, TaskRunQuerySet  # noqa: E402
from tests.tasks import jobs  # noqa: E402


def fill(count: int, seconds: float) -> None:
    call_command("migrate", "tasks", verbosity=0)
    with transaction.atomic():
        for job in range(count):
            (jobs.in_parts if job % 3 else jobs.patient).enqueue(job, seconds=seconds)


def claim_without_guard(self):
    """Read, then write: what two workers do at once both believe to have."""
    run = TaskRun.objects.due(timezone.now()).first()
    if run:
        run.status, run.attempt, run.worker = Status.RUNNING, run.attempt + 1, self.name
        run.run_after = timezone.now() + models.LEASE
        run.save()
    return run


WITHOUT = {
    "lease": (TaskRunQuerySet, "open", lambda self: self.filter(status=Status.READY)),
    "fence": (type(TaskRun.objects), "held", lambda self, run: self.filter(pk=run.pk)),
    "claim": (worker.Worker, "claim", claim_without_guard),
}


def work(without: str | None) -> None:
    if without:
        setattr(*WITHOUT[without])
    models.LEASE = timedelta(seconds=0.8)
    worker.BEAT_EVERY, worker.POLL_EVERY, worker.CLOCK_EVERY = 0.3, 0.05, 3600
    worker.back_off = lambda failures: timedelta(0)
    worker.autodiscover_modules = lambda *names: None
    worker.periodic.REGISTRY.clear()
    worker.Worker().run_forever()


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), float(sys.argv[3]))
    else:
        work(sys.argv[3] if sys.argv[2:] else None)
