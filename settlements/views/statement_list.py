"""All statements of a mall, and steps with several at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from merchants.choices import Action
from settlements import sentences
from settlements.forms.statements import PayAllForm, StatementFilter
from settlements.models.statements import StatementState
from settlements.queries import statements as queries
from settlements.services import statements as services
from settlements.tables.statements import statement_table

from .seats import Seat, mall_seat


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
