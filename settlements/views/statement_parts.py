"""What the pages of statements share, whoever reads them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from mallops.lib.files.answers import attachment
from mallops.lib.ui.forms import MallForm
from settlements import sentences
from settlements.figures import ORDER, Figure
from settlements.files import statements as files
from settlements.models import Statement, StatementLine
from settlements.queries import statements as queries
from settlements.services.statements import OPEN, StatementError
from settlements.tables.statements import entry_table, line_state, line_table

from .seats import Seat


def show_statement(request: HttpRequest, seat: Seat, statement: Statement, **forms: Any) -> HttpResponse:
    """The page of a statement, with the forms of what may be done about it."""
    lines = list(queries.line_rows(statement))
    context = {
        "title": f"{statement.party.name}: {sentences.statement_title(statement)}" if seat.is_mall
        else sentences.statement_title(statement),
        "seat": seat,
        "mall": seat.mall,
        "statement": statement,
        "state": sentences.statement_state(statement),
        "owed": sentences.owed(seat.mall, statement.party.name, statement.total_fen),
        "opening": sentences.opening(statement),
        "closing": sentences.closing(statement),
        "groups": groups(request, seat, lines, lambda line: seat.url("statement_line", statement.pk, line.position)),
        "trail": trail(statement),
        "back": seat.url("statements"),
        "agree_url": seat.url("statement_agree", statement.pk),
        "files": [(kind.upper(), seat.url("statement_file", statement.pk, kind)) for kind in files.KINDS],
        **forms,
    }  # fmt: skip
    return render(request, "settlements/statement.html", context, status=status_of(forms))


def groups(
    request: HttpRequest, seat: Seat, lines: list[StatementLine] | list[Figure], url: Callable | None
) -> list[dict[str, Any]]:
    """The lines by what they are about, each group with its sum."""
    words, found = sentences.groups(), []
    disputed = any(line.disputed_at for line in lines)
    for kind in ORDER:
        mine = [line for line in lines if line.account.kind == kind]
        if mine:
            label, sub = words[kind]
            table = line_table(seat.mall, mine, request.GET, label, f"{kind}_", url, with_disputes=disputed)
            found.append({"label": label, "sub": sub, "fen": sum(line.amount_fen for line in mine), "table": table})
    return found


def trail(statement: Statement) -> list[tuple]:
    """The latest changes, as `coupons/_trail.html` draws them."""
    currency = statement.mall.currency
    return [
        (entry, sentences.history_sentence(entry.action, entry.changes, currency), [])
        for entry in queries.history_of(statement)
    ]


def show_line(request: HttpRequest, seat: Seat, line: StatementLine, **forms: Any) -> HttpResponse:
    """A line with its entries and its thread."""
    statement = line.statement
    entries = queries.entries_of(line, statement)
    context = {
        "title": _("Line %(number)s: %(what)s") % {"number": line.position, "what": line.get_kind_display()},
        "seat": seat,
        "mall": seat.mall,
        "statement": statement,
        "line": line,
        "state": line_state(line),
        "statements_url": seat.url("statements"),
        "back": seat.statement_url(statement),
        "back_title": sentences.statement_title(statement),
        "table": entry_table(seat.mall, entries, request.GET, statement.party, seat.evidence_url),
        "thread": queries.messages_of(line),
        "write_url": seat.url("statement_write", statement.pk, line.position),
        **forms,
    }
    return render(request, "settlements/statement_line.html", context, status=status_of(forms))


def status_of(forms: dict[str, Any]) -> int:
    return 422 if any(form.errors for form in forms.values() if isinstance(form, MallForm)) else 200


def is_open(line: StatementLine) -> bool:
    """Whether the party can still say something about it."""
    return line.statement.state in OPEN


def is_disputed(line: StatementLine) -> bool:
    return line.disputed_at is not None and line.settled_at is None


def attempt(request: HttpRequest, step: Callable[..., Any], said: str, then: str, **values: Any) -> HttpResponse:
    """Take a step, say what came of it, and go on."""
    try:
        step(by=request.user, **values)
        messages.success(request, said)
    except StatementError as error:
        messages.error(request, sentences.reasons()[error.code])
    return redirect(then)


def file_answer(statement: Statement, kind: str) -> HttpResponseBase:
    """The statement as a file. Raises Http404 for a kind that there is not."""
    if kind not in files.KINDS:
        raise Http404
    return attachment(files.KINDS[kind](statement), files.name_of(statement, kind), kind)
