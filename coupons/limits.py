"""Limits in the database: read for a decision, then claimed by one conditional statement."""

from collections.abc import Iterable, Sequence

from django.db import connection

from mallops.lib.sql import MAX_PARAMETERS, Writes, ask, chunks, is_any

from .engine.limits import UNLIMITED, Claim, MemoryState
from .models import LimitCounter


class StoredState(MemoryState):
    """The engine's state over LimitCounter rows. With `lock` the rows are held until the transaction ends."""

    def __init__(self, mall_id: int, *, lock: bool = False) -> None:
        super().__init__()
        self.mall_id = mall_id
        self.lock = lock

    def load(self, claims: Iterable[Claim]) -> None:
        if self.lock and connection.vendor == "postgresql":
            self.counts = self._hold({claim.key for claim in claims})
        else:
            self.counts = self._read({claim.key for claim in claims if claim.ceiling < UNLIMITED})

    def _read(self, keys: Iterable[str]) -> dict[str, int]:
        among, values = is_any("key", sorted(keys))
        table = LimitCounter._meta.db_table
        return dict(ask(f"SELECT key, used FROM {table} WHERE mall_id = %s AND {among}", [self.mall_id, values]))

    def _hold(self, keys: Iterable[str]) -> dict[str, int]:
        """Lock every counter that may be claimed, in the order in which claims take them, so that nobody who claims
        meanwhile holds one that we still need: a counter without a limit, or one that is not there yet."""
        held: dict[str, int] = {}
        for part in chunks(sorted(keys), MAX_PARAMETERS // 2):
            rows = [value for key in part for value in (self.mall_id, key)]
            with connection.cursor() as cursor:
                upsert = _upsert(part, f"(%s, %s, 0, {UNLIMITED})")
                cursor.execute(f"{upsert} SET used = counter.used RETURNING counter.key, counter.used", rows)
                held.update(cursor.fetchall())
        return held


class LimitsContended(Exception):
    """Another process claimed what a decision counted on. The transaction has to be rolled back and the decision
    made again, this time on limits that are held."""


def claim(writes: Writes, mall_id: int, claims: Iterable[Claim]) -> None:
    """Have `writes` claim all of the limits at its end, or raise LimitsContended when one has too little left.

    One INSERT ... ON CONFLICT DO UPDATE ... WHERE: the database compares and adds in one step, row by row in key
    order, so that concurrent issuers queue up and none goes over; a check constraint stands behind it.
    """
    for part in chunks(merge(claims).items(), MAX_PARAMETERS // 4):
        sql = (
            f"{_upsert(part, '(%s, %s, %s, %s)')} SET used = counter.used + excluded.used, ceiling = excluded.ceiling"
            " WHERE counter.used + excluded.used <= excluded.ceiling"
        )
        parameters = [value for key, (amount, ceiling) in part for value in (mall_id, key, amount, ceiling)]
        writes.check(sql, parameters, len(part), LimitsContended)


def _upsert(rows: Sequence, row: str) -> str:
    """Insert so many rows (mall, key, used, ceiling), or where the key is there, UPDATE."""
    return (
        f"INSERT INTO {LimitCounter._meta.db_table} AS counter (mall_id, key, used, ceiling)"
        f" VALUES {', '.join([row] * len(rows))} ON CONFLICT (mall_id, key) DO UPDATE"
    )


def merge(claims: Iterable[Claim]) -> dict[str, tuple[int, int]]:
    """The sum claimed of each key, and its ceiling, in key order."""
    sums: dict[str, tuple[int, int]] = {}
    for claimed in claims:
        sums[claimed.key] = (sums.get(claimed.key, (0, 0))[0] + claimed.amount, claimed.ceiling)
    return dict(sorted(sums.items()))
