"""What makes loading quick without changing what is loaded."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from mallops.lib.garbage import without_gc
from merchants.models import User

SETTINGS = {
    "sqlite": (
        ("PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -200000", "PRAGMA wal_autocheckpoint = 20000"),
        ("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -32768",
         "PRAGMA wal_autocheckpoint = 1000"),
    ),
    "postgresql": (("SET synchronous_commit = off",), ("RESET synchronous_commit",)),
}  # fmt: skip


@contextmanager
def swiftly() -> Iterator[None]:
    with ExitStack() as stack:
        for saving in (without_gc, _no_query_log, _no_log, _lazy_commits):
            stack.enter_context(saving())
        yield


@contextmanager
def _no_query_log() -> Iterator[None]:
    """With DEBUG on, Django keeps the text of every statement with its values: half of the loading time."""
    debug, settings.DEBUG = settings.DEBUG, False
    try:
        yield
    finally:
        settings.DEBUG = debug


@contextmanager
def _no_log() -> Iterator[None]:
    """Notices go to the log by hundreds."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def _lazy_commits() -> Iterator[None]:
    """A commit need not wait for the disk: a load that the power cut short begins anew. On SQLite neither side leaves
    a broken database behind; there the pages written again and again also stay in memory."""
    if connection.in_atomic_block:  # SQLite would refuse
        yield
        return
    lazy, strict = SETTINGS[connection.vendor]
    _execute(lazy)
    try:
        yield
    finally:
        _execute(strict)


def _execute(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def analyze() -> None:
    """Tell the query planner how large the tables have grown."""
    _execute(["ANALYZE"])


@dataclass(frozen=True, slots=True)
class Analysis:
    """The planner is told, on a day."""

    day: date

    def make(self, *, by: User) -> None:
        analyze()
