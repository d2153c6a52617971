"""Background work of the settlements app."""

from datetime import date, timedelta

from django.utils import timezone
from django_tasks import task

from mallops.lib.dates import today
from mallops.lib.tasks.periodic import periodic
from merchants.models import Mall, User

from . import maturity, months, rebates


@periodic(every=timedelta(minutes=15))
@task(atomic=False)
def accrue_rebates() -> int:
    """Reckon what providers earned, then let become due what waited long enough."""
    now = timezone.now()
    return sum(reckon_rebates(mall, now) for mall in Mall.objects.order_by("pk"))


def reckon_rebates(mall: Mall, now) -> int:
    return rebates.accrue(mall, now) + maturity.mature(mall, today(mall.time_zone, now), now=now)


@task(atomic=False, queue_name="long")
def finish_month(mall_id: int, month: str, by_id: int) -> None:
    """Sum a frozen month and make its statements; a lost attempt is begun anew."""
    mall, by = Mall.objects.get(pk=mall_id), User.objects.get(pk=by_id)
    months.finish(mall=mall, month=date.fromisoformat(month), by=by, now=timezone.now())
