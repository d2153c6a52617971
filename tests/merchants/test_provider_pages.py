from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mallops.lib import dates
from merchants.choices import Capability, Standing
from merchants.models import Agreement, AuditEntry
from merchants.queries.providers import provider_rows
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


def terms(store, change=()) -> dict:
    return {
        "store": store.pk,
        "capability": Capability.SAAS,
        "from_day": "2026-03-01",
        "last_day": "2026-03-31",
    } | dict(change)


def test_rows_count_running_agreements_and_their_stores(mall, store, other_store, provider):
    today = dates.today(mall.time_zone, timezone.now())
    factories.make_agreement(provider=provider, store=store, capability=Capability.SAAS, from_day=today)
    factories.make_agreement(provider=provider, store=other_store, until_day=today)
    factories.make_agreement(provider=provider, store=other_store, from_day=today + timedelta(days=1))
    idle = factories.make_provider(mall=mall)
    rows = provider_rows(mall).order_by("pk")
    assert [(row, row.running, row.served) for row in rows] == [(provider, 2, 1), (idle, 0, 0)]


def test_an_agreement_is_added_with_its_last_day_included(client, mall, store, provider, manager):
    client.force_login(manager)
    answer = client.post(page("agreement_add", mall.slug, provider.pk), terms(store))
    assert answer["Location"] == page("provider_detail", mall.slug, provider.pk)
    made = Agreement.objects.get(capability=Capability.SAAS)
    assert (made.mall, made.store, made.from_day, made.until_day) == (mall, store, date(2026, 3, 1), date(2026, 4, 1))
    assert AuditEntry.objects.get().changes["until_day"] == [None, "2026-04-01"]


@pytest.mark.parametrize(
    "change",
    [
        {"store": ""}, {"store": "999999"}, {"capability": "magic"}, {"from_day": ""}, {"from_day": "2026-02-30"},
        {"from_day": "0001-01-01"}, {"last_day": "2026-02-28"}, {"last_day": "9999-12-31"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_terms_are_refused(client, mall, store, provider, manager, change):
    client.force_login(manager)
    answer = client.post(page("agreement_add", mall.slug, provider.pk), terms(store, change))
    assert answer.status_code == 422
    assert Agreement.objects.count() == 1


def test_a_store_of_another_mall_is_refused(client, mall, provider, manager):
    elsewhere = factories.make_store(mall=factories.make_mall())
    client.force_login(manager)
    assert client.post(page("agreement_add", mall.slug, provider.pk), terms(elsewhere)).status_code == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"from_day": "2026-03-31", "last_day": ""}, 422),
        ({"from_day": "2026-02-01", "last_day": "2026-03-01"}, 422),
        ({"from_day": "2026-04-01", "last_day": ""}, 302),
        ({"from_day": "2026-02-01", "last_day": "2026-02-28"}, 302),
        ({"capability": Capability.ACQUIRING}, 302),
    ],
)
def test_agreements_of_one_kind_do_not_overlap(client, mall, store, provider, manager, change, status):
    client.force_login(manager)
    client.post(page("agreement_add", mall.slug, provider.pk), terms(store))
    answer = client.post(page("agreement_add", mall.slug, provider.pk), terms(store, change))
    assert answer.status_code == status


def test_an_agreement_is_ended(client, mall, provider, manager):
    agreement = provider.agreements.get()
    client.force_login(manager)
    assert client.get(page("agreement_end", mall.slug, agreement.pk)).status_code == 200
    answer = client.post(page("agreement_end", mall.slug, agreement.pk), {"last_day": "2019-12-31"})
    assert answer.status_code == 422
    client.post(page("agreement_end", mall.slug, agreement.pk), {"last_day": "2020-01-01"})
    assert provider.agreements.get().until_day == date(2020, 1, 2)
    assert AuditEntry.objects.get().changes == {"until_day": [None, "2020-01-02"]}


def test_standing_changes_with_a_reason_and_at_once(client, mall, provider, provider_manager, manager):
    client.force_login(manager)
    url = page("provider_standing", mall.slug, provider.pk)
    assert client.post(url, {"standing": Standing.SUSPENDED, "reason": ""}).status_code == 422
    assert client.post(url, {"standing": Standing.GOOD, "reason": "no change"}).status_code == 422
    client.post(url, {"standing": Standing.SUSPENDED, "reason": "Late bills"})
    entry = AuditEntry.objects.get()
    assert entry.changes == {"standing": ["good", "suspended"], "reason": [None, "Late bills"]}
    assert not mall.stores.visible_to(provider_manager).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_queries(client, mall, provider, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        other = factories.make_provider(mall=mall)
        factories.make_agreement(provider=other, store=factories.make_store(mall=mall))
        factories.make_agreement(provider=provider, store=factories.make_store(mall=mall))
    client.force_login(manager)
    with django_assert_num_queries(7):
        client.get(page("provider_list", mall.slug))
    with django_assert_num_queries(9):
        client.get(page("provider_detail", mall.slug, provider.pk))
