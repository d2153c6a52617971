"""Moves between places as rows: of stores, or of the top categories."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _

from analytics.forms.flow import FlowChoice
from analytics.metrics import Sums
from analytics.queries.flow import Moves, Pair
from coupons.affinity.report import LEAST, LETTERS
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Category, Store

from .columns import Row, change_column, metric_column, metric_row, unsortable

Spot = Store | Category
OF_PAIR = ("moves", "move_shoppers", "move_sales", "driven_moves", "driven_share", "driven_sales")
IN_TABLE = ("moves", "move_shoppers", "move_sales", "driven_moves", "driven_share")
MOST = 500  # pairs in a table


def flow_rows(found: Mapping[Pair, Sums], spots: Mapping[int, Spot], earlier: Moves | None = None) -> list[Row]:
    """One for each pair, in the same order, with how it moved since earlier. Of few shoppers no share is told."""
    rows = []
    for (source, target), sums in found.items():
        ends = {"source": spots[source], "target": spots[target], "key": key_of(spots, source, target)}
        row = metric_row(OF_PAIR, sums, None if earlier is None else earlier.of(source, target), **ends)
        if min(row["moves"], row["move_shoppers"] or LEAST) < LEAST:
            row["driven_share"] = None
        rows.append(row)
    return rows


def key_of(spots: Mapping[int, Spot], source: int, target: int) -> str:
    """As of a suggestion (`coupons.affinity.drafts.read_key`)."""
    letter = LETTERS["stores" if isinstance(spots[source], Store) else "categories"]
    return f"{letter}{source}-{letter}{target}"


def pair_table(
    choice: FlowChoice, rows: Sequence[Row], params: Mapping[str, str], *, link: Callable[[Store], str],
    rule: Callable[[Row], str | None] | None,
) -> Table:  # fmt: skip
    """Pairs of stores, sorted and paged by the URL; `rule` gives the address of the builder, for who may use it."""
    columns = [
        Column("source", _("From"), value=lambda row: row["source"].name, sortable=True,
               sub=lambda row: row["source"].category.name, url=lambda row: link(row["source"])),
        Column("target", _("To"), value=lambda row: row["target"].name, sortable=True,
               sub=lambda row: row["target"].category.name, url=lambda row: link(row["target"])),
        *(metric_column(key, choice.place.mall.currency, brief=True) for key in IN_TABLE),
    ]  # fmt: skip
    if choice.before:
        columns.insert(3, change_column("moves"))
    if rule:
        columns.append(Column("rule", _("Rule"), value=lambda _row: _("Make a rule"), url=rule, export=False))
    return Table(
        columns, rows, params, label=_("Pairs of stores"), default_sort="-moves", target="board", page_size=25,
        empty=Empty(_("No moves here"), icon="transfer"),
    )  # fmt: skip


def stream_table(choice: FlowChoice, rows: Sequence[Row]) -> Table:
    """What the picture draws."""
    known = any(row["move_shoppers"] is not None for row in rows)
    keys = [key for key in IN_TABLE if known or key != "move_shoppers"]
    columns = [
        Column("source", _("From"), value=lambda row: row["source"].name),
        Column("target", _("To"), value=lambda row: row["target"].name),
        *(metric_column(key, choice.place.mall.currency, brief=True) for key in keys),
    ]
    return Table(unsortable(columns), rows, label=_("Largest flows"), page_size=None)


def matrix_table(sources: Sequence[Spot], targets: Sequence[Spot], moves: Mapping[Pair, int]) -> Table:
    """Sources down, targets across."""
    columns = [Column("source", _("From"))]
    columns += [Column(f"to-{spot.pk}", spot.name, align="end") for spot in targets]
    rows = [
        {"source": source.name} | {f"to-{target.pk}": moves.get((source.pk, target.pk), 0) for target in targets}
        for source in sources
    ]
    return Table(columns, rows, label=_("Moves from and to"), page_size=None)
