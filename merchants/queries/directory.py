"""A mall's stores and categories as plain values, compiled once per revision and kept by the process."""

from dataclasses import dataclass
from datetime import date

from mallops.lib.cache import by_revision
from mallops.lib.dates import LocalClock, clock
from merchants.models import Category, Mall, Store


@dataclass(frozen=True, slots=True)
class StoreEntry:
    id: int
    code: str
    category_id: int
    merchant_id: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Directory:
    """`subtree[c]` are the ids of category c and of all below it."""

    mall_id: int
    revision: int
    time_zone: str
    clock: LocalClock
    by_code: dict[str, StoreEntry]
    by_id: dict[int, StoreEntry]
    subtree: dict[int, frozenset[int]]


def current(mall_id: int) -> Directory:
    """The directory as it stands now. Raises Mall.DoesNotExist."""
    revision, time_zone = Mall.objects.values_list("revision", "time_zone").get(pk=mall_id)
    return at_revision(mall_id, revision, time_zone)


@by_revision
def at_revision(mall_id: int, revision: int, time_zone: str) -> Directory:
    stores = [
        StoreEntry(*row)
        for row in Store.objects.filter(mall=mall_id).values_list("id", "code", "category", "merchant", "closed_on")
    ]
    return Directory(
        mall_id=mall_id,
        revision=revision,
        time_zone=time_zone,
        clock=clock(time_zone),
        by_code={store.code: store for store in stores},
        by_id={store.id: store for store in stores},
        subtree=subtrees(dict(Category.objects.filter(mall=mall_id).values_list("id", "parent"))),
    )


def subtrees(parents: dict[int, int | None]) -> dict[int, frozenset[int]]:
    """From each category's parent, the category itself and all below it."""
    members: dict[int, set[int]] = {category: {category} for category in parents}
    for category in parents:
        ancestor = parents[category]
        while ancestor is not None and category not in members[ancestor]:
            members[ancestor].add(category)
            ancestor = parents[ancestor]
    return {category: frozenset(below) for category, below in members.items()}
