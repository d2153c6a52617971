"""Compiled configuration, kept by the process until the mall's revision moves on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TypeVar

Value = TypeVar("Value")
_kept: list[dict] = []
_keeping: ContextVar[bool] = ContextVar("keeping", default=True)


def by_revision(compile_: Callable[..., Value]) -> Callable[..., Value]:
    """Keep the newest result of `compile_(mall_id, revision, ...)` for each mall."""
    newest: dict[int, tuple[int, Value]] = {}
    _kept.append(newest)

    @wraps(compile_)
    def look_up(mall_id: int, revision: int, *args) -> Value:
        found = newest.get(mall_id)
        if found is None or found[0] != revision:
            found = (revision, compile_(mall_id, revision, *args))
            if _keeping.get():
                newest[mall_id] = found
        return found[1]

    return look_up


def remembered() -> dict:
    """A dict of the process that `forget_compiled` empties too."""
    _kept.append(found := {})
    return found


@contextmanager
def not_kept() -> Iterator[None]:
    """What is compiled inside is not kept: it may have read what is rolled back, under a revision used again."""
    token = _keeping.set(False)
    try:
        yield
    finally:
        _keeping.reset(token)


def forget_compiled() -> None:
    """For tests, whose databases start their numbers anew."""
    for newest in _kept:
        newest.clear()
