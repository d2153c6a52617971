"""Coupon results: the funnel, what rules brought, and what may be said of it."""

import pytest
from django.urls import reverse

from coupons.models import UpliftReport
from tests import factories

from .cells import put
from .conftest import TODAY
from .test_pages import PART, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SUMS = {
    "issued": 200, "shown": 120, "redeemed": 51, "reversals": 1, "discount_fen": 50_500, "reversed_fen": 500,
    "coupon_sales_fen": 430_000, "reversed_sales_fen": 5_000, "expired": 20, "revoked": 4,
}  # fmt: skip


@pytest.fixture
def rule(mall, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    rule = factories.make_rule(mall=mall, stock=stock)
    put(store, TODAY, rule=rule, stock=stock, **SUMS)
    return rule


@pytest.fixture
def get(client, manager, mall, rule):
    client.force_login(manager)
    return lambda **query: client.get(reverse("analytics:coupon_funnel", args=[mall.slug]), query)


def test_funnel(get):
    chart = get().context["charts"]["fates"]
    assert chart.figure["data"][0]["x"] == [200, 120, 50, 20, 4]
    assert chart.figure["data"][0]["text"] == ["200 · 100.0%", "120 · 60.0%", "50 · 25.0%", "20 · 10.0%", "4 · 2.0%"]
    assert chart.sub == "Sales with coupon ¥4.3K, ¥85.00 an order"


def test_coupons_used_at_a_store_are_not_those_earned_there(get, store):
    answer = get(store=store.code)
    assert answer.context["charts"]["fates"].figure["data"][0]["text"][2] == "50"
    assert [row["share"] for row in answer.context["charts"]["fates"].table.rows][2] is None
    assert "redemption_rate" not in [column.key for column in answer.context["tables"]["rules"].columns]


def test_return_of_a_rule(get, rule):
    (row,) = get().context["tables"]["returns"].rows
    assert (row["discount"], row["coupon_sales"], row["coupon_ticket"]) == (50_000, 425_000, 8_500)
    assert row["coupon_return"] == 850  # 8.50 yuan of sales for each yuan of discount
    assert "¥8.50" in text(get())


def test_rule_without_use_has_no_return(get, mall, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    put(store, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, issued=5)
    tables = get().context["tables"]
    assert (len(tables["returns"].rows), len(tables["rules"].rows)) == (1, 2)


def test_effect_is_said_in_the_words_of_the_report(get, mall, rule, now):
    page = reverse("coupons:rule_uplift", args=[mall.slug, rule.pk])
    shown = text(get())
    assert "No report yet</span></a>" in shown and page in shown
    visits = {"key": "visit", "unit": "share", "difference": 0.03, "low": -0.01, "high": 0.07}
    report = UpliftReport.objects.create(
        mall=mall, rule=rule, result={"state": "measured", "outcomes": [visits]}, made_at=now
    )
    assert "No effect seen yet</span></a>" in text(get())
    report.result["outcomes"][0]["low"] = 0.01
    report.save()
    assert "More visits</span></a>" in text(get())


def test_long_periods_are_drawn_by_week_with_marks(get, rule):
    chart = get(period="custom", start="2026-01-01", end=TODAY.isoformat()).context["charts"]["days"]
    assert len(chart.figure["data"][0]["x"]) == 47
    assert sum(chart.figure["data"][0]["y"]) == 200
    assert chart.title == "Coupons by week"
    assert "Rule launched" in [key.label for key in chart.keys]
    assert [column.key for column in chart.table.columns] == ["day", "issued", "shown", "redeemed", "marks"]


@pytest.mark.parametrize("rules", [1, 3])
def test_query_count_does_not_grow(get, client, mall, store, rules, django_assert_num_queries):
    for _ in range(rules - 1):
        stock = factories.make_stock(mall=mall, merchant=store.merchant)
        put(store, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **SUMS)
    with django_assert_num_queries(11):
        client.get(reverse("analytics:coupon_funnel", args=[mall.slug]), headers=PART)
