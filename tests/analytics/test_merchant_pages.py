"""The boards of a merchant: its figures, and nothing of anybody else on pages and in files."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.metrics import METRICS
from analytics.queries import places
from analytics.queries.choice import Choice
from analytics.queries.own_coupons import own_coupons
from coupons.models import Coupon, Redemption, RuleVersion, UpliftReport
from mallops import pipeline
from mallops.lib.dates import Period, first_of_month, next_month
from merchants.choices import Role
from settlements.models import Entry
from settlements.queries.sofar import so_far
from tests import factories

from .cells import put
from .conftest import TODAY
from .files import body, csv_rows, xlsx_sheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

BOARDS = ["overview", "hours", "shoppers", "refunds", "coupons", "benchmark"]
PART = {"HX-Request": "true", "HX-Target": "board"}
PERIOD = Period(TODAY - timedelta(days=29), TODAY + timedelta(days=1))
USED = {"redeemed": 3, "discount_fen": 3_001, "coupon_sales_fen": 33_300}


@pytest.fixture
def merchant(store):
    return store.merchant


@pytest.fixture
def urls(merchant):
    return {board: reverse(f"analytics:merchant_{board}", args=[merchant.pk]) for board in BOARDS}


@pytest.fixture
def stock(mall, merchant):
    return factories.make_stock(mall=mall, merchant=merchant, name_en="Own stock")


@pytest.fixture
def rival(mall, other_store):
    """Another merchant with sales, a stock and a rule of its own, whose coupons are earned at `store` too."""
    type(other_store).objects.filter(pk=other_store.pk).update(name_en="Rival store")
    type(other_store.merchant).objects.filter(pk=other_store.merchant_id).update(name_en="Rival merchant")
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant, name_en="Rival stock")
    rule = factories.make_rule(mall=mall, stock=stock)
    type(rule).objects.filter(pk=rule.pk).update(name_en="Rival rule")
    put(other_store, TODAY, 11, payments=7, gross_fen=777_700, refunds=1, refund_fen=66_600)
    put(other_store, TODAY, rule=rule, stock=stock, issued=55, redeemed=44, discount_fen=88_800)
    return rule, stock


@pytest.fixture
def sold(store, stock, rival, mall):
    """Sales, coupons of the rival earned, own coupons used."""
    rule = factories.make_rule(mall=mall, stock=stock)
    put(store, TODAY, 12, payments=2, gross_fen=20_000, refunds=1, refund_fen=500)
    put(store, TODAY, rule=rival[0], stock=rival[1], issued=5)
    put(store, TODAY, rule=rule, stock=stock, folded=False, **USED)
    return rule


@pytest.fixture
def choice(merchant, sold):
    return Choice(places.of_merchant(merchant), PERIOD, PERIOD.previous())


# --- Isolation ---


@pytest.mark.parametrize("board", BOARDS)
def test_nothing_of_others_on_pages_and_in_files(client, owner, urls, sold, board):
    client.force_login(owner)
    html = unescape(client.get(urls[board]).content.decode())
    texts = [html]
    for name in set(re.findall(r"export=([\w-]+)", html)) - {"page"}:
        texts.append(str(csv_rows(client.get(urls[board], {"export": name}))))
        texts.append(str(xlsx_sheets(body(client.get(urls[board], {"export": name, "as": "xlsx"})))))
    secret = ["Rival", "cafe", "7,777", "7777", "666.00", "7,111", "7111", "888.00", "777700", "66600"]
    for text in texts:
        assert [word for word in secret if word in text] == []
    assert len(texts) > 2 or board == "benchmark"


@pytest.mark.parametrize("board", BOARDS)
def test_what_others_do_changes_nothing(client, owner, urls, sold, rival, other_store, board):
    """But in the category, of which the benchmark is told in steps (`test_benchmark`)."""
    client.force_login(owner)

    def shown() -> str:
        return re.sub(r'value="\w{64}"', "", client.get(urls[board], headers=PART).content.decode())

    before = shown()
    put(other_store, TODAY, 12, payments=99, gross_fen=10**9, refunds=9, refund_fen=10**8, new_shoppers=9)
    put(other_store, TODAY, rule=rival[0], stock=rival[1], folded=False, issued=9, **USED)
    assert shown() == before


@pytest.mark.parametrize("board", BOARDS)
def test_a_store_of_others_cannot_be_chosen(client, owner, urls, sold, board):
    client.force_login(owner)
    html = client.get(urls[board], {"store": "cafe"}, headers=PART).content.decode()
    assert "cafe is not one of the available choices" in html or board in ("coupons", "benchmark")
    assert "7,777" not in html


@pytest.mark.parametrize("board", BOARDS)
def test_another_merchant_and_a_cashier(client, cashier, other_store, urls, board):
    client.force_login(cashier)
    assert client.get(urls[board]).status_code == 403
    client.force_login(factories.make_member("merchant_owner", merchant=other_store.merchant))
    assert client.get(urls[board]).status_code == 404


@pytest.mark.parametrize("query", [{"period": "x"}, {"period": "custom", "start": "2026-11-21", "end": "2026-11-01"}])
@pytest.mark.parametrize("board", BOARDS)
def test_bad_filters(client, owner, urls, sold, board, query):
    client.force_login(owner)
    answer = client.get(urls[board], query, headers=PART)
    assert answer.status_code == 200 and 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("board", BOARDS)
def test_without_stores(client, owner, merchant, urls, mall, board):
    merchant.stores.update(merchant=factories.make_merchant(mall=mall))
    client.force_login(owner)
    assert "No stores yet" in client.get(urls[board]).content.decode()


@pytest.mark.parametrize("board", BOARDS)
def test_without_a_payment_and_in_chinese(client, owner, urls, board):
    client.cookies["django_language"] = "zh-hans"
    client.force_login(owner)
    for query in ({}, {"period": "today"}, {"period": "90d"}, {"compare": "none"}):
        assert client.get(urls[board], query).status_code == 200


@pytest.mark.parametrize(
    ("board", "queries"), [("overview", 13), ("hours", 6), ("shoppers", 12), ("refunds", 8), ("coupons", 22)]
)
@pytest.mark.parametrize("stores", [1, 3])
def test_query_count(client, owner, mall, merchant, sold, urls, board, queries, stores, django_assert_num_queries):
    for _ in range(stores - 1):
        more, stock = (
            factories.make_store(mall=mall, merchant=merchant),
            factories.make_stock(mall=mall, merchant=merchant),
        )
        put(more, TODAY, payments=1, gross_fen=1)
        put(more, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **USED)
    client.force_login(owner)
    with django_assert_num_queries(queries):
        client.get(urls[board], headers=PART)


def test_providers_of_the_stores(client, owner, urls, provider, store):
    client.force_login(owner)
    html = client.get(urls["overview"]).content.decode()
    assert provider.name_en in html and "Operations" in html


# --- Coupons ---


def test_given_and_used(merchant, choice, store):
    found = own_coupons(merchant, choice)
    assert found.days[0, TODAY]["issued"] == 5
    assert found.days[0, TODAY]["redeemed"] == 3
    assert found.stores[0, store.pk]["coupon_sales_fen"] == 33_300
    assert [(side, sums["redeemed"]) for (side, _rule), sums in found.rules.items()] == [(0, 3)]


def test_own_coupons_used_elsewhere_are_not_told(merchant, choice, sold, stock, other_store):
    put(other_store, TODAY, rule=sold, stock=stock, **USED)
    found = own_coupons(merchant, choice)
    assert found.rules[0, sold.pk]["redeemed"] == 3
    assert (0, other_store.pk) not in found.stores


@pytest.mark.parametrize(("funder", "cost"), [("merchant", 1_000), ("mall", 0)])
def test_the_funder_pays(mall, merchant, store, stock, now, funder, cost):
    type(stock).objects.filter(pk=stock.pk).update(funder=funder)
    rule = factories.make_rule(mall=mall, stock=stock)
    make_used(store, rule, "anna", now)
    assert own_coupons(merchant, all_of(merchant)).rules[0, rule.pk]["own_cost_fen"] == cost


def test_shares_of_a_rule_whose_coupons_are_used_elsewhere(mall, merchant, store, other_store, now):
    """To the fen what is stated: 333.3 of each discount is 333, and three of them are 999, not 1,000."""
    theirs = factories.make_stock(mall=mall, merchant=other_store.merchant)
    shares = ((0, 3_333), (merchant.pk, 3_333), (other_store.merchant_id, 3_334))
    rule = factories.make_rule(mall=mall, stock=theirs, shares=shares)
    for who in ("anna", "bert", "carl", "dora"):
        make_used(other_store, rule, who, now)
    undo_last(mall, now)
    found = own_coupons(merchant, all_of(merchant)).rules[0, rule.pk]
    assert found == {"own_cost_fen": 3 * 333}  # no other figure of the rival's
    assert found["own_cost_fen"] == -sum(line.amount_fen for line in so_far(merchant, first_of_month(TODAY)))


def test_costs_count_on_their_days(mall, merchant, store, stock, now):
    """Also those that were booked in a later month, as the day's was closed."""
    rule = factories.make_rule(mall=mall, stock=stock)
    make_used(store, rule, "anna", now)
    Entry.objects.update(month=next_month(TODAY))
    for days, cost in ((0, 1_000), (1, None), (-1, None)):
        day = TODAY + timedelta(days=days)
        choice = Choice(places.of_merchant(merchant), Period(day, day + timedelta(days=1)), None)
        assert own_coupons(merchant, choice).rules.get((0, rule.pk), {}).get("own_cost_fen") == cost


