"""Mails about statements, each with a link to the reader's own page. Sent inside the transaction of what they tell."""

from typing import Any

from django.urls import reverse

from merchants.choices import Action
from merchants.services.mails import people_with, tell

from .models import LineMessage, Statement, StatementLine


def issued(statement: Statement) -> None:
    _party(statement, "statement_issued")


def written(statement: Statement, line: StatementLine, message: LineMessage) -> None:
    """A line was disputed, or someone answered: to the other side."""
    (_party if message.of_mall else _mall)(statement, "statement_written", line=line, message=message)


def settled(statement: Statement, line: StatementLine, message: LineMessage, adjustment_fen: int) -> None:
    _party(statement, "statement_settled", line=line, message=message, adjustment_fen=adjustment_fen)


def paid(statement: Statement) -> None:
    _party(statement, "statement_paid")


def _party(statement: Statement, kind: str, line: StatementLine | None = None, **context: Any) -> None:
    readers = people_with(Action.CONSENT, statement.party)
    tell(
        readers,
        kind,
        path=_path(statement.side, statement.party.pk, statement, line),
        **_said(statement, line, context),
    )


def _mall(statement: Statement, kind: str, line: StatementLine | None = None, **context: Any) -> None:
    readers = people_with(Action.SETTLE, statement.mall)
    path = _path("mall", statement.mall.slug, statement, line)
    tell(readers, kind, path=path, **_said(statement, line, context))


def _path(side: str, body: int | str, statement: Statement, line: StatementLine | None) -> str:
    page, args = ("statement_line", [line.position]) if line else ("statement", [])
    return reverse(f"settlements:{side}_{page}", args=[body, statement.pk, *args])


def _said(statement: Statement, line: StatementLine | None, context: dict[str, Any]) -> dict[str, Any]:
    return {"statement": statement, "mall": statement.mall, "party": statement.party, "line": line, **context}
