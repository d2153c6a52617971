"""Compiled configuration, kept by the process until the mall's revision moves on."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Value = TypeVar("Value")
_kept: list[dict] = []


def by_revision(compile_: Callable[..., Value]) -> Callable[..., Value]:
    """Keep the newest result of `compile_(mall_id, revision, ...)` for each mall."""
    newest: dict[int, tuple[int, Value]] = {}
    _kept.append(newest)

    @wraps(compile_)
    def look_up(mall_id: int, revision: int, *args) -> Value:
        found = newest.get(mall_id)
        if found is None or found[0] != revision:
            found = newest[mall_id] = (revision, compile_(mall_id, revision, *args))
        return found[1]

    return look_up


def forget_compiled() -> None:
    """For tests, whose databases start their numbers anew."""
    for newest in _kept:
        newest.clear()
