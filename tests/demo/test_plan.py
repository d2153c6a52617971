"""The written part of the demonstration holds together."""

import pytest

from mallops.demo import offer_plans, plan

MALLS = [pytest.param(mall, id=mall.slug) for mall in plan.MALLS]


def test_there_are_120_stores():
    assert sum(len(plan.stores(mall.slug)) for mall in plan.MALLS) == 120


@pytest.mark.parametrize("mall", MALLS)
def test_stores_name_what_exists(mall):
    stores = plan.stores(mall.slug)
    assert {store.trade for store in stores} <= {trade.code for trade in plan.trades()}
    assert {store.floor for store in stores} == {code for code, *_rest in mall.floors}
    chains = {row["code"] for row in plan.merchants(mall.slug)}
    assert {store.merchant for store in stores if store.merchant} == chains


@pytest.mark.parametrize("mall", MALLS)
def test_codes_units_and_names_are_used_once(mall):
    stores = plan.stores(mall.slug)
    for field in ("code", "unit", "name_zh", "name_en"):
        assert len({getattr(store, field) for store in stores}) == len(stores), field


@pytest.mark.parametrize("mall", MALLS)
def test_shares_of_channels_are_whole(mall):
    assert sum(mall.channels.values()) == pytest.approx(1)
    assert set(mall.unknown) <= set(mall.channels)


def test_people_roam_between_known_trades():
    codes = {trade.code for trade in plan.trades()}
    roams = plan.roams()
    assert set(roams) == codes
    assert {target for targets in roams.values() for target in targets} <= codes


def test_rules_award_known_stocks_at_known_categories():
    stocks = {stock.code for stock in offer_plans.STOCKS}
    places = {trade.code for trade in plan.trades()} | {code for code, *_names in plan.GROUPS}
    for rule in offer_plans.RULES:
        assert set(rule.award) <= stocks
        assert set(rule.at) <= places
