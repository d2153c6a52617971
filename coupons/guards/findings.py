"""What a guard hands back."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """What speaks against a shopper.

    `evidence` is JSON: `what` kind of facts, their `ids`, and the rest that the guard's sentence needs. It takes
    `enough` facts to make a finding; those a person has judged before do not count again.
    """

    guard: str
    shopper_id: int
    evidence: dict[str, Any]
    enough: int


def with_enough(rows: Iterable[tuple[Any, int]], enough: int) -> dict[Any, list[int]]:
    """Pairs of a key (such as a shopper) and the id of a fact, gathered; keys with fewer facts are left out."""
    gathered: dict[Any, set[int]] = {}
    for key, fact in rows:
        gathered.setdefault(key, set()).add(fact)
    return {key: sorted(facts) for key, facts in gathered.items() if len(facts) >= enough}
