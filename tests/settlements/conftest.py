"""A mall whose coupons are paid by the mall and two merchants in thirds, or by a merchant and a provider, with odd fen
to split."""

import pytest

from coupons.payers import payer
from tests import factories

from .world import World


@pytest.fixture
def world(mall):
    gives, pays = (factories.make_merchant(mall=mall) for _ in range(2))
    stores = [factories.make_store(mall=mall, merchant=merchant) for merchant in (gives, gives, pays)]
    percent = factories.make_stock(
        mall=mall, merchant=gives, kind="percent_off",
        value_fen=None, percent_bp=1_777, ceiling_fen=1_001, min_spend_fen=0, valid_for=12,
    )  # fmt: skip
    own = factories.make_stock(mall=mall, merchant=pays, value_fen=777, min_spend_fen=0, valid_for=3, funder="merchant")
    factories.make_rule(
        mall=mall, award=((percent.pk, 2),), shares=((0, 3_333), (gives.pk, 3_333), (pays.pk, 3_334)),
        on_trigger_refund="revoke", on_use_refund="return",
    )  # fmt: skip
    shares = ((pays.pk, 6_667), (payer(None, factories.make_provider(mall=mall).pk), 3_333))
    factories.make_rule(mall=mall, stock=own, shares=shares, on_trigger_refund="keep")
    return World(mall, stores)
