"""How much people pay and how, and what they bring back. Pure numpy."""

from collections.abc import Callable
from datetime import date, datetime

import numpy as np

from . import plan
from .places import Places, Rows, by_time, places


def amounts(mall, where: Places, stops: Rows, dates: list[date], rng) -> np.ndarray:
    """Log-normal by trade, store and shopper, in fen, with the endings that prices of the trade have."""
    trade, store, shopper = stops["trade"], stops["store"], stops["shopper"]
    ticket = np.array([kind.ticket for kind in where.trades])[trade] * where.price[store] * mall.price_level
    spread = np.array([kind.spread for kind in where.trades])[trade]
    generous = rng.lognormal(0, 0.15, shopper.max(initial=0) + 1)[shopper]
    yuan = ticket * generous * rng.lognormal(0, 1, len(trade)) ** spread
    parties = np.array([1.12 if day.weekday() >= 5 else 1.0 for day in dates])
    yuan *= parties[stops["day"]]
    fen = np.empty(len(trade), dtype=np.int64)
    ending = np.array([kind.ending for kind in where.trades])[trade]
    for name, end in ENDINGS.items():
        fen[ending == name] = end(yuan[ending == name], rng)
    return np.maximum(fen, 100)


def _exact(yuan: np.ndarray, rng) -> np.ndarray:
    return np.round(yuan * 100)


def _tenth(yuan: np.ndarray, rng) -> np.ndarray:
    return np.round(yuan * 2) * 50 - 10 * (rng.random(len(yuan)) < 0.5)


def _whole(yuan: np.ndarray, rng) -> np.ndarray:
    return np.round(yuan) * 100


def _nine(yuan: np.ndarray, rng) -> np.ndarray:
    step = np.where(yuan >= 1000, 100, 10)
    priced = (yuan // step) * step + step - 1
    member_price = rng.random(len(yuan)) < 0.25
    return np.where(member_price, np.round(yuan * 0.9 * 10) * 10, priced * 100)


def _tickets(yuan: np.ndarray, rng) -> np.ndarray:
    return (np.round(yuan) * 100 - 10) * rng.choice([1, 2, 2, 2, 3, 4], len(yuan))


ENDINGS: dict[str, Callable] = {
    "exact": _exact, "tenth": _tenth, "whole": _whole, "nine": _nine, "tickets": _tickets,
}  # fmt: skip


def channels(mall, shopper: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """How each pays: people keep to their channel four times in five. Some channels do not know who paid."""
    names, shares = list(mall.channels), np.cumsum(list(mall.channels.values()))
    habit = rng.random(shopper.max(initial=0) + 1)
    drawn = np.where(rng.random(len(shopper)) < 0.8, habit[shopper], rng.random(len(shopper)))
    channel = np.searchsorted(shares, drawn * shares[-1])
    unknown = np.array([mall.unknown.get(name, 0.0) for name in names])[channel]
    return np.array(names)[channel], np.where(rng.random(len(shopper)) < unknown, -1, shopper)


def make_refunds(mall: plan.MallPlan, payments: Rows, *, until: datetime, seed: int) -> Rows:
    """Refunds of these payments, by time: `payment` (its row), `at` (epoch seconds), `amount_fen`.

    Food comes back within the hour or not at all, clothes after days; three in four are refunded in full.
    """
    rng = np.random.default_rng([seed, 1, *mall.slug.encode()])
    where = places(mall.slug, 1)
    trade = where.trade_of[payments["store"]]
    often = np.array([kind.refund_bp for kind in where.trades])[trade]
    row = np.flatnonzero(rng.random(len(trade)) * 10_000 < often)
    at_once = np.array([kind.parent == "food" for kind in where.trades])[trade[row]]
    later = rng.geometric(0.3, len(row)) * 86_400 + rng.integers(-7_200, 7_200, len(row))
    at = payments["at"][row] + np.where(at_once, rng.integers(900, 5_400, len(row)), later)
    paid = payments["amount_fen"][row]
    part = np.maximum(np.round(paid * rng.uniform(0.2, 0.8, len(row)) / 100) * 100, 100).astype(np.int64)
    amount = np.where((rng.random(len(row)) < 0.75) | (part >= paid), paid, part)
    soon = at < until.timestamp()
    return by_time({"payment": row[soon], "at": at[soon], "amount_fen": amount[soon]})
