"""What the processes of the races for statements do."""

import random
import time
from datetime import UTC, datetime

from django.db import OperationalError
from django.urls import reverse

from merchants.models import Mall, Merchant, User
from settlements.models import Entry, Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.services import statements as services
from settlements.services.statements import StatementError
from tests import factories

from . import jobs
from .jobs import World

NOW = datetime(2026, 4, 3, 4, tzinfo=UTC)
LINES = 2  # few, so that a line settled is often the last one


def build(state: str = StatementState.ISSUED) -> World:
    """A mall with one statement of two lines."""
    world = jobs.build()
    statement = factories.make_statement(party=Merchant.objects.get(mall=world.mall_id), state=state)
    line = statement.lines.get()
    for position in range(2, LINES + 1):
        line.pk, line.position = None, position
        line.save(force_insert=True)
    factories.make_user(username="someone")
    return world


def statement_of(world: World) -> Statement:
    return Statement.objects.select_related("mall", "merchant").get(mall=world.mall_id)


def line_of(world: World, position: int) -> StatementLine:
    line = StatementLine.objects.get(mall=world.mall_id, position=position)
    line.statement = statement_of(world)
    return line


def perform(job, *arguments):
    return job(*arguments)


def step_for(world: World, seconds: float, side: str) -> int:
    """Dispute lines, or settle them, at random; returns how many."""
    reverse("home")  # reads all addresses before the clock runs
    by, done, end = User.objects.get(username="someone"), 0, time.monotonic() + seconds
    take = {"party": services.dispute, "mall": services.settle}[side]
    more = {"party": {}, "mall": {"adjustment_fen": 0}}[side]
    while time.monotonic() < end:
        try:
            take(line=line_of(world, random.randint(1, LINES)), text="So", by=by, now=NOW, **more)
            done += 1
        except (StatementError, OperationalError):  # who does not hold the statement may be caught in a deadlock
            pass
    return done


def wrong_states(world: World, seconds: float) -> int:
    """How often a statement that waits for its party had a disputed line, as anybody could have seen it."""
    wrong, end = 0, time.monotonic() + seconds
    open_lines = StatementLine.objects.filter(disputed_at__isnull=False, settled_at=None)
    while time.monotonic() < end:
        issued = Statement.objects.filter(mall=world.mall_id, state=StatementState.ISSUED)
        wrong += issued.filter(lines__in=open_lines).exists()
    return wrong


def pay(world: World) -> str:
    by = User.objects.get(username="someone")
    try:
        services.pay(statement=statement_of(world), reference="bank", by=by, now=NOW)
    except StatementError as error:
        return error.code
    return "paid"


def payouts(world: World) -> int:
    return Entry.objects.for_mall(Mall.objects.get(pk=world.mall_id)).filter(kind="payout").count()
