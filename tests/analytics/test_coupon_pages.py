"""What holds for coupon results, refunds, budgets and the live view alike: files, languages, valid charts, mails."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from analytics.mails.opened import open_board
from coupons.engine.terms import Limits
from mallops import pipeline
from tests import factories

from .cells import put
from .conftest import TODAY
from .test_pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "lively")]

NAMES = ["coupon_funnel", "refunds", "rule_budgets", "live"]


@pytest.fixture
def lively(mall, store, now):
    """A rule whose coupons were used, a refund, and a payment just now."""
    stock = factories.make_stock(mall=mall, merchant=store.merchant, name_en='<b>"Ten" off</b>', name_zh="")
    rule = factories.make_rule(mall=mall, stock=stock, limits=Limits(quantity=9))
    put(store, TODAY, rule=rule, stock=stock, issued=3, redeemed=1, discount_fen=10, coupon_sales_fen=90)
    at = now - timedelta(minutes=5)
    event = factories.payment_event(store, paid_at=at)
    pipeline.record_payments(mall.pk, [event], source="test", now=at)
    pipeline.record_refunds(mall.pk, [factories.refund_event(event, refunded_at=at)], source="test", now=at)


@pytest.fixture
def get(client, manager, mall):
    client.force_login(manager)
    return lambda name, **query: client.get(reverse(f"analytics:{name}", args=[mall.slug]), query)


@pytest.mark.parametrize("name", NAMES)
def test_charts_are_valid_and_have_a_table(get, name):
    import plotly.graph_objects as go

    html = get(name).content.decode()
    found = re.findall(r'<script id="[\w-]+-figure" type="application/json">(.*?)</script>', html)
    assert len(found) == html.count("<mall-chart") == html.count('class="as-table"')
    for figure in found:
        go.Figure(json.loads(figure))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_whole_page_as_a_file(get, name, kind):
    answer = get(name, export="page", **{"as": kind})
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF" if kind == "pdf" else b"PK")


@pytest.mark.parametrize("name", NAMES)
def test_every_table_as_csv(get, name):
    page = get(name)
    tables = re.findall(r"export=([\w-]+)&(?:amp;)?as=xlsx", text(page))
    assert tables
    for table in set(tables) - {"page"}:
        assert get(name, export=table).getvalue()
    assert get(name, export="nothing").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_chinese(client, get, name):
    client.cookies["django_language"] = "zh-hans"
    assert get(name).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text_and_not_markup(get, name):
    assert "<b>" not in get(name).content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_no_stores(client, manager, name):
    empty = factories.make_mall()
    client.force_login(factories.make_member("mall_manager", mall=empty))
    assert "No stores yet" in text(client.get(reverse(f"analytics:{name}", args=[empty.slug])))


@pytest.mark.parametrize("name", NAMES)
def test_board_without_a_reader(mall, manager, name):
    """As mails ask for it."""
    assert open_board(
        page=f"analytics:{name}", arguments={"mall": mall.slug}, query="period=7d", user=manager
    ).tables  # fmt: skip
