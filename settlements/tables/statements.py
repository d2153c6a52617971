"""The tables of statements."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mallops.lib.format import count, month_label
from mallops.lib.ui.tables import Column, Empty, Table, tick
from merchants.models import Mall, Merchant, ServiceProvider
from settlements.models import Entry, Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.queries.statements import OF_ACCRUALS
from settlements.sentences import statement_state

from .ledger import fen_column

Url = Callable[[Any], str | None]


def statement_table(
    mall: Mall, rows: QuerySet[Statement], params: Mapping, url: Url, *, party: bool = False, choose: bool = False
) -> Table:
    """Statements, each leading to its page; with whose they are, and with boxes on those that can be paid."""
    month = Column("month", _("Month"), url=url, format=month_label, sortable=True)
    columns = [
        Column("party.name", _("Whose"), url=url, sub=kind_and_month) if party else month,
        fen_column(mall, "total_fen", _("Total"), sortable=True, title=_("Above zero the mall owes it")),
        Column("state", _("State"), kind="state", value=statement_state),
        Column("payment_reference", _("Reference"), hide_on_phone=True),
    ]
    if choose:
        columns.insert(0, Column("choose", _("Choose"), value=tick_to_pay, align="center", export=False))
    none = _("No such statement") if party else _("No statement yet")
    empty = Empty(none, _("Statements are made when a month is closed."), icon="receipt")
    return Table(columns, rows, params, label=_("Statements"), target="board" if party else "", empty=empty)


def kind_and_month(statement: Statement) -> str:
    kind = _("Merchant") if statement.merchant_id else _("Service provider")
    return f"{kind} · {month_label(statement.month)}"


def tick_to_pay(statement: Statement) -> str:
    """The box by which an agreed statement is chosen."""
    if statement.state != StatementState.CLOSED:
        return ""
    return tick("chosen", statement.pk, "pay", _("Choose %(name)s") % {"name": statement.party.name})


def line_table(
    mall: Mall, rows: Sequence[StatementLine], params: Mapping, label: str, prefix: str, url: Url | None, *,
    with_disputes: bool,
) -> Table:  # fmt: skip
    columns = [
        Column("position", _("No."), width="s", hide_on_phone=True),
        Column("kind", _("What"), value=lambda row: row.get_kind_display(), url=url, sub=line_about),
        Column("count", _("Entries"), align="end", format=count, sortable=True, width="m", hide_on_phone=True),
        fen_column(mall, "amount_fen", _("Amount"), sortable=True, width="l"),
    ]
    if with_disputes:
        columns.append(Column("dispute", _("Dispute"), value=dispute_word, width="l"))
    return Table(columns, rows, params, label=label, prefix=prefix)


def dispute_word(line: StatementLine) -> str:
    state = line_state(line)
    return format_html('<span class="state tone-{}">{}</span>', state[1], state[0]) if state else ""


def line_about(line: StatementLine) -> str:
    """Store and rule in one line, where their columns have no room."""
    return " · ".join(filter(None, (store_name(line), rule_name(line))))


def store_name(row: StatementLine | Entry) -> str | None:
    return row.store and row.store.name


def rule_name(row: StatementLine | Entry) -> str | None:
    return row.rule and row.rule.name


def line_state(line: StatementLine) -> tuple[str, str] | None:
    if line.disputed_at is None:
        return None
    return (pgettext("line", "Settled"), "good") if line.settled_at else (pgettext("line", "Disputed"), "warn")


def entry_columns(mall: Mall, party: Merchant | ServiceProvider, url: Url | None = None) -> list[Column]:
    """What a reader may know of the entries of a line (`order_of`)."""
    return [
        Column("day", _("Day"), format=str, sub=lambda row: row.note),
        Column("coupon", _("Coupon"), value=coupon_tail, url=url),
        fen_column(mall, "order_fen", _("Order"), value=order_of(party)),
        fen_column(mall, "signed_fen", _("Amount")),
        Column("pk", _("Entry"), align="end", hide_on_phone=True),
    ]


def order_of(party: Merchant | ServiceProvider) -> Callable[[Entry], int | None]:
    """The order (fen) that a coupon was used on. A merchant does not learn those of others, a provider learns those
    that its rebates were reckoned from."""

    def order(entry: Entry) -> int | None:
        if isinstance(party, Merchant):
            is_told = entry.store is None or entry.store.merchant_id == party.pk
        else:
            is_told = entry.kind in OF_ACCRUALS
        return entry.order_fen if is_told else None

    return order


def coupon_tail(entry: Entry) -> str | None:
    """The part of the code that may be seen by everyone."""
    return entry.coupon and f"…{entry.coupon.code[-4:]}"


def entry_table(
    mall: Mall, rows: QuerySet[Entry], params: Mapping, party: Merchant | ServiceProvider, url: Url
) -> Table:
    return Table(entry_columns(mall, party, url), rows, params, label=_("Entries"), prefix="entries_")
