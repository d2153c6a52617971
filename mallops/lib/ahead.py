"""Read on in the database while what was read is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items (none of them None), each next one made in a thread while the caller has the one before: worth it
    where making them waits for the database, which then has a core of its own.

    The thread has a connection of its own, which cannot see what the caller's transaction wrote: inside one, the items
    are made by the caller.
    """
    if connection.in_atomic_block:
        yield from items
        return
    with ThreadPoolExecutor(1) as thread:
        try:
            coming = thread.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item
        finally:
            thread.submit(connection.close)
