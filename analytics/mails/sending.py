"""Sending mail reports: each period is claimed once, by one conditional UPDATE, together with the task that sends it.

The task is repeated until the mail server takes the mail; a receiver without the right gets nothing from then on.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from analytics.models import MailReport, SavedView
from mallops.lib.dates import Period

from . import spans
from .letters import letter
from .opened import NotOpened

logger = logging.getLogger("mallops.reports")
ATTEMPTS = 30  # with the waits in between about six hours


def ask_due(*, now: datetime) -> int:
    """Ask for the mails that are due; returns how many."""
    reports = MailReport.objects.filter(paused=False).select_related("view__mall").order_by("pk")
    found = [(report, spans.due(report, now)) for report in reports]
    return sum(claim(report, period) for report, period in found if period)


def claim(report: MailReport, period: Period) -> bool:
    """Take a period of a report, and with it ask for its mail; False if somebody did before."""
    from analytics import tasks

    unsent = Q(sent_for=None) | Q(sent_for__lt=period.last)
    with transaction.atomic():
        if not MailReport.objects.filter(unsent, pk=report.pk, paused=False).update(sent_for=period.last):
            return False
        tasks.send_mail_report.enqueue(report.pk, period.start.isoformat(), period.end.isoformat())
        return True


def send(report_id: int, period: Period, *, trial: bool = False) -> bool:
    """Send the mail of a period; False if there is none to send. What goes wrong is noted and raised."""
    found = MailReport.objects.filter(pk=report_id).select_related(
        "view__mall", "view__merchant__mall", "view__provider__mall", "to"
    )
    report = found.first()
    if report is None or (report.paused and not trial):
        return False
    with translation.override(report.to.language or settings.LANGUAGE_CODE):
        try:
            return _send(report, period, trial)
        except NotOpened as reason:
            end(report, str(reason))
            return False
        except Exception as error:
            _note(report, problem=(str(error) or type(error).__name__))
            raise


def _send(report: MailReport, period: Period, trial: bool) -> bool:
    check_receiver(report)
    mail = letter(report, period, trial=trial)
    if mail is None:
        return False
    mail.send()
    _note(report, problem="", **({} if trial else {"sent_at": timezone.now()}))
    return True


def check_receiver(report: MailReport) -> None:
    """Raises NotOpened if the receiver is gone, or the view is not theirs to see any more."""
    if not report.to.is_active or not report.to.email:
        raise NotOpened(_("The account has no mail address, or is switched off."))
    if not SavedView.objects.visible_to(report.to).filter(pk=report.view_id).exists():
        raise NotOpened(_("The saved view is not shared with you any more."))


def end(report: MailReport, reason: str) -> None:
    """Pause a report, and say why."""
    logger.info("Mail report %s is paused: %s", report.pk, reason)
    _note(report, paused=True, problem=reason)


def _note(report: MailReport, *, problem: str, **changes) -> None:
    text = problem.replace("\x00", "")[: MailReport._meta.get_field("problem").max_length]
    MailReport.objects.filter(pk=report.pk).update(problem=text, **changes)
