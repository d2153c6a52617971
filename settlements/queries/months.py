"""The months of a mall's books: closed, being closed, to be closed, running."""

from datetime import date
from typing import Literal, NamedTuple

from django.db.models import Count, Sum

from mallops.lib.dates import next_month
from merchants.models import Mall
from settlements import months
from settlements.models import ClosedMonth, Entry
from settlements.sums import after_closed

from .balances import months_of

State = Literal["running", "open", "closing", "closed"]


class Month(NamedTuple):
    """A month by its first day; entries and their sum (fen) so far, and how it was closed."""

    month: date
    state: State
    entries: int
    amount_fen: int
    closed: ClosedMonth | None


def month_rows(mall: Mall, today: date) -> list[Month]:
    """All months with entries and those between, the newest first. Closed ones as they were when they were closed."""
    closed = {each.month: each for each in ClosedMonth.objects.filter(mall=mall).select_related("closed_by")}
    frozen = months.closing(mall)
    rest = Entry.objects.for_mall(mall).filter(after_closed(mall)).order_by()
    sums = {month: row for month, *row in rest.values_list("month").annotate(Count("id"), Sum("amount_fen"))}
    found = []
    for month in sorted({*months_of(mall), *closed, *([frozen] if frozen else [])}, reverse=True):
        one = closed.get(month)
        entries, fen = (one.entries, one.amount_fen) if one else sums.get(month, (0, 0))
        found.append(Month(month, _state(month, one, frozen, today), entries, fen, one))
    return found


def _state(month: date, closed: ClosedMonth | None, frozen: date | None, today: date) -> State:
    if closed:
        return "closed"
    if month == frozen:
        return "closing"
    return "open" if next_month(month) <= today else "running"