def test_versions_with_different_shares_are_told_apart(mall, merchant, store, stock, now):
    """Two coupons of 1,000 fen, one earned under a version that the merchant pays, one under a shared one."""
    rule = factories.make_rule(mall=mall, stock=stock)
    make_used(store, rule, "anna", now)
    terms = rule.version.terms | {"shares": [[0, 6_000], [merchant.pk, 4_000]]}
    version = RuleVersion.objects.create(
        rule=rule, number=2, terms=terms, published_at=timezone.now(), launched_at=timezone.now()
    )
    version.stocks.set([stock])
    rule.version = version
    rule.save()
    make_used(store, rule, "bert", now)
    found = own_coupons(merchant, all_of(merchant)).rules[0, rule.pk]
    assert found["discount_fen"] == 2_000
    assert found["own_cost_fen"] == 1_000 + 400
    undo_last(mall, now)
    assert own_coupons(merchant, all_of(merchant)).rules[0, rule.pk]["own_cost_fen"] == 1_000


def all_of(merchant) -> Choice:
    return Choice(places.of_merchant(merchant), PERIOD, None)


def undo_last(mall, now) -> None:
    last = Redemption.objects.for_mall(mall).latest("pk")
    pipeline.reverse(mall_id=mall.pk, redemption_id=last.pk, request_id="undo", reason="", source="test", now=now)


