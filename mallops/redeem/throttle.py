"""Guessing codes: at most so many wrong ones in a sliding window, by who guesses and by the store it is done at."""

import logging

from django.core.cache import cache

logger = logging.getLogger("mallops.redeem")
WRONG = frozenset({"mistyped", "forged", "unknown_code"})  # refusals that a guess brings about
WINDOW = 600  # seconds
LIMIT = 20  # of a person, or of a credential at one store
STORE_LIMIT = 60  # of a store, whoever is at its counters


def limits(who: str, store_id: int | None) -> dict[str, int]:
    """What a guess counts against. `who` is such as `user:5` or `api:7@12`."""
    return {who: LIMIT} | ({f"store:{store_id}": STORE_LIMIT} if store_id else {})


def is_over(who: str, store_id: int | None = None) -> bool:
    """Whether too many wrong codes came within the last WINDOW seconds."""
    slots = {key: _slots(key, limit) for key, limit in limits(who, store_id).items()}
    taken = cache.get_many([slot for each in slots.values() for slot in each])
    return any(all(slot in taken for slot in each) for each in slots.values())


def note_wrong(who: str, store_id: int | None, code: str) -> None:
    """Count a wrong code, and say so in the log.

    Each takes the first free slot: `add` takes one for a single request only, unlike `incr`.
    """
    logger.warning("%s: a coupon code refused as %s at store %s", who, code, store_id)
    for key, limit in limits(who, store_id).items():
        any(cache.add(slot, True, WINDOW) for slot in _slots(key, limit))


def _slots(key: str, limit: int) -> list[str]:
    return [f"wrong-code:{key}:{slot}" for slot in range(limit)]
