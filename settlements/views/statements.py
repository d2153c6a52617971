"""Statements as the mall works with them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from merchants.choices import Action
from settlements import sentences
from settlements.forms.statements import AgreedForm, MessageForm, PayAllForm, PayForm, SettleForm, StatementFilter
from settlements.models import Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.queries import statements as queries
from settlements.services import statements as services
from settlements.tables.statements import statement_table

from .seats import Seat, mall_seat
from .statement_parts import attempt, file_answer, is_disputed, is_open, show_line, show_statement


@login_required
@require_GET
def statement_list(request: HttpRequest, mall: str) -> HttpResponse:
    return listing(request, mall_seat(request, mall, Action.VIEW))


def listing(request: HttpRequest, seat: Seat, pay: PayAllForm | None = None) -> HttpResponse:
    """The statements, with the form of those to be paid in error if one is given."""
    months = queries.months_with(queries.statement_rows(seat.mall))
    form = StatementFilter(request.GET, months=months)
    chosen = form.values()
    rows = queries.mall_statements(seat.mall, **chosen)
    totals = queries.totals(rows)
    pay = pay or (PayAllForm(rows=rows) if seat.may_answer and totals.agreed else None)
    context = {
        "title": _("Statements"),
        "mall": seat.mall,
        "form": form,
        "table": statement_table(
            seat.mall, rows, request.GET, seat.statement_url, party=True, choose=pay is not None
        ),
        "tiles": tiles(seat, totals),
        "drafts": totals.drafts if seat.may_answer else 0,
        "pay": pay,
    }  # fmt: skip
    return render_part(
        request, "settlements/statement_list.html", context, part="board", status=422 if pay and pay.errors else 200
    )


def tiles(seat: Seat, totals: queries.Totals) -> list[Tile]:
    currency, disputed = seat.mall.currency, f"{seat.url('statements')}?state={StatementState.DISPUTED}"
    return [
        Tile(_("Statements"), count(totals.count)),
        Tile(_("The mall owes"), money(totals.owed_fen, currency)),
        Tile(_("Is owed to the mall"), money(totals.due_fen, currency)),
        Tile(_("Wait for the mall's answer"), count(totals.disputed), url=disputed),
    ]


@login_required
@require_POST
def issue_all(request: HttpRequest, mall: str) -> HttpResponse:
    """Send the drafts that the filter shows."""
    seat = mall_seat(request, mall, Action.SETTLE)
    form = StatementFilter(request.POST, months=queries.months_with(queries.statement_rows(seat.mall)))
    rows = queries.mall_statements(seat.mall, **form.values()).filter(state=StatementState.DRAFT)
    number = services.issue_all(statements=rows, by=request.user, now=timezone.now())
    messages.success(request, sentences.done(number)["issue"])
    return redirect(seat.url("statements"))


@login_required
@require_POST
def pay_all(request: HttpRequest, mall: str) -> HttpResponse:
    """Note that the chosen statements were paid."""
    seat = mall_seat(request, mall, Action.SETTLE)
    form = PayAllForm(request.POST, rows=queries.statement_rows(seat.mall))
    if not form.is_valid():
        return listing(request, seat, form)
    values = {"statements": form.cleaned_data["chosen"], "reference": form.cleaned_data["reference"]}
    number = services.pay_all(**values, by=request.user, now=timezone.now())
    messages.success(request, sentences.done(number)["pay"])
    return redirect(seat.url("statements"))


@login_required
@require_GET
def statement_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.VIEW)
    return show(request, seat, seat.statement(pk))


def show(request: HttpRequest, seat: Seat, statement: Statement, **forms) -> HttpResponse:
    """With what the mall may do next."""
    state, may = statement.state, seat.may_answer
    offered = {
        "may_issue": may and state == StatementState.DRAFT,
        "agree": AgreedForm() if may and state == StatementState.ISSUED else None,
        "pay": PayForm() if may and state == StatementState.CLOSED else None,
    }
    return show_statement(request, seat, statement, **offered | forms)


@login_required
@require_POST
def statement_issue(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.SETTLE)
    statement = seat.statement(pk)
    values = {"statement": statement, "now": timezone.now()}
    return attempt(request, services.issue, _("Issued, and mailed."), seat.statement_url(statement), **values)


@login_required
@require_POST
def statement_agree(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """The mall notes that the party agreed outside the system."""
    seat = mall_seat(request, mall, Action.SETTLE)
    statement, form = seat.statement(pk), AgreedForm(request.POST)
    if not form.is_valid():
        return show(request, seat, statement, agree=form)
    values = {"statement": statement, "note": form.cleaned_data["note"], "now": timezone.now()}
    return attempt(request, services.agree, _("Noted."), seat.statement_url(statement), **values)


@login_required
@require_POST
def statement_pay(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    seat = mall_seat(request, mall, Action.SETTLE)
    statement, form = seat.statement(pk), PayForm(request.POST)
    if not form.is_valid():
        return show(request, seat, statement, pay=form)
    values = {"statement": statement, "reference": form.cleaned_data["reference"], "now": timezone.now()}
    return attempt(request, services.pay, _("Noted as paid."), seat.statement_url(statement), **values)


@login_required
@require_GET
def statement_file(request: HttpRequest, mall: str, pk: int, kind: str) -> HttpResponseBase:
    return file_answer(mall_seat(request, mall, Action.VIEW).statement(pk), kind)


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
