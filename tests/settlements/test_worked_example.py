"""The month of docs/settlements.md, computed there by hand."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from coupons.models import Coupon
from coupons.payers import payer
from mallops import ledger_check
from settlements.models import Entry
from settlements.queries.balances import trial_balance
from tests import factories

from .world import World

pytestmark = pytest.mark.django_db

JANUARY = date(2026, 1, 1)


@pytest.fixture
def example(mall):
    """Silk gives coupons of 10.00 yuan; the mall pays 50 %, Silk 30 %, Lantern, a provider, 20 %."""
    silk, lantern = (
        factories.make_merchant(mall=mall, name_en="Silk"),
        factories.make_provider(mall=mall, name_en="Lantern"),
    )
    store = factories.make_store(mall=mall, merchant=silk)
    stock = factories.make_stock(mall=mall, merchant=silk, value_fen=1_000, min_spend_fen=0, valid_for=5)
    shares = ((0, 5_000), (silk.pk, 3_000), (payer(None, lantern.pk), 2_000))
    factories.make_rule(mall=mall, stock=stock, shares=shares, on_trigger_refund="revoke")
    return World(mall, [store])


def happen(world: World) -> None:
    for _ in range(4):
        world.pay()
    world.redeem(0, 5_000)
    world.redeem(1, 333)
    world.redeem(2, 5_000)
    world.reverse(2)
    world.refund(2)
    world.wait(timedelta(days=7))
    world.expire()


def said_in_docs() -> dict[tuple[str, str], tuple[int, int, int]]:
    """The rows of the table of balances: account and whose -> debits, credits, balance in fen."""
    text = (Path(settings.BASE_DIR) / "docs" / "settlements.md").read_text(encoding="utf-8")
    table = text.split("<!-- example: balances -->")[1].split("<!-- end -->")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| +([-\d.]+) \| +([-\d.]+) \| +([-\d.]+) \|$", table, re.MULTILINE)
    assert len(rows) == 8
    return {(kind, whose): tuple(round(float(yuan) * 100) for yuan in fen) for kind, whose, *fen in rows}


def test_the_month_comes_to_what_the_docs_say(example):
    happen(example)
    assert Coupon.objects.filter(state="expired").count() == 1
    found = {
        (row.account.get_kind_display(), str(row.account.merchant or row.account.provider or "Mall")): (
            row.debits_fen, row.credits_fen, row.balance_fen,
        )
        for row in trial_balance(example.mall, JANUARY)
    }  # fmt: skip
    assert found == said_in_docs()
    assert list(ledger_check.problems(example.mall)) == []


def test_odd_fen_go_to_the_largest_remainder(example):
    """3.33 yuan: 1.665, 0.999 and 0.666 are rounded down to 1.66, 0.99 and 0.66; the two fen left go to the largest
    remainders: Silk's 0.9 and Lantern's 0.6 fen, not the mall's 0.5."""
    happen(example)
    parts = Entry.objects.filter(kind="redemption").order_by("source_id", "line").values_list("amount_fen", flat=True)
    assert [500, 300, 200] == list(parts)[:3]
    assert [166, 100, 67] == list(parts)[3:6]
