"""Guessing codes: at most so many wrong ones per person in a sliding window."""

from django.core.cache import cache

LIMIT = 20
WINDOW = 600  # seconds


def _slots(user_id: int) -> list[str]:
    return [f"wrong-code:{user_id}:{slot}" for slot in range(LIMIT)]


def is_over(user_id: int) -> bool:
    """Whether the person typed LIMIT wrong codes within the last WINDOW seconds."""
    return len(cache.get_many(_slots(user_id))) >= LIMIT


def note_wrong(user_id: int) -> None:
    """Count a wrong code: take the first free slot. `add` takes a slot for one request only, unlike `incr`."""
    any(cache.add(slot, True, WINDOW) for slot in _slots(user_id))
