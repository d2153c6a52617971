import csv
import io

import pytest
from django.urls import reverse

from analytics.metrics import METRICS
from tests import factories

from .cells import put
from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def download(client, name, *args, **query):
    response = client.get(reverse(f"analytics:{name}", args=args), query)
    assert response.status_code == 200
    content = b"".join(response.streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    return response, list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))


def test_stores_as_shown(client, manager, mall, store, other_store):
    put(store, TODAY, payments=3, gross_fen=123_456_789, refund_fen=1, redeemed=2)
    put(other_store, TODAY, payments=1, gross_fen=100, folded=False)
    client.force_login(manager)
    response, rows = download(client, "store_list", mall.slug, export="stores", compare="none", sort="net_sales")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="galaxy-stores-2026-10-23-2026-11-21.csv"'
    assert rows == [
        ["Galaxy – Stores", "2026-10-23 – 2026-11-21", "days of Asia/Shanghai"],
        [
            "Store", "Store: detail", "Category", "Net sales (¥)", "Share (%)", "Transactions", "Average ticket (¥)",
            "Refund rate (%)", "Redeemed",
        ],
        [other_store.name, "", other_store.category.name, "1.00", "0.0", "1", "1.00", "0.0", "0"],
        [store.name, "", store.category.name, "1234567.88", "100.0", "3", "411522.63", "0.0", "2"],
    ]  # fmt: skip


def test_all_pages_of_the_table(client, manager, mall):
    for _ in range(30):
        put(factories.make_store(mall=mall), TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    _response, rows = download(client, "store_list", mall.slug, export="stores", page="2")
    assert len(rows) == 32


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_defused(client, manager, mall, name):
    factories.make_store(mall=mall, name_en=name, name_zh="")
    client.force_login(manager)
    _response, rows = download(client, "store_list", mall.slug, export="stores")
    assert rows[2][0] == (name if name == "-2" else f"'{name}")  # a number runs nothing


def test_negative_amounts_and_changes_stay_numbers(client, manager, mall, store):
    put(store, TODAY, refund_fen=500)
    put(store, TODAY.replace(month=10, day=1), payments=1, gross_fen=1_000)
    client.force_login(manager)
    _response, rows = download(client, "store_list", mall.slug, export="stores")
    assert rows[2][3:6] == ["-5.00", "-150.0", ""]


def test_sales_by_day(client, manager, mall, store):
    put(store, TODAY, payments=1, gross_fen=1_000)
    put(store, TODAY.replace(day=20), payments=1, gross_fen=500)
    client.force_login(manager)
    query = {"period": "custom", "start": "2026-11-21", "end": "2026-11-21", "export": "net_sales-by-day"}
    _response, rows = download(client, "mall_overview", mall.slug, **query)
    assert rows[1:] == [
        ["Day", "Net sales (¥)", "Compared day", "Net sales then (¥)", "Change (%)"],
        ["2026-11-21", "10.00", "2026-11-20", "5.00", "+100.0"],
    ]


def test_every_table_that_the_menu_offers(client, manager, mall, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    measures = {"payments": 1, "gross_fen": 1_000, "issued": 2, "redeemed": 1}
    put(store, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **measures)
    client.force_login(manager)
    for name in ("mall_overview", "store_list", "category_list", "coupon_funnel"):
        url = reverse(f"analytics:{name}", args=[mall.slug])
        files = client.get(url).context["files"]
        assert files
        for _label, address in files:
            assert address.startswith(f"{url}?")
            response = client.get(address)
            assert response["Content-Type"].startswith("text/csv")
            assert b"".join(response.streaming_content).count(b"\n") >= 3


def test_an_unknown_table_is_not_found(client, manager, mall, store):
    client.force_login(manager)
    assert client.get(reverse("analytics:store_list", args=[mall.slug]), {"export": "secrets"}).status_code == 404


def test_other_currencies(client, manager, mall, store):
    mall.currency = "R$"
    mall.save()
    put(store, TODAY, payments=1, gross_fen=1_000)
    client.force_login(manager)
    _response, rows = download(client, "store_list", mall.slug, export="stores")
    assert rows[1][3] == "Net sales (R$)"
    overview = client.get(reverse("analytics:mall_overview", args=[mall.slug])).content.decode()
    assert "R$10.00" in overview and "¥" not in overview
    assert METRICS["net_sales"].text(1_000, mall.currency) == "R$10.00"
