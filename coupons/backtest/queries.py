"""What the pages show of backtests."""

from dataclasses import dataclass

from django.db.models import QuerySet

from coupons.models import Backtest, Rule
from coupons.models.work import OPEN
from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, User


@dataclass(frozen=True, slots=True)
class Progress:
    """Days of payments read, of all to be read (0: not known yet)."""

    done: int
    total: int


def backtests_of(mall: Mall, user: User, rule: Rule | None = None) -> QuerySet[Backtest]:
    """The newest first."""
    found = Backtest.objects.visible_to(user).filter(mall=mall).select_related("mall", "rule", "asked_by")
    return found.filter(rule=rule) if rule else found


def finished(mall: Mall, user: User) -> QuerySet[Backtest]:
    """Those with a result."""
    return backtests_of(mall, user).filter(result__isnull=False)


def progress(backtest: Backtest) -> Progress | None:
    """How far a backtest is that has not ended."""
    if backtest.state not in OPEN:
        return None
    task = TaskRun.objects.filter(pk=backtest.task_id or None).first()
    return Progress(task.progress_done, task.progress_total or 0) if task else Progress(0, 0)