def make_used(store, rule, who, now) -> None:
    event = factories.payment_event(store, paid_at=now, shopper=who)
    pipeline.record_payments(store.mall_id, [event], source="test", now=now)
    coupon = Coupon.objects.for_mall(store.mall_id).latest("pk")
    pipeline.redeem(
        mall_id=store.mall_id, code=coupon.code, store_id=store.pk, order_fen=8_000, request_id=f"r-{who}",
        source="test", now=now + timedelta(seconds=1),
    )  # fmt: skip


def test_tiles(client, owner, urls, sold):
    client.force_login(owner)
    html = unescape(client.get(urls["coupons"]).content.decode())
    sums = {"issued": 5, **USED, "own_cost_fen": 0}
    assert re.findall(r'class="tile-value"[^>]*>([^<]*)<', html) == [
        METRICS[key].short(METRICS[key].value(sums))
        for key in ("issued", "redeemed", "discount", "own_cost", "coupon_sales")
    ]


REPORT = {
    "state": "measured", "share_bp": 1000, "treated": 100, "held": 100, "running": 0, "left_out": 0, "smallest": None,
    "outcomes": [
        {"key": "visit", "unit": "share", "treated": 0.5, "held": 0.3, "difference": 0.2, "low": 0.1, "high": 0.3,
         "reduced": 0.0},
        {"key": "spend_award", "unit": "fen", "treated": 12_345.0, "held": 2_345.0, "difference": 10_000.0,
         "low": 9_000.0, "high": 11_000.0, "reduced": 0.0},
        {"key": "spend_competitors", "unit": "fen", "treated": 98_765.0, "held": 1.0, "difference": 1.0, "low": 0.0,
         "high": 2.0, "reduced": 0.0},
    ],
}  # fmt: skip


