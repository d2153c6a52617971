"""Sales and coupon counts of the chosen stores: by day, by store, by hour.

Of some channel or newness there are measures of payments and refunds only (`analytics.rollups.PAID`): all others are
None in each cell, and what is made of them has no value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.metrics import Sums, add, measures_of
from analytics.models import MallHour, MallHourMix, StoreDay, StoreDayMix, StoreHour
from analytics.rollups import PAID

from .choice import Choice
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
        return {key: row for key, row in of_side(self.days, 0).items() if any(row.values())}

    def total(self, side: int = 0) -> Sums:
        return add(of_side(self.days, side).values())

    def of_stores(self, store_ids, side: int = 0) -> Sums:
        return add(self.stores.get((side, pk), {}) for pk in store_ids)


def sales(choice: Choice, keys: Sequence[str] = SHOWN) -> Sales:
    """What some metrics need, from one statement, so that days, stores and totals agree to the fen."""
    measures = measures_of(keys)
    days, stores = sums(
        mall_id=choice.place.mall.pk,
        model=of_days(choice),
        periods=choice.periods,
        groupings=[("day",), ("store_id",)],
        measures=_known(choice, measures),
        within=choice.within | choice.mix,
    )
    if choice.mixed:
        sides = list(enumerate(choice.periods))
        days = _with_unknown(days, measures, ((side, day) for side, period in sides for day in period))
        stores = _with_unknown(stores, measures, ((side, store.pk) for side, _ in sides for store in choice.stores))
    return Sales(days, stores)


def hours(choice: Choice, keys: Sequence[str] = ("net_sales",), *, compared: bool = False) -> Cells:
    """What some metrics need of the period, and if `compared` of the compared days, by (side, day, hour).

    Nothing where the hours are not known (`knows_hours`).
    """
    if not knows_hours(choice):
        return {}
    measures = measures_of(keys)
    (found,) = sums(
        mall_id=choice.place.mall.pk,
        model=_of_hours(choice),
        periods=choice.periods if compared else [choice.period],
        groupings=[("day", "hour")],
        measures=_known(choice, measures),
        within=choice.within | choice.mix,
    )
    return _with_unknown(found, measures, found) if choice.mixed else found


def by_newness(choice: Choice, keys: Sequence[str] = ("net_sales", "transactions")) -> Cells:
    """What some metrics of payments and refunds need, by (side, newness)."""
    (found,) = sums(
        mall_id=choice.place.mall.pk,
        model=StoreDayMix,
        periods=choice.periods,
        groupings=[("newness",)],
        measures=measures_of(keys),
        within=choice.within | choice.mix,
    )
    return found


def knows_hours(choice: Choice) -> bool:
    """By channel and newness, hours are kept of the whole mall only."""
    return not (choice.mixed and choice.within)


def of_days(choice: Choice) -> type[StoreDay | StoreDayMix]:
    """The roll-up that has the days of what is chosen."""
    return StoreDayMix if choice.mixed else StoreDay


def _of_hours(choice: Choice) -> type[MallHour | StoreHour | MallHourMix]:
    if choice.mixed:
        return MallHourMix
    return StoreHour if choice.within else MallHour


def _known(choice: Choice, measures: Sequence[str]) -> tuple[str, ...]:
    return tuple(measure for measure in measures if measure in PAID or not choice.mixed)


def _with_unknown(cells: Cells, measures: Sequence[str], keys: Iterable[tuple]) -> Cells:
    """A cell for each key with all measures: what is not kept is None, what did not happen 0."""
    nothing = {measure: 0 if measure in PAID else None for measure in measures}
    return {key: nothing | cells.get(key, {}) for key in keys}
