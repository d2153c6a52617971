"""The page on which a merchant sees its stores in their categories."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse

from merchants.models import Store
from tests import factories

from .cells import put
from .conftest import TODAY
from .files import body, csv_rows, xlsx_sheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SUNDAY = date(2026, 11, 15)  # TODAY is a Saturday
OTHERS = [71_234_500, 82_345_600, 93_456_700, 104_567_800]
OWN = 85_000_000
PART = {"HX-Request": "true", "HX-Target": "board"}


@pytest.fixture
def top(mall):
    return factories.make_category(mall=mall, name_en="Food")


@pytest.fixture
def category(mall, top, store):
    """Of the own store."""
    found = factories.make_category(mall=mall, parent=top, name_en="Hotpots")
    Store.objects.filter(pk=store.pk).update(category=found, name_en="Own store")
    put(store, SUNDAY, payments=100, gross_fen=OWN, refunds=1, refund_fen=OWN // 10)
    put(store, SUNDAY - timedelta(days=30), payments=100, gross_fen=OWN // 2)
    return found


def rival(category, fen: int, *, day: date = SUNDAY, **fields) -> Store:
    found = factories.make_store(mall=category.mall, category=category, name_en=f"Rival {fen}", **fields)
    put(found, day, payments=1000, gross_fen=fen)
    put(found, day - timedelta(days=30), payments=500, gross_fen=fen - 11_111_100)
    return found


@pytest.fixture
def rivals(category):
    return [rival(category, fen) for fen in OTHERS]


@pytest.fixture
def url(store):
    return reverse("analytics:merchant_benchmark", args=[store.merchant_id])


def shown(client, url, owner, **query) -> str:
    client.force_login(owner)
    response = client.get(url, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def part(client, url, query=None) -> str:
    """The board, but for the token of its form, which is another each time."""
    return re.sub(r'value="\w{64}"', "", client.get(url, query, headers=PART).content.decode())


def test_rank_in_the_own_category(client, owner, url, rivals):
    page = shown(client, url, owner)
    assert "Hotpots" in page and "Food" not in page
    assert ">4 of 5<" in page  # net sales, 76.5 million after refunds
    assert ">1 of 5<" in page  # average ticket
    assert ">5 of 5<" in page  # refund rate
    assert "2026-10-17 – 2026-11-15" in page


def test_up_the_tree_until_there_are_enough(client, owner, mall, url, top, category):
    sibling = factories.make_category(mall=mall, parent=top)
    for fen in OTHERS[:3]:
        rival(category, fen)
    assert "Fewer than 5 stores of the category have this figure." in shown(client, url, owner)
    rival(sibling, OTHERS[3])
    page = shown(client, url, owner)
    assert ">Food<" in page and "Hotpots" not in page and ">4 of 5<" in page


def test_hidden_with_the_reason(client, owner, url, category, rivals, store):
    rival(category, sum(OTHERS) + OWN + 1)
    page = shown(client, url, owner)
    assert "One merchant makes more than half of the category's sales." in page
    assert " of 6<" not in page
    Store.objects.exclude(pk=store.pk).filter(pk__lt=rivals[2].pk).update(merchant=rivals[0].merchant)
    assert "One merchant" in shown(client, url, owner)


def test_few_merchants(client, owner, url, rivals):
    Store.objects.filter(pk__in=[one.pk for one in rivals[1:]]).update(merchant=rivals[0].merchant)
    assert "fewer than 3 other merchants" in shown(client, url, owner)


def test_an_own_store_without_sales(client, owner, mall, url, store, rivals):
    factories.make_store(mall=mall, merchant=store.merchant, category=store.category, name_en="Closed")
    page = shown(client, url, owner)
    assert "The store has no such figure in these days." in page
    assert ">4 of 5<" in page


def test_no_figure_of_another_store_anywhere(client, owner, url, rivals):
    """Neither on the page nor in a file: no name, and none of its values in any of the ways they are written."""
    client.force_login(owner)
    html = client.get(url).content.decode()
    names = re.findall(r"export=([\w-]+)", unescape(html))
    texts = [html]
    for name in {*names, "ranks", "net_sales", "average_ticket", "refund_rate", "growth"} - {"page"}:
        texts.append(str(csv_rows(client.get(url, {"export": name}))))
        texts.append(str(xlsx_sheets(body(client.get(url, {"export": name, "as": "xlsx"})))))
    secret = [f"{fen // 100:,}" for fen in OTHERS] + [str(fen // 100) for fen in OTHERS]
    secret += [str(fen) for fen in OTHERS] + [str(fen // 1000) for fen in OTHERS] + ["Rival"]
    secret += [f"{fen / 100_000_000:.2f}M" for fen in OTHERS]
    for text in texts:
        assert [word for word in secret if word in text] == []


def test_what_came_in_since_sunday_moves_nothing(client, owner, url, rivals, store):
    client.force_login(owner)
    before = part(client, url)
    put(rivals[0], TODAY, payments=1, gross_fen=10**12)
    put(rivals[1], SUNDAY + timedelta(days=1), payments=1, gross_fen=10**12, folded=False)
    assert part(client, url) == before


@pytest.mark.parametrize(
    "query",
    [
        {"period": "custom", "start": "2026-11-15", "end": "2026-11-15"},
        {"period": "today"}, {"period": "yesterday"}, {"period": "7d"}, {"period": "week"}, {"period": "month"},
        {"period": "year"}, {"period": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_no_other_days_can_be_asked_for(client, owner, url, rivals, query):
    page = shown(client, url, owner, **query)
    assert "is not one of the available choices" in page
    assert " of 5<" not in page
    client.force_login(owner)
    assert "¥" not in client.get(url, query | {"export": "net_sales"}).content.decode()


def test_no_filter_takes_stores_or_days_away(client, owner, url, rivals, store):
    client.force_login(owner)
    whole = part(client, url)
    for query in (
        {"store": rivals[0].code}, {"category": "x"}, {"floor": "L1"}, {"channel": "wechat"}, {"newness": "new"},
        {"start": "2026-11-15", "end": "2026-11-15"}, {"compare": "none"}, {"compare": "last_year"},
    ):  # fmt: skip
        assert part(client, url, query) == whole


@pytest.mark.parametrize(
    ("period", "days"),
    [("", "2026-10-17 – 2026-11-15"), ("90d", "2026-08-18 – 2026-11-15"), ("last_month", "2026-10-01 – 2026-10-31")],
)
def test_the_three_periods(client, owner, url, rivals, period, days):
    assert days in shown(client, url, owner, period=period)


@pytest.mark.parametrize("stores", [1, 3])
def test_query_count(client, owner, mall, url, store, category, rivals, stores, django_assert_num_queries):
    for _ in range(stores - 1):
        more = factories.make_store(mall=mall, merchant=store.merchant, category=category)
        put(more, SUNDAY, payments=1, gross_fen=9)
    client.force_login(owner)
    with django_assert_num_queries(8):
        client.get(url, headers=PART)
