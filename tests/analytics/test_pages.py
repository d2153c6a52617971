"""The dashboards over HTTP: the figures, who sees whose, the part and the page, what bad filters do."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from analytics.metrics import METRICS
from merchants.models import Store
from tests import factories

from .cells import put
from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SOLD = {"payments": 3, "gross_fen": 123_456_789, "refunds": 1, "refund_fen": 1_250_000}
COUPONS = {
    "issued": 8, "redeemed": 5, "reversals": 1, "discount_fen": 900, "reversed_fen": 200,
    "coupon_sales_fen": 70_000, "reversed_sales_fen": 1_000, "expired": 2, "revoked": 1,
}  # fmt: skip
PART = {"HX-Request": "true", "HX-Target": "board"}
OF_STORE = ["net_sales", "transactions", "average_ticket", "redeemed", "refund_rate"]
WITH_SHOPPERS = [*OF_STORE[:3], "shoppers", *OF_STORE[3:]]


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant, name_en="Ten off")


@pytest.fixture
def sold(mall, store, stock):
    """Sales and coupons at `store` today, half of them not folded yet, and sales 30 days before."""
    rule = factories.make_rule(mall=mall, stock=stock)
    put(store, TODAY, 12, **SOLD)
    put(store, TODAY, 19, rule=rule, stock=stock, folded=False, **COUPONS)
    put(store, TODAY - timedelta(days=30), payments=1, gross_fen=61_000_000)
    return SOLD | COUPONS


def page(name: str, *args, query: str = "") -> str:
    return reverse(f"analytics:{name}", args=args) + query


@pytest.fixture
def pages(mall, store, provider):
    """Every board, by name."""
    return {
        "overview": page("mall_overview", mall.slug),
        "stores": page("store_list", mall.slug),
        "store": page("store_detail", mall.slug, store.code),
        "categories": page("category_list", mall.slug),
        "category": page("category_detail", mall.slug, store.category.code),
        "coupons": page("coupon_funnel", mall.slug),
        "merchant": page("merchant_overview", store.merchant_id),
        "provider": page("provider_overview", provider.pk),
    }


NAMES = ["overview", "stores", "store", "categories", "category", "coupons", "merchant", "provider"]


def text(response) -> str:
    return unescape(response.content.decode())


def tile_values(response) -> list[str]:
    return [unescape(found) for found in re.findall(r'class="tile-value"[^>]*>([^<]*)<', response.content.decode())]


# --- Figures ---


@pytest.mark.parametrize(
    ("name", "tiles", "in_tables"),
    [
        (
            "overview",
            ["net_sales", "transactions", "average_ticket", "shoppers", "redemption_rate", "refund_rate"],
            OF_STORE,
        ),
        ("stores", [], [*OF_STORE, "shoppers"]),
        ("store", WITH_SHOPPERS, ["issued", "redeemed", "expired", "revoked", "discount", "coupon_sales"]),
        ("categories", [], OF_STORE),
        ("category", OF_STORE, OF_STORE),
        (
            "coupons",
            ["issued", "redeemed", "redemption_rate", "discount", "coupon_sales"],
            ["issued", "redeemed", "redemption_rate", "expired", "revoked", "discount", "coupon_sales"],
        ),
        ("merchant", WITH_SHOPPERS, OF_STORE),
        ("provider", OF_STORE, OF_STORE),
    ],
)
def test_figures_are_those_of_the_registry(client, manager, pages, sold, name, tiles, in_tables):
    client.force_login(manager)
    sold |= {"shoppers": 0}  # cells have no sets of shoppers
    response = client.get(pages[name])
    assert response.status_code == 200
    assert tile_values(response) == [METRICS[key].short(METRICS[key].value(sold)) for key in tiles]
    shown = text(response)
    for key in in_tables:
        assert f">{METRICS[key].text(METRICS[key].value(sold))}</t" in shown, key
    for key in tiles:
        assert METRICS[key].help in shown


def test_change_against_the_previous_period(client, manager, pages, sold):
    client.force_login(manager)
    response = client.get(pages["overview"])
    assert "+100.3%" in text(response)  # 1,222,067.89 after 610,000.00
    assert "was ¥610.0K" in text(response)
    assert "2026-10-23 – 2026-11-21" in text(response)
    assert "compared with 2026-09-23 – 2026-10-22" in text(response)
    assert "+100.3%" not in text(client.get(pages["overview"], {"compare": "none"}))


def test_freshness_is_told_in_mall_time(client, manager, pages):
    client.force_login(manager)
    assert "Data up to 2026-11-21 20:00 (mall time, Asia/Shanghai)" in text(client.get(pages["overview"]))


@pytest.mark.parametrize("name", NAMES)
def test_charts_are_valid_for_plotly_and_have_a_table(client, manager, pages, sold, name):
    import plotly.graph_objects as go

    client.force_login(manager)
    html = client.get(pages[name]).content.decode()
    found = re.findall(r'<script id="[\w-]+-figure" type="application/json">(.*?)</script>', html)
    assert len(found) == html.count("<mall-chart") == html.count('class="as-table"')
    for figure in found:
        go.Figure(json.loads(figure))
        assert len(figure) < 50_000


# --- Tables beside charts ---


def beside(client, url, name: str, **query):
    headers = {"HX-Request": "true", "HX-Target": f"{name}-table"}
    return client.get(url, query | {"table": name}, headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_tables_beside_charts_come_when_they_are_opened(client, manager, pages, sold, name):
    client.force_login(manager)
    page = client.get(pages[name], {"period": "7d"})
    for chart in page.context.get("charts", {}).values():
        assert f'href="?period=7d&table={chart.id}#{chart.id}-title" hx-get="?period=7d&table={chart.id}"' in text(page)
        assert f">{chart.table.label}</caption>" not in text(page)
        part = beside(client, pages[name], chart.id, period="7d")
        assert part.content.strip().startswith(b'<div class="table-wrap"')
        assert f">{chart.table.label}</caption>" in text(part)
        assert text(part).count("<tr>") == len(chart.table.rows) + 1
        assert part["Cache-Control"] == "private, no-store" and "HX-Push-Url" not in part


def test_without_script_the_page_opens_the_table(client, manager, pages, sold):
    client.force_login(manager)
    page = text(client.get(pages["overview"], {"table": "hours"}))
    assert page.count('<details class="as-table" open>') == 1
    assert "Average net sales by weekday and hour</caption>" in page
    assert "Where sales come from</caption>" not in page


def test_a_board_that_is_swapped_keeps_the_opened_table(client, manager, pages, sold):
    client.force_login(manager)
    part = client.get(pages["overview"], {"table": "hours"}, headers=PART)
    assert part.content.startswith(b'<div class="stack" id="board">') and part.content.endswith(b"</div>")
    assert "Average net sales by weekday and hour</caption>" in text(part)


@pytest.mark.parametrize("name", ["nothing", "", "../hours"])
def test_a_table_that_is_not_there(client, manager, pages, sold, name):
    client.force_login(manager)
    assert beside(client, pages["overview"], name).status_code == 404
    assert client.get(pages["overview"], {"table": name}).status_code == 200


def test_figures_are_dense(client, manager, pages, store, sold):
    Store.objects.filter(pk=store.pk).update(name_zh="</script>甲", name_en="</script>甲")
    client.force_login(manager)
    found = re.search(r'<script id="mix-figure"[^>]*>(.*?)</script>', client.get(pages["overview"]).content.decode())[1]
    assert "甲" in found and '", "' not in found and "<" not in found
    assert "&lt;/script&gt;甲" in json.loads(found)["data"][0]["labels"]


@pytest.mark.parametrize("name", NAMES)
def test_pages_speak_chinese(client, manager, pages, sold, name):
    client.force_login(manager)
    client.cookies["django_language"] = "zh-hans"
    assert client.get(pages[name]).status_code == 200


def test_only_refunds(client, manager, pages, store):
    put(store, TODAY, refunds=1, refund_fen=500)
    client.force_login(manager)
    for url in pages.values():
        assert client.get(url).status_code == 200


# --- Who sees whose ---


@pytest.fixture
def rivals(mall, other_store):
    """Another merchant's store, with sales that must not show."""
    stock = factories.make_stock(mall=mall, merchant=other_store.merchant, name_en="Rival stock")
    Store.objects.filter(pk=other_store.pk).update(name_en="Rival store")
    measures = {"payments": 7, "gross_fen": 777_700, "issued": 77, "redeemed": 70}
    put(other_store, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **measures)


