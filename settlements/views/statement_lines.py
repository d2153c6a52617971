"""A line of a statement as the mall answers for it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchants.choices import Action
from settlements.forms.statements import MessageForm, SettleForm
from settlements.models import StatementLine
from settlements.services import statements as services

from .seats import Seat, mall_seat
from .statement_parts import attempt, is_disputed, is_open, show_line


@login_required
@require_GET
def statement_line(request: HttpRequest, mall: str, pk: int, line: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.VIEW)
    return show_mall_line(request, seat, seat.line(pk, line))


def show_mall_line(request: HttpRequest, seat: Seat, line: StatementLine, **forms) -> HttpResponse:
    answers = seat.may_answer and is_open(line)
    offered = {
        "settle_url": seat.url("statement_settle", line.statement.pk, line.position),
        "settle": SettleForm(prefix="settle") if answers and is_disputed(line) else None,
        "write": MessageForm(prefix="write") if answers and line.disputed_at else None,
    }
    return show_line(request, seat, line, **offered | forms)


@login_required
@require_POST
def line_write(request: HttpRequest, mall: str, pk: int, line: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.SETTLE)
    found, form = seat.line(pk, line), MessageForm(request.POST, prefix="write")
    if not form.is_valid():
        return show_mall_line(request, seat, found, write=form)
    values = {"line": found, "text": form.cleaned_data["text"], "of_mall": True, "now": timezone.now()}
    return attempt(request, services.write, _("Sent."), seat.url("statement_line", pk, line), **values)


@login_required
@require_POST
def line_settle(request: HttpRequest, mall: str, pk: int, line: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.SETTLE)
    found, form = seat.line(pk, line), SettleForm(request.POST, prefix="settle")
    if not form.is_valid():
        return show_mall_line(request, seat, found, settle=form)
    values = {"text": form.cleaned_data["text"], "adjustment_fen": form.cleaned_data["adjustment"] or 0}
    then = seat.url("statement_line", pk, line)
    return attempt(request, services.settle, _("Settled."), then, line=found, now=timezone.now(), **values)
