"""Background work that needs every app: folding roll-ups, ending coupons whose time is over, hand-outs."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from analytics import rollups
from analytics.models import RollupDelta
from mallops.lib.tasks.periodic import periodic
from merchants.models import Mall

from . import pipeline
from .claim import running


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


@task(takes_context=True, atomic=False, queue_name="long")
def hand_out_coupons(context, hand_out_id: int) -> None:
    """Run a hand-out. A lost attempt goes on after the last block it committed."""
    running.run(hand_out_id, context)