@pytest.mark.parametrize(("persona", "name"), [("owner", "merchant"), ("provider_manager", "provider")])
def test_partners_see_their_own_stores_only(client, request, pages, sold, rivals, persona, name):
    client.force_login(request.getfixturevalue(persona))
    response = client.get(pages[name])
    assert tile_values(response)[0] == METRICS["net_sales"].short(SOLD["gross_fen"] - SOLD["refund_fen"])
    assert "Rival" not in text(response)
    assert "7,777" not in text(response)
    assert "cafe" not in text(response)


@pytest.mark.parametrize(("persona", "name"), [("owner", "merchant"), ("provider_manager", "provider")])
def test_partners_cannot_choose_a_store_of_others(client, request, pages, sold, rivals, persona, name):
    client.force_login(request.getfixturevalue(persona))
    response = client.get(pages[name], {"store": "cafe"})
    assert "cafe is not one of the available choices" in text(response)
    assert tile_values(response) == []


@pytest.mark.parametrize("persona", ["owner", "cashier", "provider_manager", "stranger"])
@pytest.mark.parametrize("name", ["overview", "stores", "store", "categories", "category", "coupons"])
def test_boards_of_the_mall_are_the_malls(client, request, pages, persona, name):
    client.force_login(request.getfixturevalue(persona))
    assert client.get(pages[name]).status_code == 404


