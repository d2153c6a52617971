"""Whatever stands in the address of a board: an answer with the reason, never an error, nobody else's data."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from tests import factories

from .cells import put
from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
CUSTOM = {"period": "custom"}
WHOLE = [  # as a whole: each is a row of a person's mistakes
    CUSTOM | {"start": "2026-11-21", "end": "2026-11-01"},
    CUSTOM | {"start": "2023-11-22", "end": "2026-11-21", "compare": "last_year"},
    CUSTOM | {"start": "2024-02-29", "end": "2024-02-29", "compare": "last_year"},
    CUSTOM | {"start": "2000-01-01", "end": "2000-01-01", "compare": "weekdays"},
    {"channel": "wechat", "newness": "new"},
    {"store": "theirs"},
]
REASONS = [
    (CUSTOM | {"start": "2026-11-21", "end": "2026-11-01"}, "The last day is before the first."),
    (CUSTOM | {"start": "2016-11-21", "end": "2026-11-01"}, "Choose at most 1098 days."),
    (CUSTOM | {"start": "2026-11-21", "end": "2036-11-21"}, "Choose days up to today, 2026-11-21."),
    (CUSTOM | {"start": "1999-12-31", "end": "2000-01-01"}, "Choose a first day from 2000-01-01 on."),
    (CUSTOM | {"start": "soon", "end": "2026-11-01"}, "Enter a valid date."),
    ({"store": "theirs"}, "theirs is not one of the available choices"),
    ({"period": "forever"}, "forever is not one of the available choices"),
]
PART = {"HX-Request": "true", "HX-Target": "board"}
SEED, ROUNDS = 4, 12  # for each board; more rounds find nothing new

DAYS = [
    "2026-11-01", "2026-11-21", "2026-11-22", "2016-01-01", "2023-11-21", "1066-10-14", "0000-00-00", "9999-12-31",
    "2024-02-29", "2026-02-30", "today", "", "2026-11-1", "٢٠٢٦-١١-٠١", "\x00", "10000-01-01",
]  # fmt: skip
ODD = ["", "\x00", "' OR 1=1 --", "<script>", "x" * 3_000, "😀", "-1", "hotpot", "theirs", "null", "../..", "%s", "٣"]
VALUES = {
    "period": ["today", "yesterday", "7d", "30d", "90d", "week", "month", "last_month", "year", "custom", *ODD],
    "start": DAYS, "end": DAYS,
    "compare": ["previous", "last_year", "weekdays", "none", *ODD],
    "category": ODD, "floor": ODD, "store": ODD, "metric": ["net_sales", "shoppers", *ODD],
    "channel": ["wechat", "cash", *ODD], "newness": ["new", "returning", *ODD],
    "sort": ["name", "-net_sales", *ODD], "page": ["2", "999999999999", *ODD], "size": ["25", *ODD],
    "export": ODD, "as": ODD,
    "hours": ["24", "0", *ODD], "within": ["24", *ODD], "junk": ODD, "print": ["1"],
}  # fmt: skip


def addresses(mall, store, provider) -> list[str]:
    """Of all pages of the dashboards that are found by what every mall has."""
    found = []
    for name in names():
        body = provider.pk if name.startswith("provider") else store.merchant_id
        codes = {"store": store.code, "floor": store.floor.code, "category": store.category.code}
        code = next((code for kind, code in codes.items() if name.startswith(kind)), "none")
        for arguments in ({"mall": mall.slug}, {"mall": mall.slug, "code": code}, {"pk": body}):
            with suppress(NoReverseMatch):
                found.append(reverse(f"analytics:{name}", kwargs=arguments))
    return found


def names() -> list[str]:
    """Of the URLs of the dashboards, but for rows that people keep."""
    _prefix, urls = get_resolver().namespace_dict["analytics"]
    kept = ("saved_view_", "mail_report_", "annotation_")
    return sorted(name for name in urls.reverse_dict if isinstance(name, str) and not name.startswith(kept))


@pytest.fixture
def pages(mall, provider):
    """Addresses, in a mall with a store that has sales, beside another mall that has some too."""
    store = factories.make_store(mall=mall, code="noodles", floor=factories.make_floor(mall=mall, code="L1"))
    factories.make_agreement(provider=provider, store=store)
    put(store, TODAY, payments=2, gross_fen=100)
    elsewhere = factories.make_store(mall=factories.make_mall(), code="theirs", name_en="Their store")
    put(elsewhere, TODAY, payments=1, gross_fen=77_777)
    return addresses(mall, store, provider)


def queries() -> list[dict]:
    chance = random.Random(SEED)
    bad = [{n: chance.choice(values) for n, values in VALUES.items() if chance.random() < 0.4} for _ in range(ROUNDS)]
    return [{}, *WHOLE, *bad]


def text(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def test_no_query_breaks_a_board_or_opens_anothers(client, pages):
    client.force_login(factories.make_user(is_superuser=True))
    assert len(pages) >= 8
    for address in pages:
        for number, query in enumerate(queries()):
            response = client.get(address, query, headers=PART if number % 2 else {})
            assert response.status_code in (200, 302, 404, 405), (address, query)
            shown = text(response)
            assert "Their store" not in shown and "777.77" not in shown, (address, query)


@pytest.mark.parametrize(("query", "reason"), REASONS)
def test_the_reason_is_told(client, manager, mall, pages, query, reason):
    client.force_login(manager)
    response = client.get(reverse("analytics:mall_overview", args=[mall.slug]), query, headers=PART)
    assert response.status_code == 200
    assert reason in text(response)
    assert "tile-value" not in text(response)


@pytest.mark.parametrize(
    "zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"]
)
@pytest.mark.parametrize("period", ["today", "yesterday", "7d", "90d", "week", "month", "last_month", "year"])
def test_every_period_in_every_zone(client, zone, period):
    mall = factories.make_mall(time_zone=zone)
    put(factories.make_store(mall=mall), TODAY - timedelta(days=1), payments=1, gross_fen=100)
    client.force_login(factories.make_user(is_superuser=True))
    for compare in ("previous", "last_year", "weekdays", "none"):
        query = {"period": period, "compare": compare}
        assert client.get(reverse("analytics:mall_overview", args=[mall.slug]), query, headers=PART).status_code == 200
