"""Closing months: in order, once, when they are over; what comes later is booked in the next."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F

from mallops import ledger_check, pipeline
from merchants.models import AuditEntry, Mall
from settlements import books, months
from settlements.models import Books, ClosedMonth, Entry, MonthBalance, Statement
from settlements.months import CloseError
from settlements.queries.balances import trial_balance
from settlements.tasks import finish_month

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


def close(world, month, **fields):
    return months.close(mall=world.mall, month=month, by=None, now=world.now, **fields)


def refused(world, month) -> tuple[str, date | None]:
    with pytest.raises(CloseError) as error:
        close(world, month)
    return error.value.code, error.value.month


@pytest.fixture
def january(world):
    """A coupon used in January; it is 2 February."""
    world.pay()
    world.redeem(0, 9_999)
    world.wait(timedelta(days=13))
    return world


def test_a_day_is_booked_in_its_month_or_the_first_open_one():
    assert books.month_for(date(2026, 1, 31), None) == JANUARY
    assert books.month_for(date(2026, 1, 31), MARCH) == MARCH
    assert books.month_for(date(2026, 3, 31), MARCH) == MARCH


def test_a_closed_month_says_what_it_came_to(january):
    entries = list(Entry.objects.filter(month=JANUARY))
    closed = close(january, JANUARY)
    assert (closed.entries, closed.amount_fen) == (len(entries), sum(entry.amount_fen for entry in entries))
    assert Books.objects.get().open_from == FEBRUARY
    assert AuditEntry.objects.get(action="month_closed").changes == {"month": [None, "2026-01-01"]}
    assert Statement.objects.filter(month=JANUARY).count() == 2


def plain_sums(month: date | None) -> dict[int, tuple[int, int, int]]:
    """By account: what it opened with, debits and credits, entry by entry."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in Entry.objects.filter(month__lte=month or date.max):
        for account, place, sign in ((entry.debit_id, 1, -1), (entry.credit_id, 2, 1)):
            if month and entry.month < month:
                sums[account][0] += sign * entry.amount_fen
            else:
                sums[account][place] += entry.amount_fen
    return {account: tuple(fen) for account, fen in sums.items()}


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_balances_are_the_same_whatever_is_closed(january, closed):
    january.redeem(2, 500)
    january.wait(timedelta(days=60))
    for month in (JANUARY, FEBRUARY)[:closed]:
        close(january, month)
    january.redeem(1, 500, back=timedelta(days=50))
    for month in (None, JANUARY, FEBRUARY, MARCH):
        found = {row.account.pk: tuple(row[1:]) for row in trial_balance(january.mall, month)}
        assert found == plain_sums(month)


def test_of_a_closed_month_no_entry_is_read(january):
    close(january, JANUARY)
    was = trial_balance(january.mall)
    Entry.objects.filter(month=JANUARY).delete()
    assert trial_balance(january.mall) == was


def test_the_migration_keeps_months_closed_before(january):
    close(january, JANUARY)
    was = set(MonthBalance.objects.values_list("month", "account", "debits_fen", "credits_fen"))
    MonthBalance.objects.all().delete()
    import_module("settlements.migrations.0002_month_balances").keep_closed_months(apps, None)
    assert set(MonthBalance.objects.values_list("month", "account", "debits_fen", "credits_fen")) == was


def test_what_comes_later_is_booked_in_the_next_month(january):
    close(january, JANUARY)
    before = january.entries(JANUARY)
    january.redeem(2, 500, back=timedelta(days=13))  # used in January, known in February
    late = Entry.objects.filter(kind="redemption", month=FEBRUARY)
    assert [entry.day for entry in late] == [date(2026, 1, 20)] * 2  # of both payers
    january.reverse(0)
    assert january.entries(JANUARY) == before
    assert list(ledger_check.problems(january.mall)) == []


def test_nothing_to_close(world):
    assert months.to_close(world.mall) is None
    assert refused(world, JANUARY) == ("nothing_to_close", None)


