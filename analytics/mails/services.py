"""A reader's mail reports: made, changed, paused, deleted. Each belongs to the one who gets it."""

from datetime import datetime
from itertools import chain, count

from django.db.models import QuerySet

from analytics import saved
from analytics.boards import Board
from analytics.models import MailReport, SavedView
from analytics.saved import Body
from mallops.lib.dates import Period, today
from merchants.models import User

from . import spans
from .opened import open_board


def view_of(address: str, *, owner: User, body: Body) -> SavedView:
    """The reader's saved view of an address, made if there is none yet. Raises BadAddress and NotOpened."""
    page, arguments, query = saved.parsed(address, body)
    board = open_board(page=page, arguments=arguments, query=query, user=owner)
    mine = SavedView.objects.filter(owner=owner, **saved.columns(body))
    same = mine.filter(page=page, arguments=arguments, query=query).first()
    return same or saved.save(owner=owner, body=body, name=_new_name(board, mine), address=address)


def _new_name(board: Board, mine: QuerySet[SavedView]) -> str:
    """What the board shows, unlike the names there are."""
    plain = " · ".join([board.title, *board.filters])[:74]
    taken = set(mine.values_list("name", flat=True))
    return next(name for name in chain([plain], (f"{plain} ({n})" for n in count(2))) if name not in taken)


def begin(*, report: MailReport, now: datetime) -> MailReport:
    """Save a new report; the first mail is of the period that ends next."""
    report.sent_for = spans.up_to_now(report, now)
    report.save()
    return report


def change(*, report: MailReport, now: datetime) -> MailReport:
    """Save other choices; periods that are over by now are not sent for another rhythm."""
    report.sent_for = spans.up_to_now(report, now)
    report.save()
    return report


def pause(*, report: MailReport) -> None:
    MailReport.objects.filter(pk=report.pk).update(paused=True)


def resume(*, report: MailReport, now: datetime) -> None:
    """Go on with the period that ends next."""
    sent_for = spans.up_to_now(report, now)
    MailReport.objects.filter(pk=report.pk).update(paused=False, problem="", sent_for=sent_for)


def ask_trial(*, report: MailReport, now: datetime) -> Period:
    """Ask for a mail of the last period that is over, whatever was sent; returns the period."""
    from analytics import tasks

    period = spans.last_over(report.every, today(report.view.mall.time_zone, now))
    tasks.try_mail_report.enqueue(report.pk, period.start.isoformat(), period.end.isoformat())
    return period
