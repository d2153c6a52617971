"""What the boards show of a random ledger is what a plain sum over its rows gives, to the fen."""

import csv
import io
import random
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum
from django.urls import reverse

from analytics import rollups
from analytics.models import RollupDelta
from mallops import pipeline
from mallops.lib.dates import clock
from mallops.lib.money import yuan
from payments.models import Payment, Refund
from tests import factories

from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def tree(mall):
    """Stores in a tree of categories: two below food, one of them two levels deep, one in fashion."""
    food = factories.make_category(mall=mall, code="food")
    noodles = factories.make_category(mall=mall, code="noodles", parent=food)
    soup = factories.make_category(mall=mall, code="soup", parent=noodles)
    fashion = factories.make_category(mall=mall, code="fashion")
    return [factories.make_store(mall=mall, category=category) for category in (food, soup, fashion)]


@pytest.fixture
def ledger(mall, tree, now):
    """300 payments over 60 days, many near midnight, half of them refunded in part later; some not folded yet."""
    chance = random.Random(4)
    zone = ZoneInfo(mall.time_zone)
    events, refunds = [], []
    for _ in range(300):
        day = datetime.combine(TODAY - timedelta(days=chance.randrange(60)), datetime.min.time(), zone)
        paid_at = min(day + timedelta(seconds=chance.choice([0, 86_399, chance.randrange(86_400)])), now)
        event = factories.payment_event(
            chance.choice(tree), amount_fen=chance.randrange(1, 10**6), paid_at=paid_at, shopper=None
        )
        events.append(event)
        if chance.random() < 0.5:
            moment = min(paid_at + timedelta(hours=chance.randrange(200)), now)
            refunds.append(
                factories.refund_event(event, amount_fen=chance.randrange(1, event.amount_fen + 1), refunded_at=moment)
            )
    for at in range(0, 300, 50):
        pipeline.record_payments(mall.pk, events[at : at + 50], source="test", now=now, award=False)
        if at < 250:
            rollups.fold(mall.pk)
    pipeline.record_refunds(mall.pk, refunds, source="test", now=now)
    assert Payment.objects.count() == 300 and Refund.objects.count() == len(refunds) > 100
    assert RollupDelta.objects.exists()


def raw(mall, first: date, last: date) -> Counter:
    """Net sales in fen by store, from the rows themselves."""
    local_day = clock(mall.time_zone).day_hour
    net: Counter = Counter()
    for payment in Payment.objects.all():
        net[payment.store_id] += payment.amount_fen * (first <= local_day(payment.paid_at)[0] <= last)
    for refund in Refund.objects.all():
        net[refund.store_id] -= refund.amount_fen * (first <= local_day(refund.refunded_at)[0] <= last)
    return net


def table(client, url: str, name: str, **query) -> list[dict[str, str]]:
    response = client.get(url, {"export": name, **query})
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    return list(csv.DictReader(io.StringIO("\n".join(lines[1:]))))


@pytest.mark.parametrize("length", [7, 30])
def test_stores_categories_days_and_the_mall_agree_with_the_ledger(client, manager, mall, tree, ledger, length):
    client.force_login(manager)
    first, column = TODAY - timedelta(days=length - 1), "Net sales (¥)"
    net, query = raw(mall, first, TODAY), {"period": f"{length}d"}
    food, soup, fashion = (net[store.pk] for store in tree)

    stores = table(client, reverse("analytics:store_list", args=[mall.slug]), "stores", **query)
    assert {row["Store"]: row[column] for row in stores} == {store.name: yuan(net[store.pk]) for store in tree}

    tree_page = reverse("analytics:category_list", args=[mall.slug])
    for category, wanted in (
        {"": [food + soup, soup, fashion], "food": [food + soup, soup, soup]}
    ).items():  # two levels at a time
        categories = table(client, tree_page, "categories", category=category, **query)
        assert sorted(row[column] for row in categories) == sorted(map(yuan, wanted))

    overview = reverse("analytics:mall_overview", args=[mall.slug])
    days = table(client, overview, "net_sales-by-day", **query)
    whole = sum(net.values())
    assert sum(round(float(row[column]) * 100) for row in days) == whole
    before = sum(raw(mall, first - timedelta(days=length), first - timedelta(days=1)).values())
    assert sum(round(float(row["Net sales then (¥)"]) * 100) for row in days) == before
    assert client.get(overview, query).context["tiles"][0].full == f"¥{whole / 100:,.2f}"


def test_gross_and_refunds_are_the_ledgers(client, manager, mall, tree, ledger):
    client.force_login(manager)
    (row,) = [
        row
        for row in table(
            client, reverse("analytics:store_list", args=[mall.slug]), "stores",
            period="custom", start="2026-09-01", end=TODAY.isoformat(),
        )
        if row["Store"] == tree[0].name
    ]  # fmt: skip
    paid = Payment.objects.filter(store=tree[0])
    gross = paid.aggregate(fen=Sum("amount_fen"))["fen"]
    refunded = Refund.objects.filter(store=tree[0]).aggregate(fen=Sum("amount_fen"))["fen"]
    assert int(row["Transactions"]) == paid.count()
    assert row["Average ticket (¥)"] == yuan((2 * gross + paid.count()) // (2 * paid.count()))
    assert row["Refund rate (%)"] == f"{refunded * 100 / gross:.1f}"
