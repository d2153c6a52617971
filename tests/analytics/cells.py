"""Cells of the roll-ups, put down without a ledger."""

from datetime import date

from analytics.models import RollupDelta
from analytics.rollups import Cell, Changes, add_changes
from coupons.models import Rule, Stock
from merchants.models import Store


def put(
    store: Store, day: date, hour: int = 12, *, rule: Rule | None = None, stock: Stock | None = None,
    folded: bool = True, channel: str = "", newness: str = "", **measures: int,
) -> None:  # fmt: skip
    """Add to a cell: to the roll-ups, or, not yet `folded`, as a delta."""
    if not folded:
        RollupDelta.objects.create(mall=store.mall, store=store, day=day, hour=hour, rule=rule, stock=stock, **measures)
        return
    changes = Changes()
    changes.add(Cell(store.pk, day, hour, rule and rule.pk, stock and stock.pk, channel, newness), **measures)
    add_changes(store.mall_id, changes)
