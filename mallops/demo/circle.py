"""Who comes: some are new each day, the others know the mall and come as often as they are used to, until they stay
away for good. Pure numpy.

So months have new and returning shoppers, and of those who came first in one month fewer come in each later one.
"""

import numpy as np

NEW = 0.1  # of trips are the first of somebody
# What becomes of new people: how many of them, visits a month (against each other), months until they stay away.
SHARE = np.array([0.50, 0.27, 0.18, 0.05])
OFTEN = np.array([0.0, 0.7, 2.2, 6.0])
STAY = np.array([0.0, 6.0, 10.0, 18.0])
MONTH = 30


def visitors(day: np.ndarray, days: int, rng) -> np.ndarray:
    """The person on each trip; `day` are the day numbers of the trips, rising, of a history of so many days.

    People are numbered in the order in which they first came; the lowest numbers knew the mall before.
    """
    is_new = rng.random(len(day)) < NEW
    before = 1 + int(is_new.sum() / days * MONTH * (SHARE * STAY).sum())
    arrived = np.concatenate([np.full(before, -1), day[is_new]])
    often, gone = _people(arrived, before, rng)
    person = np.empty(len(day), dtype=int)
    person[is_new] = before + np.arange(is_new.sum())
    for today in range(days):
        returning = np.flatnonzero((day == today) & ~is_new)
        person[returning] = _draw(today, arrived, often, gone, len(returning), rng)
    return person


def _people(arrived: np.ndarray, before: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """How often each comes, and the day on which each stays away. Who was there before stays as long again: of these
    there are the more, the longer they stay."""
    known = SHARE * STAY
    kinds = [
        rng.choice(len(SHARE), before, p=known / known.sum()),
        rng.choice(len(SHARE), len(arrived) - before, p=SHARE),
    ]
    kind = np.concatenate(kinds)
    return OFTEN[kind], arrived + rng.exponential(STAY[kind] * MONTH + 1e-9)


def _draw(today: int, arrived: np.ndarray, often: np.ndarray, gone: np.ndarray, count: int, rng) -> np.ndarray:
    """Some of those who know the mall by today; if all stay away, the last one comes again."""
    known = int(np.searchsorted(arrived, today))
    odds = np.cumsum(often[:known] * (gone[:known] > today))
    return np.searchsorted(odds, rng.random(count) * odds[-1], side="right").clip(max=known - 1)