def test_a_cashier_sees_no_figures(client, cashier, pages):
    client.force_login(cashier)
    assert client.get(pages["merchant"]).status_code == 403


def test_a_provider_in_bad_standing_sees_nothing(client, provider, provider_manager, pages, sold):
    type(provider).objects.update(standing="suspended")
    client.force_login(provider_manager)
    response = client.get(pages["provider"])
    assert "No served stores" in text(response)
    assert tile_values(response) == []


def test_services_of_a_provider_are_told(client, provider, provider_manager, pages, store):
    factories.make_agreement(provider=provider, store=store, capability="acquiring")
    client.force_login(provider_manager)
    assert "Acquiring, Operations" in text(client.get(pages["provider"]))


def test_unknown_store_and_category(client, manager, mall):
    client.force_login(manager)
    known = page("store_detail", mall.slug, "no/such")
    assert client.get(known).status_code == 404
    assert client.get(known.replace("such", "%00")).status_code == 404
    assert client.get(page("category_detail", mall.slug, "nothing")).status_code == 404


def test_a_store_code_may_have_any_letters(client, manager, mall):
    odd = factories.make_store(mall=mall, code="A/1 火锅?")
    put(odd, TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    assert client.get(page("store_detail", mall.slug, odd.code)).status_code == 200
    assert client.get(page("store_list", mall.slug)).status_code == 200


# --- Cost ---


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("overview", 24), ("stores", 9), ("store", 24), ("categories", 10), ("category", 10), ("coupons", 11),
        ("merchant", 13), ("provider", 13),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stores", [1, 3])
def test_query_count_does_not_grow(
    client, manager, mall, provider, pages, store, sold, name, queries, stores, django_assert_num_queries
):
    for _ in range(stores - 1):
        more = factories.make_store(mall=mall, merchant=store.merchant, floor=factories.make_floor(mall=mall))
        stock = factories.make_stock(mall=mall, merchant=store.merchant)
        factories.make_agreement(provider=provider, store=more)
        put(more, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **(SOLD | COUPONS))
    client.force_login(manager)
    with django_assert_num_queries(queries):  # of the part: what the page around it asks is not ours
        assert client.get(pages[name], headers=PART).status_code == 200


# --- The part and the page ---


@pytest.mark.parametrize("name", NAMES)
def test_htmx_gets_the_board_alone(client, manager, pages, sold, name):
    client.force_login(manager)
    response = client.get(pages[name], {"period": "7d", "compare": "previous", "x": "1"}, headers=PART)
    assert text(response).lstrip().startswith('<div class="stack" id="board">')
    assert "<html" not in text(response)
    assert response["HX-Push-Url"] == f"{pages[name]}?period=7d"
    assert "HX-Request" in response["Vary"] and "no-store" in response["Cache-Control"]
    assert "<html" in text(client.get(pages[name]))


@pytest.mark.parametrize(
    "query",
    [
        {"period": "custom", "start": "2026-11-21", "end": "2026-11-01"},
        {"period": "custom", "start": "1066-10-14", "end": "2026-11-01"},
        {"period": "custom", "start": "2016-11-01", "end": "2026-11-01"},
        {"period": "' OR 1=1"},
        {"compare": "x" * 5000},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", NAMES)
def test_bad_filters_are_told_on_the_board(client, manager, pages, sold, name, query):
    client.force_login(manager)
    response = client.get(pages[name], query, headers=PART)
    assert response.status_code == 200
    assert 'role="alert"' in text(response)
    assert tile_values(response) == []
    assert 'class="errorlist"' in text(client.get(pages[name], query))


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "-1"}, {"size": "10000000"}, {"sort": "password"}])
def test_bad_table_parameters_are_passed_over(client, manager, pages, sold, query):
    client.force_login(manager)
    assert client.get(pages["stores"], query).status_code == 200


