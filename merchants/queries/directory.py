"""A mall's stores and categories as plain values, compiled once per revision and kept by the process."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from mallops.lib import spans
from mallops.lib.cache import by_revision
from mallops.lib.dates import LocalClock, clock
from merchants.choices import AgreementState
from merchants.models import Agreement, Category, Mall, Store


@dataclass(frozen=True, slots=True)
class StoreEntry:
    id: int
    code: str
    category_id: int
    merchant_id: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Directory:
    """`subtree[c]` are the ids of category c and of all below it; `served[p]` the confirmed agreements of provider p as
    store, from, until (excluded); `category_of` the category of each store."""

    mall_id: int
    revision: int
    time_zone: str
    clock: LocalClock
    by_code: dict[str, StoreEntry]
    by_id: dict[int, StoreEntry]
    subtree: dict[int, frozenset[int]]
    served: dict[int, tuple[tuple[int, date, date | None], ...]]
    category_of: dict[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "category_of", {store.id: store.category_id for store in self.by_id.values()})

    def below(self, categories: Iterable[int]) -> frozenset[int]:
        """Ids of the categories and of all below them."""
        return frozenset().union(*(self.subtree.get(chosen, ()) for chosen in categories))

    def stores_in(self, stores: Iterable[int] = (), categories: Iterable[int] = ()) -> frozenset[int]:
        """The stores, and those of the categories or below them, closed ones included."""
        below = self.below(categories)
        return frozenset(stores).union(store for store, category in self.category_of.items() if category in below)

    def served_by(self, provider_id: int, day: date) -> frozenset[int]:
        """Ids of the stores with an agreement with the provider in force on a local day."""
        return frozenset(
            store_id
            for store_id, from_day, until_day in self.served.get(provider_id, ())
            if spans.covers(from_day, until_day, day)
        )


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
        served=agreements(mall_id),
    )


def agreements(mall_id: int) -> dict[int, tuple[tuple[int, date, date | None], ...]]:
    found: dict[int, list] = {}
    confirmed = Agreement.objects.filter(mall=mall_id, state=AgreementState.CONFIRMED)
    rows = confirmed.values_list("provider", "store", "from_day", "until_day")
    for provider_id, *agreement in rows:
        found.setdefault(provider_id, []).append(tuple(agreement))
    return {provider_id: tuple(rows) for provider_id, rows in found.items()}


def subtrees(parents: dict[int, int | None]) -> dict[int, frozenset[int]]:
    """From each category's parent, the category itself and all below it."""
    members: dict[int, set[int]] = {category: {category} for category in parents}
    for category in parents:
        ancestor = parents[category]
        while ancestor is not None and category not in members[ancestor]:
            members[ancestor].add(category)
            ancestor = parents[ancestor]
    return {category: frozenset(below) for category, below in members.items()}
