"""Sorting by a whitelist, pages, and what the table template says to screen readers."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.template.loader import render_to_string

from mallops.lib.format import change, money
from mallops.lib.ui.tables import Column, Empty, Table

COLUMNS = [
    Column("name", "Store", sortable=True, url=lambda row: f"/stores/{row['name']}/"),
    Column("net", "Net sales", align="end", format=money, sortable=True),
    Column("secret", "Secret"),
    Column("change", "Change", kind="change", export=False),
]
ROWS = [
    {"name": "Tea", "net": 300, "secret": 1, "change": change(3, 2)},
    {"name": "Books", "net": None, "secret": 2, "change": None},
    {"name": "Shoes", "net": 500, "secret": 3, "change": change(1, 2)},
]


def names(query: str, **options) -> list[str]:
    return [row["name"] for row in Table(COLUMNS, ROWS, QueryDict(query), **options).page]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Tea", "Books", "Shoes"]),
        ("sort=name", ["Books", "Shoes", "Tea"]),
        ("sort=-name", ["Tea", "Shoes", "Books"]),
        ("sort=net", ["Tea", "Shoes", "Books"]),
        ("sort=-net", ["Shoes", "Tea", "Books"]),
        ("sort=secret", ["Tea", "Books", "Shoes"]),
        ("sort=--net", ["Tea", "Books", "Shoes"]),
        ("sort=__class__", ["Tea", "Books", "Shoes"]),
    ],
)
def test_sort_follows_the_whitelist_and_puts_nothing_last(query, expected):
    assert names(query) == expected


def test_default_sort_applies_when_the_url_says_nothing_allowed():
    assert names("sort=secret", default_sort="-net") == ["Shoes", "Tea", "Books"]


def test_a_queryset_is_sorted_by_the_database_with_a_steady_order():
    columns = [Column("app", "App", sortable="app_label")]
    order = Table(columns, ContentType.objects.all(), QueryDict("sort=-app")).sorted_rows.query.order_by
    assert order[0].expression.name == "app_label"
    assert order[0].descending and order[0].nulls_last
    assert order[1] == "pk"


def test_heads_link_to_the_other_direction_and_keep_the_filters():
    name, net, secret, _ = Table(COLUMNS, ROWS, QueryDict("state=open&page=2&sort=net")).heads
    assert (name.aria_sort, name.query) == ("", "?state=open&sort=name")
    assert (net.aria_sort, net.query) == ("ascending", "?state=open&sort=-net")
    assert secret.query == ""


def test_figures_are_first_sorted_from_the_largest():
    _, net, _, _ = Table(COLUMNS, ROWS, QueryDict("")).heads
    assert net.query == "?sort=-net"


def test_pages_take_only_the_sizes_offered():
    rows = [{"name": n, "net": n} for n in range(120)]
    assert len(Table(COLUMNS, rows, QueryDict("size=25")).page) == 25
    assert len(Table(COLUMNS, rows, QueryDict("size=100000")).page) == 50
    assert Table(COLUMNS, rows, QueryDict("page=99")).page.number == 3
    assert Table(COLUMNS, rows, QueryDict("page=x")).page.number == 1
    assert len(Table(COLUMNS, rows, page_size=None).page) == 120


def test_two_tables_of_a_page_keep_out_of_each_others_way():
    table = Table(COLUMNS, ROWS, QueryDict("sort=-name&b-sort=name"), prefix="b-")
    assert table.sort == "name"
    assert table.query(sort="net") == "?sort=-name&b-sort=net"


def test_the_page_says_how_it_is_sorted_and_has_no_style_attribute():
    table = Table(COLUMNS, ROWS, QueryDict("sort=-net"), label="Stores", target="board")
    html = render_to_string("ui/table.html", {"table": table})
    assert html.count('aria-sort="descending"') == 1
    assert 'hx-get="?sort=net"' in html
    assert '<th scope="row" class="nowrap"><a href="/stores/Shoes/">Shoes</a></th>' in html
    assert "¥5.00" in html
    assert "pill-worse" in html
    assert "style=" not in html


def test_a_table_without_rows_says_why():
    table = Table(COLUMNS, [], empty=Empty("No store yet", "Import a list.", "/import/", "Import"))
    html = render_to_string("ui/table.html", {"table": table})
    assert "No store yet" in html
    assert 'href="/import/"' in html


def test_cell_text_is_escaped():
    html = render_to_string("ui/table.html", {"table": Table([Column("name", "N")], [{"name": "<b>"}])})
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("row", "options", "expected"),
    [
        ({"name": "2026-11-22"}, {}, '<td class="nowrap">2026-11-22</td>'),
        ({"name": "手机数码"}, {}, '<td class="nowrap">手机数码</td>'),
        ({"name": None}, {}, '<td class="nowrap">–</td>'),
        ({"name": "Jewellery and watches"}, {}, '<td class="words">Jewellery and watches</td>'),
        ({"name": "Tea"}, {"sub": lambda row: "Level one, by the door"}, '<td class="words">Tea'),
        ({"name": 12}, {"align": "end"}, '<td class="num">12</td>'),
        ({"name": ("Live", "good")}, {"kind": "state"}, "<td><span"),
    ],
)
def test_short_texts_stay_whole_and_long_ones_have_a_least_width(row, options, expected):
    columns = [Column("first", "First"), Column("name", "Name", **options)]
    assert expected in render_to_string("ui/table.html", {"table": Table(columns, [row])})


def test_a_sparkline_has_whole_units_and_leaves_gaps_out():
    columns = [Column("first", "First"), Column("days", "Days", kind="spark")]
    html = render_to_string("ui/table.html", {"table": Table(columns, [{"days": [10, None, 30, 21]}])})
    assert 'viewBox="0 0 3 96"' in html and '<polyline points="0,90 2,6 3,44"/>' in html
