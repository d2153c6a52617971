from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from .models import Status, TaskRun
from .periodic import periodic

KEEP_FINISHED = timedelta(days=14)


@periodic(every=timedelta(hours=6))
@task
def forget_finished() -> int:
    """Delete rows that ended well long ago. What is dead stays until a person has looked at it."""
    old = TaskRun.objects.filter(finished_at__lt=timezone.now() - KEEP_FINISHED)
    return old.filter(status__in=(Status.DONE, Status.CANCELLED)).delete()[0]