def test_a_month_is_closed_once(january):
    close(january, JANUARY)
    assert refused(january, JANUARY) == ("closed_already", JANUARY)
    assert ClosedMonth.objects.count() == 1


def test_months_are_closed_in_their_order(january):
    january.wait(timedelta(days=60))
    assert refused(january, FEBRUARY) == ("out_of_order", JANUARY)
    close(january, JANUARY)
    close(january, FEBRUARY)  # in which nothing happened
    assert ClosedMonth.objects.get(month=FEBRUARY).entries == 0
    assert list(ledger_check.problems(january.mall)) == []


def test_a_month_is_over_by_the_day_of_the_mall(january):
    january.now = datetime(2026, 1, 31, 15, 59, tzinfo=UTC)  # a minute to midnight in Shanghai
    assert refused(january, JANUARY) == ("not_over", JANUARY)
    january.now += timedelta(minutes=1)
    close(january, JANUARY)


def test_a_worker_finishes_what_was_frozen(january, manager):
    months.begin(mall=january.mall, month=JANUARY, by=manager, now=january.now)
    assert months.closing(january.mall) == JANUARY and not ClosedMonth.objects.exists()
    january.wait(timedelta(days=40))
    assert refused(january, FEBRUARY) == ("still_closing", JANUARY)
    months.begin(mall=january.mall, month=JANUARY, by=manager, now=january.now)  # asked for again: begun anew
    for _ in range(2):
        finish_month.func(january.mall.pk, "2026-01-01", manager.pk)
    assert ClosedMonth.objects.get().closed_by == manager
    assert months.closing(january.mall) is None
    assert Statement.objects.filter(month=JANUARY).count() == 2


def test_finishing_what_was_not_frozen_is_refused(january):
    with pytest.raises(CloseError) as error:
        months.finish(mall=january.mall, month=JANUARY, by=None, now=january.now)
    assert error.value.code == "out_of_order"


def test_a_payment_that_read_an_older_revision_is_tried_again(january, monkeypatch):
    """The directory was read before the month was closed: booking in it is noticed at the end."""
    from merchants.queries import directory as directories
    from tests import factories

    old = directories.current(january.mall.pk)
    books.open_from(old)
    close(january, JANUARY)
    late = datetime(2026, 1, 31, 10, tzinfo=UTC)
    event = factories.payment_event(january.stores[0], paid_at=late)
    (receipt,) = pipeline.record_payments(january.mall.pk, [event], source="test", now=late, directory=old)
    assert receipt.coupons
    assert set(Entry.objects.filter(coupon__payment=receipt.id).values_list("month", flat=True)) == {FEBRUARY}
    assert list(ledger_check.problems(january.mall)) == []


def test_other_malls_are_not_touched(january):
    other = Mall.objects.create(slug="other", name_en="Other")
    close(january, JANUARY)
    assert not Books.objects.filter(mall=other).exists()


@pytest.mark.parametrize("damage", ["added", "changed", "reopened", "moved", "vanished", "sums", "lost", "early"])
def test_damage_is_found(january, damage):
    close(january, JANUARY)
    entry = Entry.objects.filter(month=JANUARY).first()
    if damage == "added":
        entry.pk, entry.source_id = None, 10**6
        entry.save()
    elif damage == "changed":
        Entry.objects.filter(pk=entry.pk).update(amount_fen=entry.amount_fen + 1)
    elif damage == "reopened":
        Books.objects.update(open_from=JANUARY)
    elif damage == "moved":
        Entry.objects.filter(pk=entry.pk).update(month=FEBRUARY, day=FEBRUARY)
    elif damage == "sums":
        MonthBalance.objects.filter(account=entry.debit).update(debits_fen=F("debits_fen") + 1)
    elif damage == "lost":
        MonthBalance.objects.filter(account=entry.debit).delete()
    elif damage == "early":
        MonthBalance.objects.filter(account=entry.debit).update(month=FEBRUARY)
    else:
        Entry.objects.filter(pk=entry.pk).delete()
    assert list(ledger_check.problems(january.mall))
