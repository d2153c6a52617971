"""Categories of which providers cannot bring stores."""

import pytest
from django.urls import reverse

from merchants.models import AuditEntry, NegativeListing
from merchants.queries.negative_list import listed
from merchants.services import negative_list
from merchants.services.refusal import Refused
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


def put(mall, category, reason, manager):
    return negative_list.add(mall=mall, category=category, reason=reason, by=manager)


def test_what_is_below_is_listed_too_for_the_nearest_reason(mall, manager):
    shops = factories.make_category(mall=mall)
    smoke = factories.make_category(mall=mall, parent=shops)
    vapes = factories.make_category(mall=mall, parent=smoke)
    free = factories.make_category(mall=mall)
    assert listed(mall.pk) == {}
    put(mall, smoke, "No smoke", manager)
    assert listed(mall.pk) == {smoke.pk: "No smoke", vapes.pk: "No smoke"}
    put(mall, vapes, "No vapes", manager)
    put(mall, shops, "No shops", manager)
    assert listed(mall.pk) == {shops.pk: "No shops", smoke.pk: "No smoke", vapes.pk: "No vapes"}
    assert free.pk not in listed(mall.pk)


def test_a_category_is_listed_once(mall, manager):
    category = factories.make_category(mall=mall)
    put(mall, category, "No", manager)
    with pytest.raises(Refused, match="on the list already"):
        put(mall, category, "No", manager)
    assert AuditEntry.objects.filter(action="negative_list_added").count() == 1


def test_entries_are_added_and_removed_on_the_page(client, mall, manager):
    category = factories.make_category(mall=mall, name_en="Vapes")
    client.force_login(manager)
    form = {"category": category.pk, "reason": "Not here"}
    assert client.post(page("negative_add", mall.slug), form).status_code == 302
    again = client.post(page("negative_add", mall.slug), form)
    assert again.status_code == 422 and "on the list already" in again.text
    entry = NegativeListing.objects.get()
    assert (entry.mall, entry.reason, entry.added_by) == (mall, "Not here", manager)
    client.post(page("negative_remove", mall.slug, entry.pk))
    assert not NegativeListing.objects.exists()
    assert AuditEntry.objects.get(action="negative_list_removed").changes["reason"] == ["Not here", None]


@pytest.mark.parametrize(
    "change", [{"reason": ""}, {"category": ""}, {"category": "999999"}, {"reason": "x" * 201}], ids=str
)
def test_bad_entries_are_refused(client, mall, manager, change):
    form = {"category": factories.make_category(mall=mall).pk, "reason": "No"} | change
    client.force_login(manager)
    assert client.post(page("negative_add", mall.slug), form).status_code == 422
    assert not NegativeListing.objects.exists()


def test_a_category_of_another_mall_is_refused(client, mall, manager):
    elsewhere = factories.make_category(mall=factories.make_mall())
    client.force_login(manager)
    form = {"category": elsewhere.pk, "reason": "No"}
    assert client.post(page("negative_add", mall.slug), form).status_code == 422


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_number_of_queries(client, mall, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        put(mall, factories.make_category(mall=mall), "No", manager)
    client.force_login(manager)
    with django_assert_num_queries(8):
        client.get(page("negative_list", mall.slug))
