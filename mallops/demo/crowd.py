"""Who pays how much, where and when: a seeded crowd of shoppers on their trips through a mall. Pure numpy.

A trip begins at some trade by the hour and the season, at a favourite store as often as not, and may go on: a
hotpot raises the odds of a dessert within two hours. Rows come out ordered by time.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from . import circle, plan, purses, rhythm
from .places import Places, Rows, by_time, cumulative, places

FAVOURITE = 0.55  # how often a shopper goes to the favourite store of a trade
HOPS = 3  # a trip touches at most this many stores after the first


def make_payments(mall: plan.MallPlan, *, last_day: date, days: int, until: datetime, scale: float, seed: int) -> Rows:
    """The payments of so many local days up to `until`, by time.

    Arrays: `at` (seconds since the epoch), `store` (place in `plan.stores`), `shopper` (number, -1: unknown),
    `channel`, `amount_fen`.
    """
    rng = np.random.default_rng([seed, *mall.slug.encode()])
    dates = [last_day - timedelta(days=days - 1 - n) for n in range(days)]
    where = places(mall.slug, days)
    trips = _first_stops(mall, where, dates, scale, rng)
    trips["shopper"] = circle.visitors(trips["day"], days, rng)
    stops = _go_on(where, trips, rng)
    stops["store"] = _choose_stores(where, stops, rng)
    stops["amount_fen"] = purses.amounts(mall, where, stops, dates, rng)
    stops["channel"], stops["shopper"] = purses.channels(mall, stops["shopper"], rng)
    stops["at"] = _morning(mall.time_zone, dates)[stops["day"]] + (stops["minute"] * 60).astype(int)
    there = (where.opened[stops["store"]] <= stops["day"]) & (stops["day"] < where.closed[stops["store"]])
    there &= stops["at"] < until.timestamp()
    return by_time({name: stops[name][there] for name in ("at", "store", "shopper", "channel", "amount_fen")})


def _first_stops(mall, where: Places, dates: list[date], scale: float, rng) -> Rows:
    """Where and when trips begin: Poisson counts of each day, hour and trade."""
    trades = where.trades
    hours = rhythm.hour_table([trade.rhythm for trade in trades])
    draw = np.array([trade.draw for trade in trades])
    weekend = np.array([trade.weekend / 1.45 for trade in trades])
    crowd = np.array([rhythm.crowd_factor(day, mall.holidays) for day in dates])
    crowd = crowd * np.linspace(0.94, 1.06, len(dates)) * rng.lognormal(0, 0.06, len(dates))
    by_trade = np.array([[rhythm.season_factor(trade.season, day, mall.holidays) for trade in trades] for day in dates])
    by_trade[[day.weekday() >= 5 for day in dates]] *= weekend
    expected = crowd[:, None, None] * (by_trade * draw / draw.sum())[:, :, None] * hours[None]
    counts = rng.poisson(expected * mall.visits_a_day * scale)
    day, trade, hour = (np.repeat(index, counts.ravel()) for index in np.indices(counts.shape).reshape(3, -1))
    minute = (hour + rhythm.FIRST_HOUR) * 60 + rng.random(len(hour)) * 60
    return {"day": day, "trade": trade, "minute": minute}


def _go_on(where: Places, trips: Rows, rng) -> Rows:
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
    return cumulative(odds[:, None, :] * awake[None])


def _choose_stores(where: Places, stops: Rows, rng) -> np.ndarray:
    trade, shopper = stops["trade"], stops["shopper"]
    tastes = rng.random((shopper.max(initial=0) + 1, len(where.trades)))
    loyal = rng.random(len(trade)) < FAVOURITE
    drawn = np.where(loyal, tastes[shopper, trade], rng.random(len(trade)))
    slot = (drawn[:, None] > where.cumulative[trade]).sum(axis=1)
    return where.member[trade, slot]


def _morning(zone: str, dates: list[date]) -> np.ndarray:
    """Epoch seconds of each day's local midnight as seen from its morning, when clocks have changed already."""
    six = [datetime.combine(day, time(6), ZoneInfo(zone)).timestamp() - 6 * 3600 for day in dates]
    return np.array(six, dtype=np.int64)


def _draw(odds: np.ndarray, rng) -> np.ndarray:
    """One index per row of cumulative odds."""
    return (rng.random(len(odds))[:, None] > odds).sum(axis=1)
