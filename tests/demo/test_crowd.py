"""The crowd is the same for the same seed, and behaves like one."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mallops.demo import plan, rhythm
from mallops.demo.crowd import make_payments
from mallops.demo.purses import make_refunds

GALAXY, HARBOUR = plan.MALLS
UNTIL = datetime(2026, 10, 31, 12, tzinfo=UTC)
LAST_DAY = date(2026, 10, 31)


def crowd(mall=GALAXY, *, days=56, seed=7):
    return make_payments(mall, last_day=LAST_DAY, days=days, until=UNTIL, scale=1, seed=seed)


@pytest.fixture(scope="module")
def payments():
    return crowd()


def local(rows, mall):
    return [datetime.fromtimestamp(at, ZoneInfo(mall.time_zone)) for at in rows["at"].tolist()]


def trades_of(rows, mall):
    stores = plan.stores(mall.slug)
    return np.array([stores[n].trade for n in rows["store"]])


def test_same_seed_same_payments(payments):
    again = crowd()
    assert all((payments[name] == again[name]).all() for name in payments)


def test_another_seed_another_crowd(payments):
    assert len(crowd(seed=8)["at"]) != len(payments["at"])


def test_payments_are_by_time_and_before_the_end(payments):
    assert (np.diff(payments["at"]) >= 0).all()
    assert payments["at"][-1] < UNTIL.timestamp()
    assert payments["amount_fen"].min() >= 100


def test_weekends_are_busier(payments):
    weekdays = np.array([at.isoweekday() for at in local(payments, GALAXY)])
    by_day = np.bincount(weekdays, minlength=8)
    assert by_day[[6, 7]].mean() > 1.3 * by_day[[1, 2, 3, 4]].mean()


def test_noodles_peak_at_noon(payments):
    hours = np.array([at.hour for at in local(payments, GALAXY)])[trades_of(payments, GALAXY) == "noodles"]
    assert np.bincount(hours).argmax() == 12


def test_national_day_is_busier_than_the_week_after():
    october = [rhythm.crowd_factor(date(2026, 10, day), "china") for day in range(1, 15)]
    assert sum(october[:7]) > 1.2 * sum(october[7:])


def test_days_begin_and_end_by_local_time_when_clocks_change():
    # Sydney goes to summer time on 4 October 2026.
    hours = {at.hour for at in local(crowd(HARBOUR), HARBOUR)}
    assert hours == set(range(8, 24))


def test_a_store_has_no_payments_before_it_opens_or_after_it_closes_or_falls_silent(payments):
    days = np.array([(LAST_DAY - at.date()).days for at in local(payments, GALAXY)])
    for n, store in enumerate(plan.stores("galaxy")):
        here = days[payments["store"] == n]
        assert len(here) > 0 or (store.closed or 0) >= 56
        assert store.opened is None or here.max() < store.opened
        over = store.closed or store.silent
        assert over is None or len(here) == 0 or here.min() >= over


def test_cash_has_no_shopper_and_regulars_come_back(payments):
    assert (payments["shopper"][payments["channel"] == "cash"] == -1).all()
    visits = np.bincount(payments["shopper"][payments["shopper"] >= 0])
    assert visits.max() > 15
    assert visits.max() < 5 * 56


def test_a_hotpot_raises_the_odds_of_a_dessert(payments):
    trades, shopper, at = trades_of(payments, GALAXY), payments["shopper"], payments["at"]
    desserts: dict[int, list[int]] = {}
    for place in np.flatnonzero((trades == "dessert") & (shopper >= 0)):
        desserts.setdefault(int(shopper[place]), []).append(int(at[place]))

    def followed(trade):
        rows = np.flatnonzero((trades == trade) & (shopper >= 0))
        hits = sum(any(0 < eaten - at[n] <= 7200 for eaten in desserts.get(int(shopper[n]), ())) for n in rows)
        return hits / len(rows)

    assert followed("hotpot") > 2 * followed("market")


def test_refunds_follow_their_payment_and_never_exceed_it(payments):
    refunds = make_refunds(GALAXY, payments, until=UNTIL, seed=7)
    paid = refunds["payment"]
    assert (refunds["at"] > payments["at"][paid]).all()
    assert (refunds["amount_fen"] <= payments["amount_fen"][paid]).all()
    assert len(set(paid.tolist())) == len(paid)
    assert 0.007 < len(paid) / len(payments["at"]) < 0.015
