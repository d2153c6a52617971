"""Limits in the database: read for a decision, then claimed by one conditional statement."""

from collections.abc import Iterable

from django.db import connection

from .engine.limits import Claim
from .models import LimitCounter


class StoredState:
    """The engine's State over LimitCounter rows. With `lock` the rows are held until the transaction ends."""

    def __init__(self, mall_id: int, *, lock: bool = False) -> None:
        self.mall_id = mall_id
        self.lock = lock
        self.counts: dict[str, int] = {}

    def load(self, keys: Iterable[str]) -> None:
        if keys := sorted(keys):
            rows = LimitCounter.objects.for_mall(self.mall_id).filter(key__in=keys).order_by("key")
            if self.lock:
                rows = rows.select_for_update()
            self.counts = dict(rows.values_list("key", "used"))

    def used(self, key: str) -> int:
        return self.counts.get(key, 0)

    def take(self, key: str, amount: int) -> None:
        self.counts[key] = self.counts.get(key, 0) + amount


def claim(mall_id: int, claims: Iterable[Claim]) -> bool:
    """Claim all of the limits or none; False when one of them has too little left.

    One INSERT ... ON CONFLICT DO UPDATE ... WHERE: the database compares and adds in one step, row by row in key
    order, so that concurrent issuers queue up and none goes over. A claim lost takes back those won beside it.
    """
    wanted = merge(claims)
    if not wanted:
        return True
    table = LimitCounter._meta.db_table
    parameters = [value for key, (amount, ceiling) in wanted.items() for value in (mall_id, key, amount, ceiling)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (mall_id, key, used, ceiling) VALUES {', '.join(['(%s, %s, %s, %s)'] * len(wanted))}"
            " ON CONFLICT (mall_id, key) DO UPDATE"
            f" SET used = {table}.used + excluded.used, ceiling = excluded.ceiling"
            f" WHERE {table}.used + excluded.used <= excluded.ceiling RETURNING key",
            parameters,
        )
        won = {key for (key,) in cursor.fetchall()}
        if len(won) == len(wanted):
            return True
        for key in sorted(won):
            cursor.execute(
                f"UPDATE {table} SET used = used - %s WHERE mall_id = %s AND key = %s", [wanted[key][0], mall_id, key]
            )
    return False


def merge(claims: Iterable[Claim]) -> dict[str, tuple[int, int]]:
    """The sum claimed of each key, and its ceiling, in key order."""
    sums: dict[str, tuple[int, int]] = {}
    for claimed in claims:
        sums[claimed.key] = (sums.get(claimed.key, (0, 0))[0] + claimed.amount, claimed.ceiling)
    return dict(sorted(sums.items()))
