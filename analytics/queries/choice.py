"""What is chosen of a place by the filters of a dashboard."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from analytics.marks import Mark, marks, openings
from analytics.periods import MOST_POINTS, steps
from mallops.lib.dates import Period
from merchants.models import Category, Floor, Store

from .places import Place
from .windows import SERVED, Windows


@dataclass(frozen=True)
class Choice:
    """What the filters select: local days, the days to compare with (None: no comparison), stores, and of their
    payments those of a `channel` (`payments.models.Channel`) or `newness` (`analytics.models.Newness`), by value.
    """

    place: Place
    period: Period
    before: Period | None
    category: Category | None = None
    floor: Floor | None = None
    store: Store | None = None
    channel: str | None = None
    newness: str | None = None

    @property
    def mix(self) -> dict[str, list[str]]:
        """The condition on cells (`queries.sums`) that keeps the payments meant; none if all are."""
        picked = {"channel": self.channel, "newness": self.newness}
        return {column: [value] for column, value in picked.items() if value}

    @property
    def mixed(self) -> bool:
        """Whether only some of the payments of a store are meant: then there are figures of payments and refunds
        alone (`StoreDayMix`, `MallHourMix`)."""
        return bool(self.mix)

    @property
    def periods(self) -> list[Period]:
        return [self.period, self.before] if self.before else [self.period]

    @property
    def weekly(self) -> bool:
        """Whether charts over time draw weeks: so many days could not be told apart."""
        return self.period.days > MOST_POINTS

    @property
    def step(self) -> str:
        """The column of cells (`queries.sums`) with the last day of their step."""
        return "week" if self.weekly else "day"

    def steps(self, side: int = 0) -> list[Period]:
        """What charts over time draw as one point each, of the period or (side 1) the compared days."""
        return steps(self.periods[side], self.weekly)

    @cached_property
    def marks(self) -> list[Mark]:
        """What happened in the period, for charts over its days; of a single store also its opening and closing."""
        found = marks(self.place.mall, self.period, self.place.partner)
        return found + openings(self.stores[0], self.period) if len(self.stores) == 1 else found

    @cached_property
    def stores(self) -> list[Store]:
        found = self.place.stores_in(self.category) if self.category else self.place.stores
        if self.floor:
            found = [store for store in found if store.floor_id == self.floor.pk]
        return [store for store in found if self.store in (None, store)]

    def stores_in(self, category: Category) -> list[Store]:
        """The chosen stores in a category and all below it."""
        return [store for store in self.stores if store.category_id in self.place.below[category.pk]]

    @property
    def within(self) -> dict[str, Collection[int] | Windows]:
        """The condition on cells that keeps the stores meant; none for a whole mall."""
        if self.place.whole and not (self.category or self.floor or self.store):
            return {}
        return {"store_id": [store.pk for store in self.stores]} | self.served

    @property
    def served(self) -> dict[str, Windows]:
        """The part of `within` that holds for all stores of the place, chosen or not."""
        return {} if self.place.served is None else {SERVED: self.place.served}
