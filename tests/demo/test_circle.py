"""Who comes: new and returning shoppers as malls know them."""

import numpy as np
import pytest

from mallops.demo.circle import visitors

DAYS, A_DAY, MONTH = 360, 100, 30


@pytest.fixture(scope="module")
def months():
    """The people who came in each month."""
    day = np.repeat(np.arange(DAYS), A_DAY)
    person = visitors(day, DAYS, np.random.default_rng(1))
    return [set(person[day // MONTH == month].tolist()) for month in range(DAYS // MONTH)]


def share(of: set, among: set) -> float:
    return len(of & among) / len(among)


def test_a_quarter_of_the_shoppers_of_a_month_are_new(months):
    for month in range(4, 12):
        before = set.union(*months[:month])
        assert 0.15 < 1 - share(before, months[month]) < 0.35


def test_of_those_who_came_first_in_one_month_fewer_come_in_each_later_one(months):
    new = months[3] - set.union(*months[:3])
    stayed = [share(months[later], new) for later in (4, 7, 11)]
    assert 0.2 < stayed[0] < 0.4
    assert stayed[0] > stayed[1] > stayed[2] > 0.05


def test_half_of_all_come_once_and_a_few_very_often():
    day = np.repeat(np.arange(DAYS), A_DAY)
    visits = np.bincount(visitors(day, DAYS, np.random.default_rng(1)))
    visits = visits[visits > 0]
    assert 0.4 < (visits == 1).mean() < 0.6
    assert 0.01 < (visits > 40).mean() < 0.1
    assert visits.max() < DAYS / 2


@pytest.mark.parametrize("trips", [[], [0], [0, 0, 1], [2]])
def test_the_smallest_malls(trips):
    person = visitors(np.array(trips, dtype=int), 3, np.random.default_rng(1))
    assert len(person) == len(trips)
    assert (person >= 0).all()
