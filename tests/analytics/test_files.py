"""Tables of boards as CSV and XLSX, whole pages as XLSX and PDF: what is in them, who gets them, bad names."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.files import xlsx
from analytics.files.inks import COLOURS
from analytics.files.paper_tables import TablePart
from analytics.files.tables import change_of, detail_of, value_of
from mallops.lib import format as fmt
from mallops.lib.dates import Period
from mallops.lib.ui.tables import Column, Table
from tests import factories

from .cells import put
from .conftest import TODAY
from .files import body, csv_rows, pdf_pages, pdf_text, xlsx_sheets
from .test_bad_queries import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

NASTY = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "http://example.com/"]


def download(client, name, *args, **query):
    return client.get(reverse(f"analytics:{name}", args=args), query)


@pytest.fixture
def sold(mall, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    measures = {"payments": 3, "gross_fen": 123_456_789, "refund_fen": 1_234_567, "issued": 2, "redeemed": 1}
    put(store, TODAY, rule=factories.make_rule(mall=mall, stock=stock), stock=stock, **measures)
    put(store, TODAY - timedelta(days=30), payments=1, gross_fen=61_000_000)


# --- CSV ---


def test_stores_as_shown(client, manager, mall, store, other_store):
    put(store, TODAY, payments=3, gross_fen=123_456_789, refund_fen=1, redeemed=2)
    put(other_store, TODAY, payments=1, gross_fen=100, folded=False)
    client.force_login(manager)
    response = download(client, "store_list", mall.slug, export="stores", compare="none", sort="net_sales")
    rows = csv_rows(response)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="galaxy-stores-2026-10-23-2026-11-21.csv"'
    assert response["Cache-Control"] == "private, no-store"
    assert rows[0] == ["Galaxy – Stores", "2026-10-23 – 2026-11-21", "days of Asia/Shanghai"]
    found = [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]
    assert [row["Store"] for row in found] == [other_store.name, store.name]
    assert [row["Net sales (¥)"] for row in found] == ["1.00", "1234567.88"]
    assert [row["Share (%)"] for row in found] == ["0.0", "100.0"]
    assert [row["Transactions"] for row in found] == ["1", "3"]
    assert [row["Average ticket (¥)"] for row in found] == ["1.00", "411522.63"]


def test_the_first_line_says_filters_and_compared_days(client, manager, mall, store):
    put(store, TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    query = {"export": "stores", "period": "7d", "category": store.category.code}
    assert csv_rows(download(client, "mall_overview", mall.slug, **query))[0] == [
        "Galaxy – Stores", "2026-11-15 – 2026-11-21", "days of Asia/Shanghai", store.category.name,
        "compared with 2026-11-08 – 2026-11-14",
    ]  # fmt: skip


def test_all_pages_of_the_table(client, manager, mall):
    for _ in range(30):
        put(factories.make_store(mall=mall), TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    assert len(csv_rows(download(client, "store_list", mall.slug, export="stores", page="2"))) == 32
    (sheet,) = xlsx_sheets(
        body(download(client, "store_list", mall.slug, export="stores", page="2", **{"as": "xlsx"}))
    ).values()
    assert len(sheet) == 33


@pytest.mark.parametrize("name", NASTY)
def test_formulas_are_defused(client, manager, mall, name):
    factories.make_store(mall=mall, name_en=name, name_zh="")
    client.force_login(manager)
    rows = csv_rows(download(client, "store_list", mall.slug, export="stores"))
    assert rows[2][0] == (name if name in ("-2", "http://example.com/") else f"'{name}")  # a number runs nothing
    content = body(download(client, "store_list", mall.slug, export="stores", **{"as": "xlsx"}))
    assert xlsx_sheets(content)["Stores"][3][0].strip() == name.strip()  # as text: `xlsx_sheets` refuses formulas


def test_negative_amounts_and_changes_stay_numbers(client, manager, mall, store):
    put(store, TODAY, refund_fen=500)
    put(store, TODAY.replace(month=10, day=1), payments=1, gross_fen=1_000)
    client.force_login(manager)
    rows = csv_rows(download(client, "store_list", mall.slug, export="stores"))
    found = dict(zip(rows[1], rows[2], strict=True))
    assert (found["Net sales (¥)"], found["Change (%)"], found["Share (%)"]) == ("-5.00", "-150.0", "")


def test_sales_by_day(client, manager, mall, store):
    put(store, TODAY, payments=1, gross_fen=1_000)
    put(store, TODAY.replace(day=20), payments=1, gross_fen=500)
    client.force_login(manager)
    query = {"period": "custom", "start": "2026-11-21", "end": "2026-11-21", "export": "net_sales-by-day"}
    rows = csv_rows(download(client, "mall_overview", mall.slug, **query))
    assert rows[1][:5] == ["Day", "Net sales (¥)", "Compared day", "Net sales then (¥)", "Change (%)"]
    assert rows[2][:5] == ["2026-11-21", "10.00", "2026-11-20", "5.00", "+100.0"]


def test_other_currencies(client, manager, mall, store):
    mall.currency = "R$"
    mall.save()
    put(store, TODAY, payments=1, gross_fen=1_000)
    client.force_login(manager)
    assert "Net sales (R$)" in csv_rows(download(client, "store_list", mall.slug, export="stores"))[1]
    overview = client.get(reverse("analytics:mall_overview", args=[mall.slug])).content.decode()
    assert "R$10.00" in overview and "¥" not in overview


def test_heads_are_in_the_readers_language(client, manager, mall, store):
    put(store, TODAY, payments=1, gross_fen=1_000)
    client.force_login(manager)
    client.cookies["django_language"] = "zh-hans"
    rows = csv_rows(download(client, "store_list", mall.slug, export="stores"))
    assert rows[0][0] == "星河天地 – 门店"
    assert "净销售额 (¥)" in rows[1]


# --- XLSX ---


def test_numbers_are_numbers_and_days_are_days(client, manager, mall, sold):
    client.force_login(manager)
    query = {"export": "net_sales-by-day", "as": "xlsx"}
    response = download(client, "mall_overview", mall.slug, **query)
    assert response["Content-Disposition"].endswith('galaxy-net_sales-by-day-2026-10-23-2026-11-21.xlsx"')
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    (rows,) = xlsx_sheets(body(response)).values()
    assert rows[0] == ["Galaxy – Net sales by day"]
    assert rows[1][0].startswith("2026-10-23 – 2026-11-21 · days of Asia/Shanghai")
    last = dict(zip(rows[2], rows[-1], strict=False))
    assert last["Net sales (¥)"] == 1222222.22
    assert last["Day"] == (TODAY - TODAY.replace(year=1899, month=12, day=30)).days  # as Excel counts days


def test_a_workbook_has_a_sheet_for_each_table(client, manager, mall, sold):
    client.force_login(manager)
    url = reverse("analytics:mall_overview", args=[mall.slug])
    offers = client.get(url).context["files"]
    sheets = xlsx_sheets(body(client.get(url, {"export": "page", "as": "xlsx"})))
    assert list(sheets) == [xlsx.tab_name(offer.label, []) for offer in offers[1:]]
    assert all(len(rows) >= 3 for rows in sheets.values())


def test_names_of_tabs():
    assert xlsx.tab_name("a[b]:c*?/\\d", []) == "a b  c    d"
    assert xlsx.tab_name("x" * 40, ["x" * 31]) == f"{'x' * 27} (2)"
    assert xlsx.tab_name("Stores", ["stores", "Stores (2)"]) == "Stores (3)"
    assert xlsx.tab_name("History", []) == "History (2)"
    assert xlsx.tab_name("''", []) == "–"


# --- PDF ---


def test_the_whole_page_as_pdf(client, manager, mall, store, sold):
    client.force_login(manager)
    response = download(client, "mall_overview", mall.slug, export="page", **{"as": "pdf"})
    assert response["Content-Type"] == "application/pdf"
    text = pdf_text(body(response))
    for said in (
        "Overview", "Galaxy · 2026-10-23 – 2026-11-21", "compared with 2026-09-23 – 2026-10-22", "Net sales by day",
        "Data up to 2026-11-21 20:00 (mall time, Asia/Shanghai)", "¥1.22M", "+100.4%", "was ¥610.0K", store.name,
        "¥1,222,222.22", "Page 1 of",
    ):  # fmt: skip
        assert said in text, said


def test_pdf_in_chinese(client, manager, mall, store, sold):
    client.force_login(manager)
    client.cookies["django_language"] = "zh-hans"
    text = pdf_text(body(download(client, "mall_overview", mall.slug, export="page", **{"as": "pdf"})))
    for said in ("星河天地", "净销售额", "门店", f"店 {store.name_zh[1:]}"):
        assert said in text, said


def test_long_tables_go_on_with_their_head(client, manager, mall):
    for _ in range(120):
        put(factories.make_store(mall=mall), TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    content = body(download(client, "store_list", mall.slug, export="page", **{"as": "pdf"}))
    text = pdf_text(content)
    assert pdf_pages(content) >= 3
    assert text.count("Average ticket") == pdf_pages(content)
    assert text.count("¥1.00") >= 240  # net sales and ticket of each store


@pytest.mark.parametrize("name", [*NASTY, "𝄞 🎉 火锅", "x" * 40, "</para><b>", "\\) Tj ("])
def test_pdf_takes_any_text(client, manager, mall, name):
    put(factories.make_store(mall=mall, name_en=name, name_zh=""), TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    assert pdf_pages(body(download(client, "store_list", mall.slug, export="page", **{"as": "pdf"}))) == 1


def test_nothing_sold(client, manager, mall, store):
    client.force_login(manager)
    text = pdf_text(body(download(client, "mall_overview", mall.slug, export="page", **{"as": "pdf"})))
    assert "No sales in this period" in text
    assert list(xlsx_sheets(body(download(client, "mall_overview", mall.slug, export="page", **{"as": "xlsx"})))) == [
        "Sheet1"
    ]


def test_colours_are_those_of_the_light_theme(settings):
    css = (settings.BASE_DIR / "static/ui/mall.css").read_text().partition('[data-bs-theme="dark"]')[0]
    for name, code in COLOURS.items():
        assert f"--m-{name}: {code};" in css, name


# --- Every board ---


def test_every_file_that_every_board_offers(client, manager, mall, store, other_store, provider, sold):
    store.floor = factories.make_floor(mall=mall)
    store.save()
    client.force_login(manager)
    offered = 0
    compared = reverse("analytics:store_compare", args=[mall.slug]) + "?store=hotpot&store=cafe"
    for url in [*addresses(mall, store, provider), compared]:
        response = client.get(url)
        for offer in (response.context or {}).get("files", ()):
            offered += 1
            for kind, address in offer.links:
                assert address.startswith(url.partition("?")[0] + "?")
                check(client.get(address), kind)
    assert offered >= 30


def check(response, kind: str) -> None:
    content = body(response)
    if kind == "CSV":
        assert content.count(b"\n") >= 2  # what it is, and the heads
    elif kind == "XLSX":
        assert all(len(rows) >= 3 for rows in xlsx_sheets(content).values())
    else:
        assert pdf_pages(content) >= 1


@pytest.mark.parametrize(
    "query",
    [
        {"export": "secrets"}, {"export": "secrets", "as": "xlsx"}, {"export": "stores", "as": "exe"},
        {"export": "stores", "as": "pdf"}, {"export": "page"}, {"export": "page", "as": "csv"}, {"export": ""},
    ],
    ids=str,
)  # fmt: skip
def test_unknown_files_are_not_found(client, manager, mall, store, query):
    client.force_login(manager)
    assert download(client, "store_list", mall.slug, **query).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_files_are_for_those_who_may_see_the_board(client, stranger, mall, store, kind):
    client.force_login(stranger)
    name = "page" if kind == "pdf" else "stores"
    assert download(client, "store_list", mall.slug, export=name, **{"as": kind}).status_code == 404


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_files_ask_the_same_queries_for_one_store_and_three(client, manager, mall, store, sold, kind):
    client.force_login(manager)
    url = reverse("analytics:store_list", args=[mall.slug])
    counts = []
    for _stores in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            body(client.get(url, {"export": "page", "as": kind}))
        counts.append(len(queries))
        for _ in range(2):
            put(factories.make_store(mall=mall), TODAY, payments=1, gross_fen=100)
    assert counts[0] == counts[1]


# --- Values ---


@pytest.mark.parametrize(
    ("column", "raw", "expected"),
    [
        (Column("a", "A", format=fmt.money), 1_250, ("fen", 1_250)),
        (Column("a", "A", format=fmt.count), 1_250, ("count", 1_250)),
        (Column("a", "A", format=fmt.percent), Fraction(1, 8), ("rate", Fraction(1, 8))),
        (Column("a", "A", kind="share"), Fraction(1, 8), ("rate", Fraction(1, 8))),
        (Column("a", "A"), 7, ("count", 7)),
        (
            Column("a", "A", format=lambda fen: fmt.money(fen, "R$")),
            1_250,
            ("text", "R$12.50"),
        ),  # not 1,250 of anything
        (Column("a", "A", kind="state"), ("Live", "good"), ("text", "Live")),
        (Column("a", "A"), True, ("text", "Yes")),
        (Column("a", "A"), TODAY, ("day", TODAY)),
        (Column("a", "A"), Period(TODAY, TODAY + timedelta(days=1)), ("day", TODAY)),
        (Column("a", "A"), Period(TODAY, TODAY + timedelta(days=7)), ("text", "2026-11-21 – 2026-11-27")),
        (Column("a", "A"), None, ("text", "")),
        (Column("a", "A"), "<b>", ("text", "<b>")),
    ],
)
def test_values(column, raw, expected):
    assert value_of(column, raw, "Asia/Shanghai") == expected


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("+12.3%", "change", "0.123"), ("-1,234.0%", "change", "-12.34"), ("0.0%", "change", "0"),
        ("+1.4 pp", "points", "1.4"), ("-0.3 个百分点", "points", "-0.3"),
    ],
)  # fmt: skip
def test_changes(text, unit, number):
    found = change_of(text)
    assert (found.unit, float(found.raw)) == (unit, float(number))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("L1-02", ("text", "L1-02")), ("-3.1%", ("change", -0.031)), (fmt.change(3, 2), ("change", 0.5)),
        (None, ("text", "")), ("+1", ("text", "+1")),
    ],
)  # fmt: skip
def test_details(raw, expected):
    unit, found = detail_of(raw)
    assert (unit, float(found) if unit == "change" else found) == expected


def test_no_change_is_empty():
    assert change_of(fmt.NONE) == ("text", "")


@pytest.mark.parametrize("rows", [0, 1, 4, 30])
def test_parts_of_a_table_fit_where_it_breaks(rows):
    table = Table([Column("name", "Store")], [{"name": "x"}] * rows, page_size=None)
    for height in range(20, 400):
        part = TablePart("Stores", table)
        if part.wrap(500, height)[1] > height:
            pieces = part.split(500, height)
            assert not pieces or pieces[0].wrap(500, height)[1] <= height
            assert sum(len(piece.rows) for piece in pieces) in (0, rows)
