"""Limits in the database: read for a decision, then claimed by one conditional statement."""

from collections.abc import Iterable

from django.db import connection

from mallops.lib.sql import MAX_PARAMETERS, Writes, chunks, is_any

from .engine.limits import Claim
from .models import LimitCounter


class StoredState:
    """The engine's State over LimitCounter rows. With `lock` the rows are held until the transaction ends."""

    def __init__(self, mall_id: int, *, lock: bool = False) -> None:
        self.mall_id = mall_id
        self.lock = lock
        self.counts: dict[str, int] = {}

    def load(self, keys: Iterable[str]) -> None:
        among, values = is_any("key", sorted(keys))
        lock = "FOR UPDATE" if self.lock and connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT key, used FROM {LimitCounter._meta.db_table}"
                f" WHERE mall_id = %s AND {among} ORDER BY key {lock}",
                [self.mall_id, values],
            )
            self.counts = dict(cursor.fetchall())

    def used(self, key: str) -> int:
        return self.counts.get(key, 0)

    def take(self, key: str, amount: int) -> None:
        self.counts[key] = self.counts.get(key, 0) + amount


class LimitsContended(Exception):
    """Another process claimed what a decision counted on. The transaction has to be rolled back and the decision
    made again, this time on limits that are held."""


def claim(writes: Writes, mall_id: int, claims: Iterable[Claim]) -> None:
    """Have `writes` claim all of the limits at its end, or raise LimitsContended when one has too little left.

    One INSERT ... ON CONFLICT DO UPDATE ... WHERE: the database compares and adds in one step, row by row in key
    order, so that concurrent issuers queue up and none goes over; a check constraint stands behind it.
    """
    table = LimitCounter._meta.db_table
    for part in chunks(merge(claims).items(), MAX_PARAMETERS // 4):
        sql = (
            f"INSERT INTO {table} (mall_id, key, used, ceiling) VALUES {', '.join(['(%s, %s, %s, %s)'] * len(part))}"
            " ON CONFLICT (mall_id, key) DO UPDATE"
            f" SET used = {table}.used + excluded.used, ceiling = excluded.ceiling"
            f" WHERE {table}.used + excluded.used <= excluded.ceiling"
        )
        parameters = [value for key, (amount, ceiling) in part for value in (mall_id, key, amount, ceiling)]
        writes.check(sql, parameters, len(part), LimitsContended)


def merge(claims: Iterable[Claim]) -> dict[str, tuple[int, int]]:
    """The sum claimed of each key, and its ceiling, in key order."""
    sums: dict[str, tuple[int, int]] = {}
    for claimed in claims:
        sums[claimed.key] = (sums.get(claimed.key, (0, 0))[0] + claimed.amount, claimed.ceiling)
    return dict(sorted(sums.items()))
