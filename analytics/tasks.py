"""Background work of the analytics app."""

from datetime import date, timedelta

from django.utils import timezone
from django_tasks import task

from mallops.lib.dates import Period
from mallops.lib.tasks.periodic import periodic
from merchants.models import Mall

from . import flow_reports, shopper_reports
from .mails import sending


@task(takes_context=True, atomic=False, max_attempts=flow_reports.ATTEMPTS)
def count_flow(context, report_id: int) -> None:
    """Count moves between stores. Anew at each attempt; a result is kept once."""
    flow_reports.run(report_id, context)


@periodic(every=timedelta(days=1))
@task(atomic=False)
def count_usual_flows() -> int:
    now = timezone.now()
    flow_reports.purge(now=now)
    return flow_reports.ask_usual(now=now)


@task(atomic=False, max_attempts=shopper_reports.ATTEMPTS)
def study_shoppers(mall_id: int) -> None:
    shopper_reports.make(Mall.objects.get(pk=mall_id), now=timezone.now())


@periodic(every=timedelta(days=1))
@task()
def study_all_shoppers() -> int:
    return sum(shopper_reports.ask(mall) for mall in Mall.objects.order_by("pk"))


@periodic(every=timedelta(minutes=5))
@task()
def ask_mail_reports() -> int:
    return sending.ask_due(now=timezone.now())


@task(atomic=False, queue_name="outside", max_attempts=sending.ATTEMPTS)
def send_mail_report(report_id: int, start: str, end: str) -> bool:
    """Send the mail of one period of a report. Repeated after a failure of the mail server."""
    return sending.send(report_id, Period(date.fromisoformat(start), date.fromisoformat(end)))


@task(atomic=False, queue_name="outside", max_attempts=2)
def try_mail_report(report_id: int, start: str, end: str) -> bool:
    """Send a mail because its reader wants to see one now."""
    return sending.send(report_id, Period(date.fromisoformat(start), date.fromisoformat(end)), trial=True)
