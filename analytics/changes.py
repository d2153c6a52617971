"""What changed most against the compared days, in sentences. Pure: from rows that tables show too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.tables.columns import Row
from mallops.lib import format as fmt

SHOWN = 4  # movers in each direction


@dataclass(frozen=True, slots=True)
class Mover:
    """`text` is a sentence about what has the name; `tone` of the move is better, worse or flat."""

    name: str
    url: str
    change: fmt.Change
    text: str


def movers(choice: Choice, rows: Iterable[tuple[Row, str]]) -> tuple[list[Mover], list[Mover]]:
    """The stores and categories (rows with their addresses) whose net sales rose and fell most, in money."""
    if not choice.before:
        return [], []
    moved = sorted(((moved_by(row), row, url) for row, url in rows), key=lambda found: -abs(found[0]))
    up = [(row, url) for fen, row, url in moved if fen > 0][:SHOWN]
    down = [(row, url) for fen, row, url in moved if fen < 0][:SHOWN]
    return [_mover(choice, *found) for found in up], [_mover(choice, *found) for found in down]


def moved_by(row: Row) -> int:
    """By how many fen net sales moved."""
    return row["net_sales"] - row["net_sales_before"]


def _mover(choice: Choice, row: Row, url: str) -> Mover:
    currency = choice.place.mall.currency
    words = {"moved": signed(moved_by(row), currency), "now": fmt.money_short(row["net_sales"], symbol=currency)}
    told = [_("%(moved)s to %(now)s") % words, *_why(row)]
    return Mover(row["name"], url, row["net_sales_change"], _("; ").join(told))


def signed(fen: int, currency: str) -> str:
    return f"{'+' if fen > 0 else ''}{fmt.money_short(fen, symbol=currency)}"


def _why(row: Row) -> Sequence[str]:
    """Whether there were more payments, or larger ones; what moved more comes first."""
    if not row["net_sales_before"]:
        return [_("nothing sold in the compared days")]
    if not row["transactions"]:
        return [_("no payment in this period")]
    parts = [(abs(row[f"{key}_ratio"] or 0), key) for key in ("transactions", "average_ticket")]
    sentences: dict[str, Callable[[], str]] = {
        "transactions": lambda: _("payments %(change)s"),
        "average_ticket": lambda: _("average ticket %(change)s"),
    }
    return [sentences[key]() % {"change": row[f"{key}_change"].text} for _size, key in sorted(parts, reverse=True)]


def headline(choice: Choice, now, before) -> str:
    """How the whole did, in one sentence."""
    net, currency = METRICS["net_sales"], choice.place.mall.currency
    sold, was = net.value(now), net.value(before)
    words = {"now": net.short(sold, currency), "change": net.change(sold, was).text}
    if not choice.before or not was:
        return _("Net sales were %(now)s.") % words
    return _("Net sales were %(now)s, %(change)s against the compared days.") % words