def test_what_is_proven_of_own_stores(client, owner, mall, urls, sold):
    UpliftReport.objects.create(mall=mall, rule=sold, result=REPORT, made_at=timezone.now())
    client.force_login(owner)
    html = unescape(client.get(urls["coupons"]).content.decode())
    assert "More visits" in html
    assert "Brought more shoppers to the award stores: between +10.0 and +30.0 points." in html
    assert "Spent at your stores: ¥123.45 each, by those kept apart ¥23.45; difference +¥90.00 to +¥110.00." in html
    assert "987.65" not in html  # what competitors sold


def test_a_report_about_others_stores_too_is_not_told(client, owner, mall, urls, sold, rival):
    UpliftReport.objects.create(mall=mall, rule=sold, result=REPORT, made_at=timezone.now())
    sold.version.stocks.add(rival[1])
    client.force_login(owner)
    html = unescape(client.get(urls["coupons"]).content.decode())
    assert "Not yours alone" in html
    assert "123.45" not in html and "More visits" not in html


def test_a_cashier_is_offered_redemption_only(client, cashier, merchant):
    client.force_login(cashier)
    html = client.get(reverse("redeem:store_choose", args=[merchant.pk])).content.decode()
    offered = set(re.findall(rf'href="(/merchants/{merchant.pk}/[^"]*)"', html))
    assert {url.split("/")[3] for url in offered} <= {"redeem", "redemptions", "disputes"}


def test_a_provider_reads_what_the_rules_cost_it_that_it_pays_for(client, mall, merchant, store, other_store, now):
    """Also of coupons used at stores that it does not serve, as on its statement; and no other figure of these."""
    payer, other = factories.make_provider(mall=mall), factories.make_provider(mall=mall)
    for each in (payer, other):
        factories.make_agreement(provider=each, store=store)
    theirs = factories.make_stock(mall=mall, merchant=other_store.merchant)
    rule = factories.make_rule(mall=mall, stock=theirs, shares=((0, 6_667), (-payer.pk, 3_333)))
    for who in ("anna", "bert"):
        make_used(other_store, rule, who, now)
    shown = results_of(client, payer)
    (row,) = shown.context["tables"]["costs"].rows
    assert (row["name"], row["own_cost"]) == (rule.name, 2 * 333)
    assert row["own_cost"] == -sum(line.amount_fen for line in so_far(payer, first_of_month(TODAY)))
    consent = rule.version.consents.get(provider=payer)
    assert reverse("coupons:provider_consent", args=[payer.pk, consent.pk]) in shown.text
    assert "costs" not in results_of(client, other).context.get("tables", {})


def results_of(client, provider):
    client.force_login(factories.make_member(Role.PROVIDER_VIEWER, provider=provider))
    return client.get(reverse("analytics:provider_coupons", args=[provider.pk]))
