"""A mail report as a mail: key figures, movements, what needs a look, links, files. In the active language."""

from datetime import date
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from analytics import saved
from analytics.boards import Board
from analytics.files import answers
from analytics.models import MailReport
from mallops.lib.dates import Period
from mallops.lib.files.answers import TYPES
from mallops.lib.files.inks import COLOURS

from . import links, news
from .opened import open_board
from .spans import query_for


def letter(report: MailReport, period: Period, *, trial: bool = False) -> EmailMultiAlternatives | None:
    """The mail for a period; None without news, unless it is wanted all the same. Raises NotOpened."""
    view, query = report.view, query_for(report.view.query, period)
    board = open_board(page=view.page, arguments=view.arguments, query=query, user=report.to)
    if not (trial or report.even_if_empty or news.has_news(board)):
        return None
    context = _context(report, board, f"{reverse(view.page, kwargs=view.arguments)}?{query}")
    subject = " ".join(render_to_string("emails/report_subject.txt", context).split())
    text = render_to_string("emails/report.txt", context)
    mail = EmailMultiAlternatives(subject, text, None, [report.to.email], headers=_headers(report, period, trial))
    mail.attach_alternative(render_to_string("emails/report.html", context), "text/html")
    for kind in [kind for kind, wanted in (("pdf", report.with_pdf), ("xlsx", report.with_xlsx)) if wanted]:
        mail.attach(answers.file_name(board, "report", kind), answers.content_of(board, kind), TYPES[kind])
    return mail


def _context(report: MailReport, board: Board, path: str) -> dict:
    body = report.view.body
    return {
        "report": report, "board": board, "body": body, "colours": COLOURS,
        "empty": board.content.get("empty"), "movements": news.movements(board),
        "todos": [(todo.text, links.absolute(todo.url)) for todo in news.waits(body, report.to, board.made_at)],
        "url": links.absolute(path), "change_url": links.absolute(saved.list_address(body, "mail_reports")),
        "end_url": links.absolute(links.end_path(report)),
    }  # fmt: skip


def _headers(report: MailReport, period: Period, trial: bool) -> dict[str, str]:
    """One id for each period, so that a mail sent twice by a lost worker shows once; one click ends the report
    (RFC 8058)."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    found = {
        "List-Unsubscribe": f"<{links.absolute(links.end_path(report))}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return found if trial else found | {"Message-ID": _message_id(report.pk, period.last, host)}


def _message_id(pk: int, last: date, host: str) -> str:
    return f"<report-{pk}-{last.isoformat()}@{host}>"
