"""The two tables of background work."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ATTEMPTS = 10  # unless the task says otherwise; with the waits in between about 17 minutes
LEASE = timedelta(seconds=60)  # a worker silent for this long has lost its task to the others


class Status(models.TextChoices):
    READY = "ready", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    DEAD = "dead", _("Failed for good")


OPEN = (Status.READY, Status.RUNNING)


class TaskRunQuerySet(models.QuerySet):
    def open(self):
        """Neither finished nor given up."""
        return self.filter(status__in=OPEN)

    def due(self, now: datetime):
        """What a worker may take now, first things first: waiting rows and rows whose lease ran out."""
        return self.open().filter(run_after__lte=now).order_by("-priority", "run_after", "pk")

    def held(self, run: "TaskRun"):
        """The row of `run` as long as this attempt is still the one entitled to it: the fence."""
        return self.filter(pk=run.pk, attempt=run.attempt, status=Status.RUNNING)

    def request_cancel(self) -> int:
        """Cancel what waits, and tell what runs: it stops at its next word of progress."""
        waiting = self.filter(status=Status.READY)
        changed = waiting.update(status=Status.CANCELLED, finished_at=timezone.now())
        return changed + self.filter(status=Status.RUNNING).update(cancel_requested=True)

    def stop(self, pk: str) -> bool:
        """Ask one call to stop, if there is one: True if it runs and will stop by itself. After False nothing runs or
        waits any more, and what it was to do is for the caller to end."""
        run = self.filter(pk=pk or None)
        run.request_cancel()
        return run.open().exists()

    def run_again(self) -> int:
        """Wake what was given up. The attempt number goes on rising: it is the fence."""
        return self.filter(status__in=(Status.DEAD, Status.CANCELLED)).update(
            status=Status.READY,
            forgiven=F("attempt"),
            run_after=timezone.now(),
            finished_at=None,
            cancel_requested=False,
        )


class TaskRun(models.Model):
    """One call of a task function, from being asked for to its end."""

    path = models.CharField(_("task"), max_length=200)
    args = models.JSONField(_("arguments"), default=list)
    kwargs = models.JSONField(_("named arguments"), default=dict, blank=True)
    queue = models.CharField(_("queue"), max_length=50, default="default")
    priority = models.SmallIntegerField(_("priority"), default=0)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.READY)
    run_after = models.DateTimeField(
        _("not before"),
        help_text=_("No worker may take the row before this moment. While it runs, this is its lease."),
    )
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    forgiven = models.PositiveIntegerField(
        _("attempts that do not count"),
        default=0,
        help_text=_("Those before “run again”, and those cut short by a shutdown."),
    )
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    checkpoint = models.JSONField(_("checkpoint"), null=True, blank=True)
    progress_done = models.BigIntegerField(_("done so far"), default=0)
    progress_total = models.BigIntegerField(_("of"), null=True, blank=True)
    progress_note = models.CharField(_("note"), max_length=200, blank=True)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    result = models.JSONField(_("result"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)
    enqueued_at = models.DateTimeField(_("enqueued"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = TaskRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["-priority", "run_after", "id"], name="tasks_due", condition=Q(status__in=OPEN)),
            models.Index(fields=["status", "finished_at"], name="tasks_finished"),
        ]

    def __str__(self):
        return f"{self.path} #{self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.status not in OPEN


class PeriodicRun(models.Model):
    """When a repeated task was last enqueued; the row all workers compete for."""

    name = models.CharField(_("task"), max_length=200, primary_key=True)
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True)

    class Meta:
        verbose_name = _("repeated task")
        verbose_name_plural = _("repeated tasks")

    def __str__(self):
        return self.name
