"""Counts of moves between stores, made in the background and kept: asked for, carried out, made anew, purged."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics import periods
from analytics.flow import WITHIN_HOURS
from analytics.models import FlowReport
from analytics.periods import Compare, Preset
from analytics.queries.flow import flows_of
from coupons.models.work import OPEN, WorkState
from mallops.lib.dates import Period, day_end, today
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.progress import Interrupted, LeaseLost, RunContext
from merchants.models import Mall

ATTEMPTS = 3
FRESH_FOR = timedelta(hours=1)  # while the span is not over
GOOD_FOR = timedelta(days=1)  # afterwards: payments are brought in late, refunds go on
KEPT_FOR = timedelta(days=30)
USUAL = (Preset.MONTH, Preset.QUARTER)  # made each night, before anybody asks


def report_of(mall: Mall, period: Period, within_hours: int, *, now: datetime, again: bool = True) -> FlowReport:
    """The report of some local days. One that was never made, or too long ago, is being made when this returns, and
    keeps its old result meanwhile; one that failed is tried once more if `again`."""
    report, _new = FlowReport.objects.get_or_create(
        mall=mall, first_day=period.start, last_day=period.last, within_hours=within_hours
    )
    if is_due(report, mall, now) and (again or report.state != WorkState.FAILED):
        ask(report)
    return report


def is_due(report: FlowReport, mall: Mall, now: datetime) -> bool:
    """Whether the report has to be made, and nobody is at it."""
    if is_pending(report):
        return False
    if report.made_at is None or report.state == WorkState.FAILED:
        return True
    over = day_end(report.last_day, mall.time_zone)
    return now - report.made_at > (FRESH_FOR if report.made_at < over else GOOD_FOR)


def is_pending(report: FlowReport) -> bool:
    """Whether a worker has it or will. A task may die without a word, so the state alone does not tell."""
    return report.state in OPEN and TaskRun.objects.open().filter(pk=report.task_id or None).exists()


@transaction.atomic
def ask(report: FlowReport) -> bool:
    """Have the report made in the background; False if another request has seen to it at the same moment."""
    from analytics.tasks import count_flow

    as_seen = FlowReport.objects.filter(pk=report.pk, state=report.state, task_id=report.task_id)
    if not as_seen.select_for_update().exists():
        return False
    report.state, report.task_id = WorkState.QUEUED, count_flow.enqueue(report.pk).id
    report.save(update_fields=["state", "task_id"])
    return True


def make_now(report: FlowReport, *, now: datetime) -> None:
    """Count at once, for a reader who does not wait at a page."""
    report.state, report.result, report.made_at = WorkState.DONE, _count(report), now
    report.save(update_fields=["state", "result", "made_at"])


def _count(report: FlowReport) -> dict[str, Any]:
    period = periods.from_to(report.first_day, report.last_day)
    return flows_of(report.mall, period, report.within_hours)


def ask_usual(*, now: datetime) -> int:
    """Ask for the reports that are likely to be looked at next; returns how many."""
    malls = Mall.objects.order_by("pk")
    wanted = [(mall, preset, hours) for mall in malls for preset in USUAL for hours in WITHIN_HOURS]
    for mall, preset, hours in wanted:
        period = periods.chosen(preset, today(mall.time_zone, now))
        for each in (period, periods.compared(period, Compare.PREVIOUS, preset)):
            report_of(mall, each, hours, now=now)
    return 2 * len(wanted)


def purge(*, now: datetime) -> int:
    """Forget reports made, or asked for and never made, too long ago; returns how many."""
    old = FlowReport.objects.filter(made_at__lt=now - KEPT_FOR)
    unmade = FlowReport.objects.filter(made_at=None, last_day__lt=(now - KEPT_FOR).date())
    return old.delete()[0] + unmade.delete()[0]


def run(report_id: int, context: RunContext) -> None:
    """Count and keep the result, as of when the count began. A report purged meanwhile is none.

    Raises what the context raises to stop the work, and what went wrong; at the last attempt the report has failed.
    """
    report = FlowReport.objects.select_related("mall").filter(pk=report_id).first()
    if report is None:
        return
    now = timezone.now()
    FlowReport.objects.filter(pk=report_id).update(state=WorkState.RUNNING)
    try:
        found = _count(report)
        with context.fenced():
            FlowReport.objects.filter(pk=report_id).update(state=WorkState.DONE, result=found, made_at=now)
    except (Interrupted, LeaseLost):
        raise  # goes on elsewhere, from the start
    except Exception:
        if context.attempt - context.run.forgiven >= ATTEMPTS:
            FlowReport.objects.filter(pk=report_id).update(state=WorkState.FAILED)
        raise
