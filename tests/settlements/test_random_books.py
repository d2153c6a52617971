"""Whatever happens: the ledger sums to zero, says what the rows of coupons say, and closed months stay as they were."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mallops import ledger_check
from mallops.lib.cache import forget_compiled
from settlements import backfill
from settlements.models import Books, ClosedMonth, Entry, EntryKind, LineMessage, MonthBalance, Statement, StatementLine

pytestmark = pytest.mark.django_db

some = st.integers(0, 10**6)
steps = st.one_of(
    st.tuples(st.just("pay"), some, st.integers(1, 50_000)),
    st.tuples(st.just("pay"), some, st.integers(1, 50_000)),
    st.tuples(st.just("redeem"), some, st.integers(1, 9_999), st.timedeltas(timedelta(0), timedelta(days=20))),
    st.tuples(st.just("redeem"), some, st.integers(1, 9_999)),
    st.tuples(st.just("reverse"), some),
    st.tuples(st.just("refund"), some),
    st.tuples(st.just("expire")),
    st.tuples(st.just("close")),
    st.tuples(st.just("wait"), st.timedeltas(timedelta(hours=1), timedelta(days=30))),
)


@contextmanager
def undone(world):
    forget_compiled()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    world.__init__(world.mall, world.stores)


def check(world) -> None:
    assert list(ledger_check.problems(world.mall)) == []
    assert sum(world.balances().values()) == 0
    for month, entries in world.closed.items():
        assert world.entries(month) == entries
    assert backfill.post_missing(world.mall.pk, now=world.now) == 0


def check_posted_anew(world) -> None:
    """Posted from the rows alone, all accounts come to the same."""
    was = world.balances()
    for model in (LineMessage, StatementLine, Statement, MonthBalance, ClosedMonth, Entry):
        model.objects.all().delete()
    Books.objects.update(open_from=None)
    backfill.post_missing(world.mall.pk, now=world.now)
    assert world.balances() == was
    assert list(ledger_check.problems(world.mall)) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(steps, min_size=4, max_size=25))
def test_whatever_happens_the_books_are_right(world, drawn):
    with undone(world):
        for name, *arguments in drawn:
            getattr(world, name)(*arguments)
        check(world)
        check_posted_anew(world)


def test_steps_of_the_random_run_take_effect(world):
    world.pay()
    world.redeem(0, 9_999)
    world.reverse(0)
    world.redeem(0, 500)
    world.pay()
    world.refund(1)
    world.wait(timedelta(days=40))
    world.expire()
    world.redeem(1, 5_000, timedelta(days=38))
    world.close()
    assert len(world.closed) == 1
    posted = set(Entry.objects.values_list("kind", flat=True))
    assert {str(kind) for kind in list(EntryKind)[:6]} == posted
    check(world)
    check_posted_anew(world)
