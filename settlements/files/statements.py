"""A statement to print, to count with or to import: its lines, and every entry behind them.

The CSV has one head: rows of the kinds total, line and entry, so that one filter gives what is wanted. It is sent as it
comes; the workbook holds at most `sheets.MOST_ROWS` entries, the PDF `MOST_ENTRIES`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from mallops.lib.csvio import csv_lines
from mallops.lib.files import sheets
from mallops.lib.format import money
from mallops.lib.money import yuan
from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Column, Table
from settlements import sentences
from settlements.figures import ORDER
from settlements.models import Entry, Statement, StatementLine
from settlements.queries.statements import entries_of_all, line_rows
from settlements.tables.ledger import fen_column
from settlements.tables.statements import coupon_tail, entry_columns, order_of, rule_name, store_name

MOST_ENTRIES = 2_000
HEAD = [
    "row", "line", "group", "what", "store", "rule", "day", "coupon", "order", "entries", "amount", "entry", "note",
]  # fmt: skip


class Row(NamedTuple):
    """An entry with the line that it belongs to."""

    line: StatementLine
    entry: Entry


def name_of(statement: Statement, kind: str) -> str:
    return f"{statement.mall.slug}-{statement.month:%Y-%m}-{statement.side}-{statement.party.pk}.{kind}"


def csv(statement: Statement) -> Iterator[str]:
    return csv_lines(_csv_rows(statement))


def _csv_rows(statement: Statement) -> Iterator[list[Any]]:
    lines, words = list(line_rows(statement)), sentences.groups()
    order = order_of(statement.party)
    yield HEAD
    count = sum(line.count for line in lines)
    yield ["total", "", "", "", "", "", "", "", "", count, yuan(statement.total_fen), "", _owed(statement)]
    for line in lines:
        yield ["line", *_about(line, words), "", "", "", line.count, yuan(line.amount_fen), "", ""]
    for line, entry in entries_of_all(statement, lines):
        fen = order(entry)
        yield ["entry", *_about(line, words), entry.day.isoformat(), coupon_tail(entry) or "",
               "" if fen is None else yuan(fen), "", yuan(entry.signed_fen), entry.pk, entry.note]  # fmt: skip


def _about(line: StatementLine, words: dict) -> list[Any]:
    group = words[line.account.kind][0]
    return [line.position, group, line.get_kind_display(), store_name(line) or "", rule_name(line) or ""]


def xlsx(statement: Statement) -> bytes:
    lines = list(line_rows(statement))
    above = [_title(statement), _owed(statement), sentences.opening(statement), sentences.closing(statement)]
    return sheets.workbook(_lines(statement, lines), _entries(statement, _rows(statement, lines)), above=above)


def _rows(statement: Statement, lines: Iterable[StatementLine]) -> Iterator[Row]:
    return (Row(line, entry) for line, entry in entries_of_all(statement, lines))


def _lines(statement: Statement, lines: list[StatementLine], label: str = "") -> Table:
    words = sentences.groups()
    columns = [
        Column("position", _("No.")),
        *([] if label else [Column("group", _("Group"), value=lambda row: words[row.account.kind][0])]),
        Column("kind", _("What"), value=lambda row: row.get_kind_display()),
        Column("store", _("Store"), value=store_name),
        Column("rule", _("Rule"), value=rule_name),
        Column("count", _("Entries"), align="end"),
        fen_column(statement.mall, "amount_fen", _("Amount")),
    ]
    return Table(columns, lines, label=label or _("Lines"))


def _entries(statement: Statement, rows: Iterable[Row]) -> Table:
    """The entries, each after what its line is about."""
    columns = [
        Column("line.position", _("No.")),
        Column("what", _("What"), value=lambda row: row.line.get_kind_display()),
        Column("store", _("Store"), value=lambda row: store_name(row.line)),
        Column("rule", _("Rule"), value=lambda row: rule_name(row.line)),
        *map(_inside, entry_columns(statement.mall, statement.party)),
    ]
    return Table(columns, rows, label=_("Entries"))


def _inside(column: Column) -> Column:
    """A column of entries, for rows that hold an entry."""
    return replace(
        column, value=lambda row: column.raw(row.entry), sub=None, format=None if column.key == "day" else column.format
    )


def pdf(statement: Statement) -> bytes:
    from mallops.lib.files import pdf

    title = _title(statement)
    return pdf.document(_story(statement), title=title, foot=f"{statement.mall.name} · {title}")


def _story(statement: Statement) -> Iterator[Any]:
    from mallops.lib.files.paper import Heading, TablePart, TilesPart

    lines = list(line_rows(statement))
    yield Heading(_title(statement), [_owed(statement), sentences.opening(statement)])
    yield TilesPart(list(_tiles(statement, lines)))
    for kind, (label, _sub) in sentences.groups().items():
        mine = [line for line in lines if line.account.kind == kind]
        if mine:
            yield TablePart(label, _lines(statement, mine, label), most=MOST_ENTRIES)
    yield Heading(_("Closing note"), [sentences.closing(statement)], size=11)
    rows = list(islice(_rows(statement, lines), MOST_ENTRIES))
    more = sum(line.count for line in lines) - len(rows)
    yield TablePart(_("Entries"), _entries(statement, rows), most=MOST_ENTRIES, more=more)


def _tiles(statement: Statement, lines: list[StatementLine]) -> Iterator[Tile]:
    words, currency = sentences.groups(), statement.mall.currency
    yield Tile(_("Total"), money(statement.total_fen, currency))
    yield Tile(_("State"), sentences.statement_state(statement)[0])
    for kind in ORDER:
        fen = sum(line.amount_fen for line in lines if line.account.kind == kind)
        if fen:
            yield Tile(words[kind][0], money(fen, currency))


def _title(statement: Statement) -> str:
    return f"{statement.party.name}: {sentences.statement_title(statement)}"


def _owed(statement: Statement) -> str:
    return sentences.owed(statement.mall, statement.party.name, statement.total_fen)


KINDS: dict[str, Callable[[Statement], Any]] = {"pdf": pdf, "xlsx": xlsx, "csv": csv}
