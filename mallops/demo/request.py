"""What to load, and how one hears of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from . import people

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to load: so many days up to `until`, how busy (1: as usual); the same seed makes the same payments."""

    until: datetime
    days: int = 400
    seed: int = 7
    scale: float = 1.0
    password: str = people.PASSWORD


@contextmanager
def timed(what: str, say: Say) -> Iterator[None]:
    start = time.perf_counter()
    yield
    say(f"  {what}: {time.perf_counter() - start:.1f} s")
