"""Statements as CSV, XLSX and PDF: every line, every entry, the same sums."""

import pytest
from django.urls import reverse
from django.utils import translation

from mallops.lib.money import parse_yuan
from settlements.files import statements as files
from settlements.queries.statements import line_rows
from tests.analytics.files import body, csv_rows, pdf_pages, pdf_text, xlsx_sheets

from .stated import january

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world):
    return january(world)


def download(client, desk, kind):
    client.force_login(desk.manager)
    return client.get(reverse("settlements:mall_statement_file", args=[desk.mall.slug, desk.statement.pk, kind]))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("csv", "text/csv; charset=utf-8"), ("pdf", "application/pdf"), ("xlsx", "application/vnd.openxml")],
)
def test_each_is_saved_under_a_name_that_says_what_it_is(client, desk, kind, content_type):
    answer = download(client, desk, kind)
    name = f"galaxy-2026-01-merchant-{desk.merchant.pk}.{kind}"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"].startswith(content_type) and answer["Cache-Control"] == "private, no-store"
    assert body(answer)


def test_the_csv_sums_three_times_to_the_total(client, desk):
    head, *rows = csv_rows(download(client, desk, "csv"))
    found = [dict(zip(head, row, strict=True)) for row in rows]
    sums = {kind: sum(parse_yuan(row["amount"]) for row in found if row["row"] == kind)
            for kind in ("total", "line", "entry")}  # fmt: skip
    assert set(sums.values()) == {desk.statement.total_fen}
    assert [row["row"] for row in found] == sorted((row["row"] for row in found), key=["total", "line", "entry"].index)
    for line in line_rows(desk.statement):
        entries = [row for row in found if row["row"] == "entry" and row["line"] == str(line.position)]
        assert (len(entries), sum(parse_yuan(row["amount"]) for row in entries)) == (line.count, line.amount_fen)
    assert {row["order"] for row in found if row["row"] == "entry"} == {"99.99", "5.01"}
    assert found[0]["note"].startswith("Galaxy owes")


def test_the_workbook_has_lines_and_entries(client, desk):
    sheets = xlsx_sheets(body(download(client, desk, "xlsx")))
    assert list(sheets) == ["Lines", "Entries"]
    lines, total = sheets["Lines"], desk.statement.total_fen / 100
    head = next(number for number, row in enumerate(lines) if row[:1] == ["No."])
    assert round(sum(row[-1] for row in lines[head + 1 :]), 2) == total
    assert lines[0][0].endswith("Statement of Jan 2026") and lines[1][0].startswith("Galaxy owes")
    head, *entries = sheets["Entries"]
    amount = head.index("Amount")
    assert round(sum(row[amount] for row in entries), 2) == total
    assert len(entries) == sum(line.count for line in line_rows(desk.statement))


def test_the_document_says_all_of_it(client, desk):
    text = pdf_text(body(download(client, desk, "pdf")))
    assert "Galaxy owes" in text and "Coupons honoured" in text and "Closing note" in text
    for line in line_rows(desk.statement):
        assert f"{abs(line.amount_fen) / 100:.2f}" in text


def test_a_long_statement_is_cut_in_the_document_alone(desk, monkeypatch):
    monkeypatch.setattr(files, "MOST_ENTRIES", 2)
    more = sum(line.count for line in line_rows(desk.statement)) - 2
    content = files.pdf(desk.statement)
    assert f"+ {more}" in pdf_text(content) and pdf_pages(content) == 1


def test_in_chinese(desk):
    desk.merchant.name_zh = "云团甜品"
    desk.merchant.save()
    with translation.override("zh-hans"):
        assert "云团甜品" in pdf_text(files.pdf(desk.statement))
        assert "云团甜品" in "".join(files.csv(desk.statement))


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "@SUM(A1)"])
def test_formulas_are_defused(client, desk, name):
    desk.world.stores[0].__class__.objects.update(name_en=name, name_zh="")
    rows = csv_rows(download(client, desk, "csv"))
    assert {row[4] for row in rows[2:]} == {f"'{name}"}
    assert xlsx_sheets(body(download(client, desk, "xlsx")))


def test_entries_are_read_some_at_a_time(desk, django_assert_max_num_queries):
    """The CSV begins before its entries are read."""
    with django_assert_max_num_queries(3):
        rows = files._csv_rows(desk.statement)
        assert next(rows) == files.HEAD
