"""The stores of a mall as arrays to draw from. Pure numpy."""

from dataclasses import dataclass

import numpy as np

from . import plan

Rows = dict[str, np.ndarray]  # arrays of one length, a row across them


@dataclass(frozen=True, slots=True)
class Places:
    """The stores of a mall as arrays. `cumulative[trade, slot]` draws a slot; `member[trade, slot]` is the store."""

    stores: list[plan.StorePlan]
    trades: list[plan.Trade]
    cumulative: np.ndarray
    member: np.ndarray
    price: np.ndarray
    trade_of: np.ndarray
    opened: np.ndarray
    closed: np.ndarray


def places(slug: str, days: int) -> Places:
    """The stores and the trades that have any. `opened` and `closed` are day numbers of a history of so many days."""
    stores = plan.stores(slug)
    present = {store.trade for store in stores}
    trades = [trade for trade in plan.trades() if trade.code in present]
    number = {trade.code: n for n, trade in enumerate(trades)}
    slots: list[list[int]] = [[] for _ in trades]
    for n, store in enumerate(stores):
        slots[number[store.trade]].append(n)
    width = max(map(len, slots))
    pulls = np.array([[stores[n].pull for n in row] + [0.0] * (width - len(row)) for row in slots])
    return Places(
        stores=stores,
        trades=trades,
        cumulative=cumulative(pulls),
        member=np.array([row + row[:1] * (width - len(row)) for row in slots]),
        price=np.array([store.price for store in stores]),
        trade_of=np.array([number[store.trade] for store in stores]),
        opened=np.array([days - store.opened if store.opened else 0 for store in stores]),
        closed=np.array([days - (store.closed or store.silent or 0) for store in stores]),
    )


def cumulative(weights: np.ndarray) -> np.ndarray:
    return np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)


def by_time(rows: Rows) -> Rows:
    order = np.argsort(rows["at"], kind="stable")
    return {name: values[order] for name, values in rows.items()}
