"""Who pays how much, where and when: a seeded crowd of shoppers on their trips through a mall. Pure numpy.

A trip begins at some trade by the hour and the season, at a favourite store as often as not, and may go on: a
hotpot raises the odds of a dessert within two hours. Rows come out ordered by time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from . import plan, rhythm

FAVOURITE = 0.55  # how often a shopper goes to the favourite store of a trade
HOPS = 3  # a trip touches at most this many stores after the first


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
        cumulative=_cumulative(pulls),
        member=np.array([row + row[:1] * (width - len(row)) for row in slots]),
        price=np.array([store.price for store in stores]),
        trade_of=np.array([number[store.trade] for store in stores]),
        opened=np.array([days - store.opened if store.opened else 0 for store in stores]),
        closed=np.array([days - store.closed if store.closed else days for store in stores]),
    )


def make_payments(
    mall: plan.MallPlan, *, last_day: date, days: int, until: datetime, scale: float, seed: int
) -> pd.DataFrame:
    """The payments of so many local days up to `until`, by time.

    Columns: `at` (seconds since the epoch), `store` (place in `plan.stores`), `shopper` (number, -1: unknown),
    `channel`, `amount_fen`.
    """
    rng = np.random.default_rng([seed, *mall.slug.encode()])
    dates = [last_day - timedelta(days=days - 1 - n) for n in range(days)]
    where = places(mall.slug, days)
    trips = _first_stops(mall, where, dates, scale, rng)
    trips["shopper"] = _shoppers(mall, trips["day"], days, scale, rng)
    stops = _go_on(where, trips, rng)
    stops["store"] = _choose_stores(where, stops, rng)
    stops["amount_fen"] = _amounts(mall, where, stops, dates, rng)
    stops["channel"], stops["shopper"] = _channels(mall, stops["shopper"], rng)
    stops["at"] = _morning(mall.time_zone, dates)[stops["day"]] + (stops["minute"] * 60).astype(int)
    there = (where.opened[stops["store"]] <= stops["day"]) & (stops["day"] < where.closed[stops["store"]])
    there &= stops["at"] < until.timestamp()
    frame = pd.DataFrame({name: stops[name][there] for name in ("at", "store", "shopper", "channel", "amount_fen")})
    return frame.sort_values("at", kind="stable", ignore_index=True)


def _first_stops(mall, where: Places, dates: list[date], scale: float, rng) -> dict[str, np.ndarray]:
    """Where and when trips begin: Poisson counts of each day, hour and trade."""
    trades = where.trades
    hours = rhythm.hour_table([trade.rhythm for trade in trades])
    draw = np.array([trade.draw for trade in trades])
    weekend = np.array([trade.weekend / 1.45 for trade in trades])
    crowd = np.array([rhythm.crowd_factor(day, mall.holidays) for day in dates])
    crowd = crowd * np.linspace(0.94, 1.06, len(dates)) * rng.lognormal(0, 0.06, len(dates))
    by_trade = np.array(
        [[rhythm.season_factor(trade.season, day, mall.holidays) for trade in trades] for day in dates]
    )
    by_trade[[day.weekday() >= 5 for day in dates]] *= weekend
    expected = crowd[:, None, None] * (by_trade * draw / draw.sum())[:, :, None] * hours[None]
    counts = rng.poisson(expected * mall.visits_a_day * scale)
    day, trade, hour = (np.repeat(index, counts.ravel()) for index in np.indices(counts.shape).reshape(3, -1))
    minute = (hour + rhythm.FIRST_HOUR) * 60 + rng.random(len(hour)) * 60
    return {"day": day, "trade": trade, "minute": minute}


def _shoppers(mall, day: np.ndarray, days: int, scale: float, rng) -> np.ndarray:
    """A few come every week, many once: low numbers are regulars. The circle of people grows with the days."""
    circle = max(20, mall.shoppers * min(scale * days / 200, 1)) * (0.6 + 0.4 * (day + 1) / days)
    return (circle * ((rng.random(len(day)) + 0.06) / 1.06) ** 2.2).astype(int)


def _go_on(where: Places, trips: dict[str, np.ndarray], rng) -> dict[str, np.ndarray]:
    """The trips with the stops that follow the first."""
    roam = np.array([trade.roam for trade in where.trades])
    next_trade = _roam_table(where.trades)
    stops, last = [trips], trips
    for hop in range(HOPS):
        goes = rng.random(len(last["day"])) < roam[last["trade"]] * (1.0 if hop == 0 else 0.6)
        last = {name: values[goes] for name, values in last.items()}
        minute = last["minute"] + 18 + rng.gamma(2.0, 22.0, len(last["day"]))
        hour = (minute // 60).astype(int) - rhythm.FIRST_HOUR
        awake = hour < next_trade.shape[1]
        last = {name: values[awake] for name, values in last.items()} | {"minute": minute[awake]}
        last["trade"] = _draw(next_trade[last["trade"], hour[awake]], rng)
        stops.append(last)
    return {name: np.concatenate([part[name] for part in stops]) for name in trips}


def _roam_table(trades: list[plan.Trade]) -> np.ndarray:
    """[trade, hour, next trade]: cumulative odds; a trade that sleeps at that hour draws nobody."""
    number = {trade.code: n for n, trade in enumerate(trades)}
    odds = np.full((len(trades), len(trades)), 0.02)
    for start, targets in plan.roams().items():
        for target, weight in targets.items():
            if start in number and target in number:
                odds[number[start], number[target]] = weight
    awake = rhythm.hour_table([trade.rhythm for trade in trades]).T > 0.005
    awake[-1] |= ~awake.any(axis=1)[-1]
    return _cumulative(odds[:, None, :] * awake[None])


def _choose_stores(where: Places, stops: dict[str, np.ndarray], rng) -> np.ndarray:
    trade, shopper = stops["trade"], stops["shopper"]
    tastes = rng.random((shopper.max(initial=0) + 1, len(where.trades)))
    loyal = rng.random(len(trade)) < FAVOURITE
    drawn = np.where(loyal, tastes[shopper, trade], rng.random(len(trade)))
    slot = (drawn[:, None] > where.cumulative[trade]).sum(axis=1)
    return where.member[trade, slot]


def _amounts(mall, where: Places, stops: dict[str, np.ndarray], dates: list[date], rng) -> np.ndarray:
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


def _channels(mall, shopper: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """How each pays: people keep to their channel four times in five. Some channels do not know who paid."""
    names, shares = list(mall.channels), np.cumsum(list(mall.channels.values()))
    habit = rng.random(shopper.max(initial=0) + 1)
    drawn = np.where(rng.random(len(shopper)) < 0.8, habit[shopper], rng.random(len(shopper)))
    channel = np.searchsorted(shares, drawn * shares[-1])
    unknown = np.array([mall.unknown.get(name, 0.0) for name in names])[channel]
    return np.array(names)[channel], np.where(rng.random(len(shopper)) < unknown, -1, shopper)


def make_refunds(mall: plan.MallPlan, payments: pd.DataFrame, *, until: datetime, seed: int) -> pd.DataFrame:
    """Refunds of these payments, by time: `payment` (its row), `at` (epoch seconds), `amount_fen`.

    Food comes back within the hour or not at all, clothes after days; three in four are refunded in full.
    """
    rng = np.random.default_rng([seed, 1, *mall.slug.encode()])
    where = places(mall.slug, 1)
    trade = where.trade_of[payments["store"]]
    often = np.array([kind.refund_bp for kind in where.trades])[trade]
    row = np.flatnonzero(rng.random(len(payments)) * 10_000 < often)
    at_once = np.array([kind.parent == "food" for kind in where.trades])[trade[row]]
    later = rng.geometric(0.3, len(row)) * 86_400 + rng.integers(-7_200, 7_200, len(row))
    at = payments["at"].to_numpy()[row] + np.where(at_once, rng.integers(900, 5_400, len(row)), later)
    paid = payments["amount_fen"].to_numpy()[row]
    part = np.maximum(np.round(paid * rng.uniform(0.2, 0.8, len(row)) / 100) * 100, 100).astype(np.int64)
    amount = np.where((rng.random(len(row)) < 0.75) | (part >= paid), paid, part)
    frame = pd.DataFrame({"payment": row, "at": at, "amount_fen": amount})
    return frame[frame["at"] < until.timestamp()].sort_values("at", kind="stable", ignore_index=True)


def _morning(zone: str, dates: list[date]) -> np.ndarray:
    """Epoch seconds of each day's local midnight as seen from its morning, when clocks have changed already."""
    six = [datetime.combine(day, time(6), ZoneInfo(zone)).timestamp() - 6 * 3600 for day in dates]
    return np.array(six, dtype=np.int64)


def _cumulative(weights: np.ndarray) -> np.ndarray:
    return np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)


def _draw(cumulative: np.ndarray, rng) -> np.ndarray:
    """One index per row of cumulative odds."""
    return (rng.random(len(cumulative))[:, None] > cumulative).sum(axis=1)
