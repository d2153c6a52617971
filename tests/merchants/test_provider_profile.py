"""The provider's own page."""

import pytest
from django.urls import reverse

from merchants.choices import Role
from merchants.models import AuditEntry
from merchants.services import negative_list
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"contact_name": "Lin", "contact_phone": "021 555", "contact_email": "lin@example.com", "about": "Tills"}


def page(name: str, provider) -> str:
    return reverse(f"merchants:{name}", args=[provider.pk])


def test_a_provider_keeps_its_contacts(client, provider, provider_manager):
    client.force_login(provider_manager)
    assert client.post(page("provider_contacts", provider), NEW)["Location"] == page("provider_profile", provider)
    provider.refresh_from_db()
    assert {name: getattr(provider, name) for name in NEW} == NEW
    entry = AuditEntry.objects.get(action="contacts_changed")
    assert (entry.actor, entry.changes["contact_name"]) == (provider_manager, ["", "Lin"])
    client.post(page("provider_contacts", provider), NEW)
    assert AuditEntry.objects.filter(action="contacts_changed").count() == 1


@pytest.mark.parametrize("change", [{"contact_email": ""}, {"contact_email": "lin"}, {"about": "x" * 2_001}], ids=str)
def test_bad_contacts_are_refused(client, provider, provider_manager, change):
    client.force_login(provider_manager)
    assert client.post(page("provider_contacts", provider), NEW | change).status_code == 422
    provider.refresh_from_db()
    assert provider.contact_name == ""


def test_names_and_number_are_not_the_providers_to_change(client, provider, provider_manager):
    client.force_login(provider_manager)
    client.post(page("provider_contacts", provider), NEW | {"name_en": "Other", "standing": "good", "state": "applied"})
    name = provider.name_en
    provider.refresh_from_db()
    assert (provider.name_en, provider.state) == (name, "approved")


def test_who_only_looks_gets_no_forms_and_no_documents(client, provider):
    client.force_login(factories.make_member(Role.PROVIDER_VIEWER, provider=provider))
    document = factories.make_document(provider=provider)
    shown = client.get(page("provider_profile", provider)).text
    assert '<form class="form-stack' not in shown and document.name not in shown


def test_the_negative_list_is_read_there(client, mall, provider, provider_manager, manager):
    category = factories.make_category(mall=mall, name_en="Vapes")
    negative_list.add(mall=mall, category=category, reason="Not in this mall", by=manager)
    client.force_login(provider_manager)
    shown = client.get(page("provider_profile", provider)).text
    assert "Vapes" in shown and "Not in this mall" in shown


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_number_of_queries(
    client, mall, provider, provider_manager, rows, django_assert_num_queries
):
    for _ in range(rows):
        factories.make_document(provider=provider)
        category = factories.make_category(mall=mall)
        negative_list.add(mall=mall, category=category, reason="No", by=provider_manager)
    client.force_login(provider_manager)
    with django_assert_num_queries(10):
        client.get(page("provider_profile", provider))
