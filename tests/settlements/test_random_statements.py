"""Whatever people do with statements, in whatever order: numbers stay, nothing is paid twice, the books balance."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mallops import ledger_check
from settlements.models import Entry, Statement, StatementLine
from settlements.services import statements as services
from settlements.services.statements import StatementError
from tests.settlements.test_random_books import undone

from .stated import Desk, january

pytestmark = pytest.mark.django_db

number = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.sampled_from(["issue", "agree", "pay"]), number),
    st.tuples(st.sampled_from(["issue", "agree", "pay"]), number),
    st.tuples(st.just("dispute"), number, st.sampled_from(["Wrong", ""])),
    st.tuples(st.just("settle"), number, st.integers(-(10**6), 10**6)),
    st.tuples(st.sampled_from(["redeem", "reverse", "refund"]), number),
    st.tuples(st.just("close")),
)


class People:
    """Take steps with one of the statements or lines that there are."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world

    def step(self, name: str, which: int = 0, more=None) -> None:
        values = {"by": self.desk.manager, "now": self.world.now}
        if name in ("dispute", "settle"):
            line = self._one(StatementLine, which)
            said = {"text": more} if name == "dispute" else {"text": "So be it", "adjustment_fen": more}
            getattr(services, name)(line=line, **said, **values)
        else:
            reference = {"reference": "bank"} if name == "pay" else {}
            getattr(services, name)(statement=self._one(Statement, which), **reference, **values)

    def _one(self, model, which: int):
        rows = list(model.objects.order_by("pk"))
        return rows[which % len(rows)]

    def live(self, name: str, which: int = 0) -> None:
        if name == "close":
            self.world.wait(timedelta(days=31))
            self.world.close()
        elif name == "redeem":
            self.world.redeem(which, 4_321)
        else:
            getattr(self.world, name)(which)


def numbers() -> dict[int, tuple]:
    """What each statement says, by its id."""
    lines: dict[int, list] = {}
    for statement, *line in StatementLine.objects.order_by("pk").values_list("statement", "count", "amount_fen"):
        lines.setdefault(statement, []).append(line)
    return {pk: (total, lines[pk]) for pk, total in Statement.objects.values_list("pk", "total_fen")}


def check(desk: Desk, before: dict[int, tuple]) -> None:
    assert before.items() <= numbers().items()
    assert sum(desk.world.balances().values()) == 0
    paid = {row.pk: abs(row.total_fen) for row in Statement.objects.filter(state="paid") if row.total_fen}
    payouts = Entry.objects.filter(kind="payout").values_list("source_id", "amount_fen")
    assert dict(payouts) == paid and len(payouts) == len(paid)
    assert not Statement.objects.filter(state__in=("closed", "paid"), lines__in=_disputed()).exists()
    assert set(Statement.objects.filter(state="disputed")) == {line.statement for line in _disputed()}


def _disputed():
    return StatementLine.objects.filter(disputed_at__isnull=False, settled_at=None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(steps, min_size=3, max_size=20))
def test_whatever_people_do_the_numbers_stay(world, drawn):
    with undone(world):
        desk = january(world)
        people = People(desk)
        for name, *arguments in drawn:
            before = numbers()
            with suppress(StatementError):
                live = name in ("redeem", "reverse", "refund", "close")
                (people.live if live else people.step)(name, *arguments)
            check(desk, before)
        assert list(ledger_check.problems(desk.mall)) == []
