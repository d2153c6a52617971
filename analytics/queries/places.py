"""What a dashboard is about: a mall, and those of its stores whose figures may be shown there."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from analytics.marks import Partner
from merchants import access
from merchants.choices import Capability
from merchants.models import Agreement, Category, Floor, Mall, Merchant, ServiceProvider, Store
from merchants.queries.directory import subtrees

from .windows import Windows


@dataclass(frozen=True)
class Place:
    """`stores` are all that may be shown, with floor and category; `whole` if they are all of the mall. `partner` is
    the merchant or provider whose page it is. `served` are the days on which figures of a store may be shown, if not
    all are."""

    mall: Mall
    stores: list[Store]
    whole: bool = False
    partner: Partner | None = None
    served: Windows | None = None

    @cached_property
    def categories(self) -> list[Category]:
        """The mall's tree, each parent before its children; for a part of the mall, only what its stores need."""
        by_parent: dict[int | None, list[Category]] = {}
        for category in Category.objects.filter(mall=self.mall).order_by("position", "code"):
            by_parent.setdefault(category.parent_id, []).append(category)
        tree = list(_walk(by_parent, None, 0))
        if self.whole:
            return tree
        used = {store.category_id for store in self.stores}
        below = subtrees({category.pk: category.parent_id for category in tree})
        return [category for category in tree if used & below[category.pk]]

    @cached_property
    def below(self) -> dict[int, frozenset[int]]:
        """Ids of each category with all below it."""
        shown = {category.pk for category in self.categories}
        return subtrees({c.pk: c.parent_id if c.parent_id in shown else None for c in self.categories})

    @cached_property
    def floors(self) -> list[Floor]:
        found = {store.floor for store in self.stores if store.floor}
        return sorted(found, key=lambda floor: floor.level)

    def stores_in(self, category: Category) -> list[Store]:
        return [store for store in self.stores if store.category_id in self.below[category.pk]]

    def above(self, category: Category) -> list[Category]:
        """The ancestors, from the top."""
        return [one for one in self.categories if category.pk in self.below[one.pk] and one != category]

    def part(self, stores: list[Store]) -> "Place":
        """The same mall, with some of the stores."""
        return Place(self.mall, stores, partner=self.partner, served=self.served)

    def branches(self, root: Category | None = None) -> list[Category]:
        """The categories directly below one; without one, the tops of the tree."""
        return [category for category in self.categories if category.parent_id == (root.pk if root else None)]

    def branch_of(self, root: Category | None = None) -> dict[int, Category]:
        """For each category id below `root`, the branch that it is in; stores right at `root` are in `root`."""
        found = {root.pk: root} if root else {}
        for branch in self.branches(root):
            found |= dict.fromkeys(self.below[branch.pk], branch)
        return found


def _walk(by_parent: dict[int | None, list[Category]], parent: int | None, depth: int) -> Iterable[Category]:
    for category in by_parent.get(parent, ()):
        category.depth = depth
        yield category
        yield from _walk(by_parent, category.pk, depth + 1)


def _stores(condition: Q) -> list[Store]:
    return list(Store.objects.filter(condition).select_related("category", "floor").order_by("code"))


def of_mall(mall: Mall) -> Place:
    return Place(mall, _stores(Q(mall=mall)), whole=True)


def stores_of(category: Category) -> list[Store]:
    """The stores right in a category."""
    return _stores(Q(mall=category.mall_id, category=category))


def of_store(mall: Mall, code: str) -> Place | None:
    """One store of a mall; None if there is none with the code."""
    stores = _stores(Q(mall=mall, code=code))
    return Place(mall, stores) if stores else None


def of_merchant(merchant: Merchant) -> Place:
    return Place(merchant.mall, _stores(Q(merchant=merchant)), partner=merchant)


def of_provider(provider: ServiceProvider) -> Place:
    """The stores of the provider's agreements running today, none while it is suspended; their figures only of days
    within an agreement with the store, running or over."""
    stores = _stores(access.stores_served(provider))
    served: dict[int, list] = {store.pk: [] for store in stores}
    for store_id, *days in provider.agreements.filter(store__in=served).values_list("store", "from_day", "until_day"):
        served[store_id].append(tuple(days))
    return Place(provider.mall, stores, partner=provider, served=served)


def capabilities(provider: ServiceProvider) -> dict[int, str]:
    """Store id -> what the provider does there today, in words."""
    rows = Agreement.objects.filter(access.running(provider.mall), provider=provider).order_by("capability")
    found: dict[int, list[str]] = {}
    for store_id, capability in rows.values_list("store", "capability"):
        words = found.setdefault(store_id, [])
        if (label := str(Capability(capability).label)) not in words:
            words.append(label)
    return {store_id: _(", ").join(words) for store_id, words in found.items()}
