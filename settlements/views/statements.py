"""One statement as the mall works with it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchants.choices import Action
from settlements.forms.statements import AgreedForm, PayForm
from settlements.models import Statement
from settlements.models.statements import StatementState
from settlements.services import statements as services

from .seats import Seat, mall_seat
from .statement_parts import attempt, file_answer, show_statement


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