def test_chips_take_filters_away(client, manager, pages, store, sold):
    client.force_login(manager)
    query = {"period": "7d", "category": store.category.code, "store": store.code}
    chips = re.findall(r'class="chip" href="([^"]*)"', client.get(pages["overview"], query).content.decode())
    assert [unescape(chip) for chip in chips] == [
        f"{pages['overview']}?period=7d&store=hotpot",
        f"{pages['overview']}?period=7d&category={store.category.code}",
    ]


def test_sorting(client, manager, mall, pages, store, other_store, sold):
    put(other_store, TODAY, payments=50, gross_fen=100)
    client.force_login(manager)

    def first(**query) -> str:
        return client.get(pages["stores"], query).context["table"].page[0]["store"].code

    assert (first(), first(sort="-transactions"), first(sort="net_sales")) == ("hotpot", "cafe", "cafe")


def test_a_long_period_is_drawn_by_week_and_sums_are_the_same(client, manager, pages, sold):
    client.force_login(manager)
    query = {"period": "custom", "start": "2023-11-22", "end": "2026-11-21", "compare": "last_year"}
    response = client.get(pages["overview"], query)
    assert "Net sales by week" in text(response)
    assert tile_values(response)[0] == METRICS["net_sales"].short(SOLD["gross_fen"] - SOLD["refund_fen"] + 61_000_000)
    html = response.content.decode()
    figure = json.loads(re.search(r'<script id="net_sales-by-day-figure"[^>]*>(.*?)</script>', html)[1])
    assert len(figure["data"][0]["x"]) == 157
    assert all(len(found) < 50_000 for found in re.findall(r'<script id="[\w-]+-figure"[^>]*>(.*?)</script>', html))


@pytest.mark.parametrize("name", NAMES)
def test_definitions_can_be_read_without_a_pointer(client, manager, pages, sold, name):
    client.force_login(manager)
    shown = text(client.get(pages[name]))
    panel = shown[shown.index('id="definitions"') :]
    assert METRICS["transactions" if name != "coupons" else "issued"].help in panel


# --- Nothing to show ---


@pytest.mark.parametrize("name", ["overview", "store", "category"])
def test_no_sales(client, manager, pages, name):
    client.force_login(manager)
    assert "No sales in this period" in text(client.get(pages[name]))


def test_no_coupons(client, manager, pages):
    client.force_login(manager)
    assert "No coupon was issued or used in this period" in text(client.get(pages["coupons"]))


@pytest.mark.parametrize("name", ["mall_overview", "store_list", "category_list", "coupon_funnel"])
def test_no_stores(client, manager, mall, name):
    client.force_login(manager)
    assert "No stores yet" in text(client.get(page(name, mall.slug)))


def test_a_merchant_without_sales_sees_zeros(client, owner, pages):
    client.force_login(owner)
    assert tile_values(client.get(pages["merchant"])) == ["¥0.00", "0", "–", "0", "0", "–"]
