import threading

import pytest
from django.db import connection

from mallops.lib.ahead import ahead


def counted(threads: list, fails_at: int | None = None):
    for number in range(3):
        if number == fails_at:
            raise LookupError(number)
        threads.append((threading.current_thread().name, connection.in_atomic_block))
        yield number


@pytest.mark.django_db(transaction=True)
def test_items_are_made_in_order_by_another_thread_one_ahead():
    threads: list = []
    assert [(number, len(threads) <= number + 2) for number in ahead(counted(threads))] == [(n, True) for n in range(3)]
    assert threading.current_thread().name not in {name for name, _atomic in threads}


@pytest.mark.django_db
def test_inside_a_transaction_the_caller_makes_them():
    threads: list = []
    assert list(ahead(counted(threads))) == [0, 1, 2]
    assert {name for name, _atomic in threads} == {threading.current_thread().name}


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_reaches_the_caller():
    found = []
    with pytest.raises(LookupError):
        for number in ahead(counted([], fails_at=2)):
            found.append(number)
    assert found == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_caller_that_stops_leaves_no_thread_behind():
    before = threading.active_count()
    items = ahead(counted([]))
    assert next(items) == 0
    items.close()
    assert threading.active_count() == before
