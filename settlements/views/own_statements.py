"""Statements as the merchant or the provider reads and answers them. `side` is the one of the address."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.dates import first_of_month, month_before
from mallops.lib.format import month_label
from merchants.models import Mall
from settlements import months, sentences
from settlements.forms.statements import DisputeForm, MessageForm, OpenMonthFilter
from settlements.models import Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.queries import statements as queries
from settlements.queries.sofar import so_far as lines_so_far
from settlements.services import statements as services
from settlements.tables.statements import statement_table

from .seats import Seat, party_seat
from .statement_parts import attempt, file_answer, groups, is_disputed, is_open, show_line, show_statement


@login_required
@require_GET
def statement_list(request: HttpRequest, pk: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk)
    table = statement_table(seat.mall, queries.own_statements(seat.body), request.GET, seat.statement_url)
    context = {"title": _("Statements"), "seat": seat, "table": table, "so_far_url": seat.url("statement_so_far")}
    return render(request, "settlements/statement_own_list.html", context)


@login_required
@require_GET
def so_far(request: HttpRequest, pk: int, side: str) -> HttpResponse:
    """What a month that is not closed comes to, as its statement would say it."""
    seat = party_seat(request, side, pk)
    offered = open_months(seat.mall)
    form = OpenMonthFilter(request.GET, months=offered[1:])
    month = form.values().get("month", offered[0])
    lines = lines_so_far(seat.body, month)
    total = sum(line.amount_fen for line in lines)
    context = {
        "title": _("%(month)s so far") % {"month": month_label(month)},
        "seat": seat,
        "mall": seat.mall,
        "form": form if offered[1:] else None,
        "total": total,
        "owed": sentences.owed(seat.mall, seat.body.name, total),
        "groups": groups(request, seat, lines, None),
        "back": seat.url("statements"),
    }
    return render(request, "settlements/statement_so_far.html", context)


def open_months(mall: Mall) -> list[date]:
    """The months that something can still be booked in, the present one first."""
    month = first_of_month(mall.today())
    first = months.to_close(mall) or month
    found = [max(month, first)]
    while found[-1] > first:
        found.append(month_before(found[-1]))
    return found


@login_required
@require_GET
def statement_detail(request: HttpRequest, pk: int, statement: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk)
    return show(request, seat, seat.statement(statement))


def show(request: HttpRequest, seat: Seat, statement: Statement) -> HttpResponse:
    may_agree = seat.may_answer and statement.state == StatementState.ISSUED
    return show_statement(request, seat, statement, may_agree=may_agree)


@login_required
@require_POST
def statement_agree(request: HttpRequest, pk: int, statement: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk, answers=True)
    found = seat.statement(statement)
    values = {"statement": found, "now": timezone.now()}
    said = _("Agreed. What is found later is booked in a later month.")
    return attempt(request, services.agree, said, seat.statement_url(found), **values)


@login_required
@require_GET
def statement_file(request: HttpRequest, pk: int, statement: int, kind: str, side: str) -> HttpResponseBase:
    return file_answer(party_seat(request, side, pk).statement(statement), kind)


@login_required
@require_GET
def statement_line(request: HttpRequest, pk: int, statement: int, line: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk)
    return show_own_line(request, seat, seat.line(statement, line))


def show_own_line(request: HttpRequest, seat: Seat, line: StatementLine, **forms) -> HttpResponse:
    answers = seat.may_answer and is_open(line)
    offered = {
        "dispute_url": seat.url("statement_dispute", line.statement.pk, line.position),
        "dispute": DisputeForm(prefix="dispute") if answers and not is_disputed(line) else None,
        "write": MessageForm(prefix="write") if answers and is_disputed(line) else None,
    }
    return show_line(request, seat, line, **offered | forms)


@login_required
@require_POST
def line_dispute(request: HttpRequest, pk: int, statement: int, line: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk, answers=True)
    found, form = seat.line(statement, line), DisputeForm(request.POST, prefix="dispute")
    if not form.is_valid():
        return show_own_line(request, seat, found, dispute=form)
    values = {"line": found, "text": form.cleaned_data["text"], "now": timezone.now()}
    said = _("Disputed. The mall has been told.")
    return attempt(request, services.dispute, said, seat.url("statement_line", statement, line), **values)


@login_required
@require_POST
def line_write(request: HttpRequest, pk: int, statement: int, line: int, side: str) -> HttpResponse:
    seat = party_seat(request, side, pk, answers=True)
    found, form = seat.line(statement, line), MessageForm(request.POST, prefix="write")
    if not form.is_valid():
        return show_own_line(request, seat, found, write=form)
    values = {"line": found, "text": form.cleaned_data["text"], "of_mall": False, "now": timezone.now()}
    return attempt(request, services.write, _("Sent."), seat.url("statement_line", statement, line), **values)
