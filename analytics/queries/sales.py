"""Sales and coupon counts of the chosen stores: by day, by store, by hour."""

from dataclasses import dataclass

from analytics.metrics import Sums, add, measures_of
from analytics.models import MallHour, StoreDay, StoreHour

from .places import Choice
from .sums import Cells, of_side, sums

SHOWN = (
    "net_sales", "transactions", "average_ticket", "refund_rate", "issued", "redeemed", "redemption_rate"
)  # fmt: skip


@dataclass(frozen=True)
class Sales:
    """`days` by (side, day), `stores` by (side, store id); side 0 is the period, side 1 what it is compared with."""

    days: Cells
    stores: Cells

    @property
    def now(self) -> Cells:
        """The days of the period on which anything happened."""
        return of_side(self.days, 0)

    def total(self, side: int = 0) -> Sums:
        return add(of_side(self.days, side).values())

    def of_stores(self, store_ids, side: int = 0) -> Sums:
        return add(self.stores.get((side, pk), {}) for pk in store_ids)


def sales(choice: Choice) -> Sales:
    """From one statement, so that days, stores and totals agree to the fen."""
    days, stores = sums(
        mall_id=choice.place.mall.pk,
        model=StoreDay,
        periods=choice.periods,
        groupings=[("day",), ("store_id",)],
        measures=measures_of(SHOWN),
        within=choice.within,
    )
    return Sales(days, stores)


def hours(choice: Choice) -> Cells:
    """Net sales of the period by (0, day, hour)."""
    (found,) = sums(
        mall_id=choice.place.mall.pk,
        model=StoreHour if choice.within else MallHour,
        periods=[choice.period],
        groupings=[("day", "hour")],
        measures=measures_of(["net_sales"]),
        within=choice.within,
    )
    return found
