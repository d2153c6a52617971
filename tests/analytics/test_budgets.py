"""Budgets of rules: what is used, how fast, and when it runs out."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.urls import reverse

from analytics.budgets import Budget
from analytics.queries.budgets import budgets
from analytics.tables.budgets import budget_rows, outlook
from coupons.engine.terms import Limits
from coupons.models import LimitCounter, Rule, RuleVersion
from coupons.queries.limits import Use
from mallops import pipeline
from mallops.lib.dates import Period
from tests import factories

from .cells import put
from .conftest import TODAY
from .test_pages import PART, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
WEEK = Period(TODAY - timedelta(days=6), TODAY + timedelta(days=1))


# --- The arithmetic ---


def budget(used=40, ceiling=100, pace=4, award=1, ends_on=None, name="quantity", state="live") -> Budget:
    return Budget(Rule(state=state), Use(name, used, ceiling), award, Fraction(pace), TODAY, ends_on)


@pytest.mark.parametrize(
    ("changes", "runs_out", "said"),
    [
        ({}, date(2026, 12, 6), ("Enough", "good")),  # 60 left, 4 a day
        ({"pace": 5}, date(2026, 12, 3), ("Runs out soon", "warn")),
        ({"pace": 30}, date(2026, 11, 23), ("Runs out soon", "bad")),
        ({"pace": 5, "ends_on": date(2026, 12, 3)}, date(2026, 12, 3), ("Enough", "good")),
        ({"pace": 5, "ends_on": date(2026, 12, 4)}, date(2026, 12, 3), ("Runs out before the end", "warn")),
        ({"pace": 0}, None, ("Enough", "good")),
        ({"pace": Fraction(1, 1000)}, None, ("Enough", "good")),  # in 164 years
        ({"pace": 0, "used": 90}, None, ("Nearly used up", "warn")),
        ({"used": 100}, None, ("Used up", "bad")),
        ({"used": 120}, None, ("Used up", "bad")),  # the limit was lowered
        ({"used": 98, "award": 3}, None, ("Used up", "bad")),  # no award fits into the rest
        ({"used": 100, "name": "quantity_per_day"}, None, ("Used up today", "warn")),
        ({"pace": 30, "name": "quantity_per_day"}, None, ("Enough", "good")),
        ({"pace": 30, "state": "paused"}, date(2026, 11, 23), ("Paused", "off")),
        ({"used": 100, "state": "paused"}, None, ("Used up", "bad")),
    ],
    ids=str,
)
def test_outlook(changes, runs_out, said):
    one = budget(**changes)
    assert (one.runs_out, outlook(one)) == (runs_out, said)


def test_days_left_of_the_rule():
    assert budget().days_left is None
    assert budget(ends_on=TODAY).days_left == 1
    assert budget(ends_on=date(2020, 1, 1)).days_left == 0


def test_the_most_pressing_come_first():
    one, two, three, four = (budget(used=100), budget(pace=30), budget(pace=5), budget())
    paused = budget(state="paused")
    rows = budget_rows([paused, four, three, two, one])
    assert [row["budget"] for row in rows] == [one, two, three, four, paused]


# --- What the tables say ---


@pytest.fixture
def limited(mall, store, now):
    """A pack of two coupons of 10 and one of 30 yuan, with every limit, launched 3 days ago."""
    merchant = store.merchant
    small = factories.make_stock(mall=mall, merchant=merchant, name_en="Small", quantity=100)
    large = factories.make_stock(mall=mall, merchant=merchant, value_fen=3_000, quantity=50, budget_fen=90_000)
    limits = Limits(quantity=20, budget_fen=100_000, quantity_per_day=5, budget_per_day_fen=20_000)
    rule = factories.make_rule(mall=mall, award=((small.pk, 2), (large.pk, 1)), limits=limits)
    RuleVersion.objects.update(launched_at=now - timedelta(days=3))
    return rule, small, large


def found(mall, now, states=("live", "paused")) -> dict[str, Budget]:
    """Limits of rules under ``r.``, those of stocks under ``k`` and the stock's name."""
    rows = budgets(mall, WEEK, states, now=now)
    return {f"{'k' + one.stock.name if one.stock else 'r'}.{one.use.name}": one for one in rows}


