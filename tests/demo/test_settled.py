"""A past long enough for months to be closed."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.test import override_settings

from coupons.models import Boost
from mallops.demo.load import Request, load
from mallops.ledger_check import problems
from mallops.lib.cache import forget_compiled
from merchants.models import Mall
from settlements.models import Accrual, ClosedMonth, LineMessage, Statement, StatementLine

QUIET = Request(datetime(2026, 3, 1, 12, tzinfo=UTC), days=95, seed=7, scale=0.08)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    files = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), files, transaction.atomic():
        forget_compiled()
        load(QUIET, say=lambda line: None)
        yield
        transaction.set_rollback(True)
    forget_compiled()


@pytest.fixture
def malls(demo, db):
    return list(Mall.objects.all())


def test_books_are_clean(malls):
    for mall in malls:
        assert list(problems(mall)) == []


def test_the_last_full_month_is_left_to_be_closed(malls):
    for mall in malls:
        closed = ClosedMonth.objects.filter(mall=mall).values_list("month", flat=True)
        assert list(closed) == [date(2026, 1, 1), date(2025, 12, 1)]


def test_statements_are_in_each_state(malls):
    for mall in malls:
        statements = Statement.objects.for_mall(mall)
        assert set(statements.filter(month="2025-12-01").values_list("state", flat=True)) == {"paid"}
        latest = statements.filter(month="2026-01-01")
        merchants = latest.filter(merchant__isnull=False).count()
        expected = {"draft", "disputed", "closed"} | ({"issued"} if merchants > 2 else set())  # by lot, at this scale
        assert set(latest.values_list("state", flat=True)) == expected
        assert latest.filter(provider__isnull=False).exists()


def test_a_dispute_is_talked_about_and_another_was_settled_with_an_adjustment(malls):
    for mall in malls:
        messages = LineMessage.objects.for_mall(mall).order_by("at").values_list("line__statement__month", "of_mall")
        december, january = date(2025, 12, 1), date(2026, 1, 1)
        assert list(messages) == [(december, False), (december, True), (january, False), (january, True)]
        adjustment = StatementLine.objects.for_mall(mall).get(kind="adjustment")
        assert (adjustment.statement.month, adjustment.amount_fen) == (january, 2_600)


def test_rebates_matured_wait_and_were_taken_back_and_credits_were_spent(malls):
    for mall in malls:
        states = Accrual.objects.for_mall(mall).values_list("state", flat=True)
        assert set(states) == {"pending", "matured", "clawed"}
    assert Boost.objects.exists()
