"""Periodic work that needs every app: keep the roll-ups folded and end coupons whose time is over."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from analytics import rollups
from analytics.models import RollupDelta
from mallops.lib.tasks.periodic import periodic
from merchants.models import Mall

from . import pipeline


@periodic(every=timedelta(seconds=5))
@task()
def fold_rollups() -> int:
    """Keep the delta table short; figures are exact with or without it."""
    total = 0
    for mall_id in RollupDelta.objects.order_by().values_list("mall", flat=True).distinct():
        while folded := rollups.fold(mall_id):
            total += folded
    return total


@periodic(every=timedelta(minutes=1))
@task()
def expire_coupons() -> int:
    now = timezone.now()
    return sum(pipeline.expire(mall_id=mall_id, now=now) for mall_id in Mall.objects.values_list("pk", flat=True))
