"""What a mail report tells beside the key figures: which stores moved most, and what waits for the receiver."""

from dataclasses import replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from analytics.boards import Board
from analytics.changes import Mover, moved_by, movers
from analytics.queries.sales import sales
from analytics.queries.todo import Todo, todos
from analytics.saved import Body
from analytics.tables.sales import store_rows
from coupons.queries.consents import Party, waiting
from mallops.lib import dates
from merchants import access
from merchants.models import Mall, User
from merchants.services.members import kind_of

MOST = 3  # movements told


def has_news(board: Board) -> bool:
    """Whether anything happened in the period at the stores chosen: a payment, a refund, a coupon."""
    return bool(board.choice.stores) and bool(sales(replace(board.choice, before=None)).now)


def movements(board: Board) -> list[Mover]:
    """The stores whose net sales moved most, in money; against the days before where the view compares nothing."""
    choice = replace(board.choice, before=board.choice.before or board.choice.period.previous())
    if len(choice.stores) < 2:
        return []
    rows = sorted(store_rows(choice, sales(choice)), key=lambda row: -abs(moved_by(row)))[:MOST]
    up, down = movers(choice, [(row, "") for row in rows])
    return [*up, *down]


def waits(body: Body, reader: User, now: datetime) -> list[Todo]:
    """What there is to do for the reader, with addresses inside the site."""
    if isinstance(body, Mall):
        return todos(body, access.rights(reader, body), dates.today(body.time_zone, now))
    return _consents(body)


def _consents(party: Party) -> list[Todo]:
    count = waiting(party)
    said = ngettext("%(count)s rule waits for your answer.", "%(count)s rules wait for your answer.", count)
    url = reverse(f"coupons:{kind_of(party)}_consents", args=[party.pk])
    return [Todo(said % {"count": count}, url)] if count else []
