"""Background work of the coupons app."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from mallops.lib.tasks.periodic import periodic
from merchants.models import Mall

from . import retention
from .affinity import services as affinity
from .backtest import running as backtests
from .delivery import outbox, sending
from .guards import running
from .models import Rule
from .uplift import services as uplift


@task(queue_name="outside", atomic=False)
def announce(mall_id: int, payment_ids: list[int], claim_ids: list[int]) -> int:
    """Tell of the coupons of payments and claims; what does not get out is taken up again by `send_notices`."""
    outbox.write_receipts(mall_id, payment_ids, claim_ids, now=timezone.now())
    return sending.send_due()


@periodic(every=timedelta(minutes=1))
@task()
def write_reminders() -> int:
    now = timezone.now()
    return sum(outbox.write_reminders(mall_id, now=now) for mall_id in Mall.objects.values_list("pk", flat=True))


@periodic(every=timedelta(seconds=5))
@task(queue_name="outside", atomic=False)
def send_notices() -> int:
    return sending.send_due()


@periodic(every=timedelta(minutes=5))
@task()
def run_guards() -> int:
    """Look for abuse at every mall; returns how many findings are new."""
    now = timezone.now()
    return sum(len(running.run(mall=mall, now=now)) for mall in Mall.objects.all())


@periodic(every=timedelta(days=1))
@task(atomic=False)
def purge_refusals() -> int:
    """Forget refusals that were kept long enough."""
    before = timezone.now() - timedelta(days=settings.REFUSALS_KEPT_DAYS)
    malls = Mall.objects.order_by("pk").values_list("pk", flat=True)
    return sum(retention.purge_refusals(mall_id=mall_id, before=before) for mall_id in malls)


@task(atomic=False)
def study_uplift(rule_id: int) -> None:
    uplift.make(rule=Rule.objects.select_related("mall").get(pk=rule_id), now=timezone.now())


@task(atomic=False)
def study_uplift_of_mall(mall_id: int) -> None:
    uplift.make_of_mall(mall=Mall.objects.get(pk=mall_id), now=timezone.now())


@periodic(every=timedelta(days=1))
@task()
def study_all_uplift() -> int:
    return uplift.ask_all()


@task(atomic=False)
def study_suggestions(mall_id: int) -> None:
    affinity.make(mall=Mall.objects.get(pk=mall_id), now=timezone.now())


@periodic(every=timedelta(days=7))
@task()
def study_all_suggestions() -> int:
    return sum(affinity.ask(mall=mall) for mall in Mall.objects.order_by("pk"))


@task(takes_context=True, atomic=False, queue_name="long", max_attempts=backtests.ATTEMPTS)
def run_backtest(context, backtest_id: int) -> None:
    """Try a rule on past payments. Anew at each attempt; a result is kept once."""
    backtests.run(backtest_id, context)
