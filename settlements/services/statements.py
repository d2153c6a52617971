"""The life of a statement: made when its month is closed, issued, disputed line by line, agreed, paid.

Its numbers are the entries of the closed month and never change; what comes of a dispute is an adjustment, which
stands on the statement of the month it is booked in. Every step begins by changing or holding the row of the
statement: of two steps at once the second sees what the first did.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import transaction

from merchants.models import Mall, User
from merchants.services import audit
from settlements import mails, statement_postings
from settlements.figures import by_party
from settlements.models import LineMessage, Statement, StatementLine
from settlements.models.statements import StatementState

CODES = ("wrong_state", "open_disputes", "no_text", "not_disputed", "no_reference", "too_large")
OPEN = frozenset({StatementState.ISSUED, StatementState.DISPUTED})  # the party can still say what is wrong
MOST_FEN = 10**9  # of an adjustment: beyond, a slip of the keyboard


class StatementError(Exception):
    """Why a step is not possible: a code of CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def make(mall: Mall, month: date, *, now: datetime) -> list[Statement]:
    """A draft for each party with entries in a month. Part of the closing of the month, in its transaction."""
    parties = by_party(mall, month)
    statements = [
        Statement(mall=mall, month=month, merchant_id=merchant, provider_id=provider, made_at=now,
                  total_fen=sum(figure.amount_fen for figure in found))
        for (merchant, provider), found in parties.items()
    ]  # fmt: skip
    Statement.objects.bulk_create(statements, batch_size=1_000)
    lines = (
        StatementLine(mall=mall, statement=statement, position=position, **figure._asdict())
        for statement, found in zip(statements, parties.values(), strict=True)
        for position, figure in enumerate(found, 1)
    )
    StatementLine.objects.bulk_create(lines, batch_size=1_000)
    return statements


def issue(*, statement: Statement, by: User, now: datetime) -> None:
    """Send a draft to its party. Raises StatementError."""
    with transaction.atomic():
        _move(statement, {StatementState.DRAFT}, StatementState.ISSUED, by, issued_at=now)
        mails.issued(statement)


def issue_all(*, statements: Iterable[Statement], by: User, now: datetime) -> int:
    """Send those that still are drafts; returns how many."""
    return sum(_took(issue, statement=statement, by=by, now=now) for statement in statements)


def dispute(*, line: StatementLine, text: str, by: User, now: datetime) -> None:
    """The party says what is wrong with a line; a line once settled can be disputed again. Raises StatementError."""
    with transaction.atomic():
        _move(line.statement, OPEN, StatementState.DISPUTED, by, {"line": [None, line.position]})
        _lines(line.statement).filter(pk=line.pk).update(disputed_at=now, settled_at=None)
        write(line=line, text=text, by=by, of_mall=False, now=now)


def write(*, line: StatementLine, text: str, by: User, of_mall: bool, now: datetime) -> LineMessage:
    """A message in the thread of a disputed line, mailed to the other side. Raises StatementError."""
    with transaction.atomic():
        message = _write(line, text, by, of_mall, now)
        mails.written(line.statement, line, message)
    return message


def settle(*, line: StatementLine, text: str, adjustment_fen: int, by: User, now: datetime) -> None:
    """The mall ends the dispute of a line, saying why; an adjustment (fen, above zero in favour of the party) is booked
    in the month that is open. With no dispute left the statement waits for the party again. Raises StatementError."""
    if abs(adjustment_fen) > MOST_FEN:
        raise StatementError("too_large")
    statement = line.statement
    with transaction.atomic():
        message = _write(line, text, by, True, now)
        if not _disputed(statement).filter(pk=line.pk).update(settled_at=now):
            raise StatementError("not_disputed")
        if adjustment_fen:
            statement_postings.adjust(statement, line, adjustment_fen, message, now=now)
        changes = {"line": [None, line.position], "adjustment_fen": [0, adjustment_fen]}
        audit.record(actor=by, mall=statement.mall, action="line_settled", obj=statement, changes=changes)
        if not _disputed(statement).exists():
            _move(statement, {StatementState.DISPUTED}, StatementState.ISSUED, by)
        mails.settled(statement, line, message, adjustment_fen)


def _write(line: StatementLine, text: str, by: User, of_mall: bool, now: datetime) -> LineMessage:
    if not text.strip():
        raise StatementError("no_text")
    if _held(line.statement).state not in OPEN:
        raise StatementError("wrong_state")
    if not _lines(line.statement).filter(pk=line.pk, disputed_at__isnull=False).exists():
        raise StatementError("not_disputed")
    return LineMessage.objects.create(
        mall_id=line.mall_id, line=line, text=text.strip(), by=by, of_mall=of_mall, at=now
    )


def agree(*, statement: Statement, by: User, now: datetime, note: str = "") -> None:
    """The party agrees, or the mall notes that it did and where that is kept. Raises StatementError, also while a line
    is disputed."""
    with transaction.atomic():
        noted = {"note": [None, note]} if note else {}
        _move(statement, {StatementState.ISSUED}, StatementState.CLOSED, by, noted, closed_at=now, closed_by=by)


def pay(*, statement: Statement, reference: str, by: User, now: datetime) -> None:
    """Note that an agreed statement was paid, by whoever owes it. Raises StatementError, also if it was before."""
    reference = reference.strip()
    if not reference:
        raise StatementError("no_reference")
    with transaction.atomic():
        paid = {"paid_at": now, "paid_by": by, "payment_reference": reference}
        noted = {"reference": [None, reference]}
        _move(statement, {StatementState.CLOSED}, StatementState.PAID, by, noted, **paid)
        statement_postings.pay_out(statement, now=now)
        mails.paid(statement)


def pay_all(*, statements: Iterable[Statement], reference: str, by: User, now: datetime) -> int:
    """Note that those that are agreed were paid under one reference; returns how many."""
    return sum(_took(pay, statement=statement, reference=reference, by=by, now=now) for statement in statements)


def _took(step, **values) -> bool:
    """Whether a step was possible."""
    try:
        step(**values)
    except StatementError as error:
        if error.code == "wrong_state":
            return False
        raise
    return True


def _move(
    statement: Statement, before: Collection[str], after: str, by: User, noted: dict | None = None, **columns
) -> None:
    """Compare and set, with its trace. Raises StatementError if the statement is in another state by now."""
    rows = Statement.objects.for_mall(statement.mall_id).filter(pk=statement.pk)
    if not rows.filter(state__in=before).update(state=after, **columns):
        disputed = rows.filter(state=StatementState.DISPUTED).exists()
        raise StatementError("open_disputes" if disputed else "wrong_state")
    changes = {"state": [statement.state, after], **(noted or {})}
    audit.record(actor=by, mall=statement.mall, action=f"statement_{after}", obj=statement, changes=changes)
    for name, value in {"state": after, **columns}.items():
        setattr(statement, name, value)


def _held(statement: Statement) -> Statement:
    """The statement as it is, which nobody changes until the transaction ends."""
    return Statement.objects.for_mall(statement.mall_id).select_for_update().get(pk=statement.pk)


def _lines(statement: Statement):
    return StatementLine.objects.for_mall(statement.mall_id).filter(statement=statement)


def _disputed(statement: Statement):
    return _lines(statement).filter(disputed_at__isnull=False, settled_at=None)
