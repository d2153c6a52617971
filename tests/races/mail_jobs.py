"""What the processes of the race about mail reports do."""

from datetime import datetime

from analytics.mails import sending
from analytics.models import MailReport
from mallops.lib.tasks.models import TaskRun
from merchants.choices import Role
from merchants.models import Mall
from tests import factories

from .jobs import World


def write(world: World, count: int) -> None:
    """So many daily reports that were never sent."""
    mall = Mall.objects.get(pk=world.mall_id)
    manager = factories.make_member(Role.MALL_MANAGER, mall=mall)
    for _ in range(count):
        factories.make_mail_report(to=manager, mall=mall)


def ask(now: datetime) -> int:
    return sending.ask_due(now=now)


def asked() -> list[int]:
    """The reports whose mail was asked for, as often as it was."""
    runs = TaskRun.objects.filter(path="analytics.tasks.send_mail_report").values_list("args", flat=True)
    return sorted(args[0] for args in runs)


def reports() -> list[int]:
    return sorted(MailReport.objects.values_list("pk", flat=True))
