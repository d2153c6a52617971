"""How often a key may call: so many requests in each minute of the clock, over all processes.

A process claims requests of a minute in blocks, each by one conditional UPDATE, and hands them out itself: a busy till
costs the database one statement in a twentieth of its limit, and all processes together never hand out more than that.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db import connection

from mallops.lib.cache import remembered

BLOCKS = 20  # of a minute's requests
_lock = Lock()
_shares: dict[int, "Share"] = remembered()


@dataclass(slots=True)
class Share:
    """What this process holds of one minute: `left` to hand out, `used` claimed by all processes as far as it knows."""

    minute: datetime
    left: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller is told: of `limit` requests a minute so many remain, and begin anew in `reset` seconds."""

    limit: int
    remaining: int
    reset: int
    is_over: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Of the IETF draft on rate limit header fields, in its widely used form."""
        told = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": self.remaining, "RateLimit-Reset": self.reset}
        if self.is_over:
            told["Retry-After"] = self.reset
        return {name: str(value) for name, value in told.items()}


def take(credential_id: int, limit: int, *, now: datetime) -> Allowance:
    """Count a request of a key that may make `limit` a minute."""
    minute = now.replace(second=0, microsecond=0)
    reset = 60 - now.second
    with _lock:
        share = _shares.get(credential_id)
        if share is None or share.minute != minute:
            share = _shares[credential_id] = Share(minute)
        if not share.left and not _claim(share, credential_id, limit, now):
            return Allowance(limit, 0, reset, is_over=True)
        share.left -= 1
        return Allowance(limit, max(limit - share.used + share.left, 0), reset)


def _claim(share: Share, credential_id: int, limit: int, now: datetime) -> bool:
    """A block of the minute, smaller if less is left; notes that the key was used."""
    if share.used >= limit:
        return False
    block = max(limit // BLOCKS, 1)
    for wanted in (block, 1) if block > 1 else (1,):
        used = _update(credential_id, share.minute, wanted, limit, now)
        if used is not None:
            share.used, share.left = used, wanted
            return True
    share.used = limit
    return False


def _update(credential_id: int, minute: datetime, wanted: int, limit: int, now: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE merchants_apicredential SET last_used_at = %s, window_at = %s,"
            " window_used = CASE WHEN window_at = %s THEN window_used + %s ELSE %s END"
            " WHERE id = %s AND CASE WHEN window_at = %s THEN window_used + %s ELSE %s END <= %s"
            " RETURNING window_used",
            [now, minute, minute, wanted, wanted, credential_id, minute, wanted, wanted, limit],
        )
        row = cursor.fetchone()
    return row and row[0]