def test_used_left_and_pace(mall, store, limited, now):
    _rule, small, large = limited
    for number in range(3):
        event = factories.payment_event(store, shopper=f"s{number}", paid_at=now)
        pipeline.record_payments(mall.pk, [event], source="test", now=now)
    at = found(mall, now)
    figures = {name: (one.use.used, one.left, one.award, one.pace) for name, one in at.items()}
    assert figures == {
        "r.quantity": (3, 17, 1, Fraction(1)),
        "r.budget_fen": (15_000, 85_000, 5_000, Fraction(5_000)),
        "r.quantity_per_day": (3, 2, 1, Fraction(1)),
        "r.budget_per_day_fen": (15_000, 5_000, 5_000, Fraction(5_000)),
        # Of a stock the pace is over the days of the period that are over: 6 and 20 hours.
        f"k{small.name}.stock_quantity": (6, 94, 2, Fraction(6) / (6 + Fraction(20, 24))),
        f"k{large.name}.stock_quantity": (3, 47, 1, Fraction(3) / (6 + Fraction(20, 24))),
        f"k{large.name}.stock_budget_fen": (9_000, 81_000, 3_000, Fraction(9_000) / (6 + Fraction(20, 24))),
    }
    assert at["r.quantity"].runs_out == TODAY + timedelta(days=17)


def test_a_first_hour_is_no_pace(mall, store, limited, now):
    RuleVersion.objects.update(launched_at=now - timedelta(hours=1))
    put(store, TODAY, rule=limited[0], stock=limited[1], issued=30)
    assert found(mall, now)["r.quantity"].pace == 10  # 30 coupons are 10 packs, in a day at least


def test_states_and_other_malls(mall, limited, now):
    other = factories.make_rule(mall=factories.make_mall(), limits=Limits(quantity=1))
    ended = factories.make_rule(mall=mall, limits=Limits(quantity=1), state="ended")
    paused = factories.make_rule(mall=mall, limits=Limits(quantity=1), state="paused")
    shown = {one.rule for one in budgets(mall, WEEK, ["live", "paused"], now=now)}
    assert shown == {limited[0], paused} and not shown & {other, ended}
    assert {one.rule for one in budgets(mall, WEEK, ["paused"], now=now)} == {paused}


# --- The page ---


@pytest.fixture
def url(mall):
    return reverse("analytics:rule_budgets", args=[mall.slug])


def test_page(client, manager, mall, url, limited):
    rule, small, _large = limited
    LimitCounter.objects.create(mall=mall, key=f"r{rule.pk}.n", used=20, ceiling=20)
    client.force_login(manager)
    shown = text(client.get(url))
    assert "1 of 7 limits needs a look" in shown
    assert "Quantity of the stock: Small" in shown
    assert "20 of 20" in shown and "¥0.00 of ¥1,000.00" in shown
    assert reverse("coupons:rule_edit", args=[mall.slug, rule.pk]) in shown
    assert reverse("coupons:stock_edit", args=[mall.slug, small.pk]) in shown
    assert "2026-11-15 – 2026-11-21" in shown


def test_who_may_not_change_gets_no_link(client, mall, url, limited):
    client.force_login(factories.make_member("mall_viewer", mall=mall))
    shown = text(client.get(url))
    assert "Awards in all" in shown and "/edit/" not in shown


def test_no_rule(client, manager, store, url):
    client.force_login(manager)
    assert "No rule is live or paused" in text(client.get(url))


@pytest.mark.parametrize("query", [{"state": "ended"}, {"state": "x" * 9}])
def test_bad_state(client, manager, url, limited, query):
    client.force_login(manager)
    answer = client.get(url, query, headers=PART)
    assert answer.status_code == 200 and 'role="alert"' in text(answer)


def test_file(client, manager, url, limited):
    client.force_login(manager)
    lines = client.get(url, {"export": "budgets"}).getvalue().decode("utf-8-sig").splitlines()
    assert len([line for line in lines if "live" not in line and "Enough" in line]) == 7


@pytest.mark.parametrize("rules", [1, 3])
def test_query_count_does_not_grow(client, manager, mall, url, limited, rules, django_assert_num_queries):
    for _ in range(rules - 1):
        factories.make_rule(mall=mall, limits=replace(Limits(), quantity=3))
    client.force_login(manager)
    with django_assert_num_queries(9):
        assert client.get(url, headers=PART).status_code == 200


@pytest.mark.parametrize("persona", ["owner", "provider_manager", "stranger"])
def test_others_see_nothing(client, request, url, limited, persona):
    client.force_login(request.getfixturevalue(persona))
    assert client.get(url).status_code == 404
