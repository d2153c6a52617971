"""Capabilities are granted and taken back one by one; with them end the agreements about them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from mallops.lib.tasks.worker import Worker
from merchants.choices import AgreementState, Capability
from merchants.models import AuditEntry, ProviderCapability
from merchants.queries.providers import agreements_with, grants
from merchants.services import providers as services
from merchants.services.refusal import Refused
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(mall):
    return mall.today()


def page(name: str, provider, *args) -> str:
    return reverse(f"merchants:{name}", args=[provider.mall.slug, provider.pk, *args])


def take_back(provider, manager, until_day, capability=Capability.OPERATIONS):
    return services.take_back(
        provider=provider, capability=capability, until_day=until_day, reason="Unsafe", by=manager, now=timezone.now()
    )


def test_granted_once_whatever_is_repeated(client, provider, provider_manager, manager):
    client.force_login(manager)
    for _ in range(2):
        answer = client.post(page("capability_grant", provider), {"capability": "saas"}, follow=True)
        assert "SaaS was granted." in answer.text
    row = ProviderCapability.objects.get()
    assert (row.capability, row.granted_by, row.is_granted) == ("saas", manager, True)
    assert AuditEntry.objects.get(action="capability_granted").changes == {"capability": [None, "saas"]}
    Worker().drain()
    assert [sent.to for sent in mail.outbox] == [[provider_manager.email]]


def test_no_other_word_is_a_capability(client, provider, manager):
    client.force_login(manager)
    client.post(page("capability_grant", provider), {"capability": "magic"})
    assert not ProviderCapability.objects.exists()
    assert client.get(page("capability_take_back", provider, "magic")).status_code == 404


def test_what_was_asked_for_is_granted_and_granted_again(provider, manager):
    factories.make_capability(provider=provider, granted_at=None, asked_at=timezone.now())
    grant = {"provider": provider, "capability": Capability.OPERATIONS, "by": manager}
    services.grant(**grant, now=timezone.now())
    take_back(provider, manager, provider.mall.today() + timedelta(days=1))
    assert not ProviderCapability.objects.get().is_granted
    services.grant(**grant, now=timezone.now())
    row = ProviderCapability.objects.get()
    assert row.is_granted and row.asked_at


def test_agreements_end_or_are_called_off(mall, store, other_store, provider, manager, today):
    """`provider` has OPERATIONS at `store` since 2020."""
    factories.make_capability(provider=provider)
    tomorrow = today + timedelta(days=1)

    def agreement(**fields):
        return factories.make_agreement(provider=provider, store=factories.make_store(mall=mall), **fields)

    ended = agreement(until_day=today)
    later = agreement(from_day=tomorrow + timedelta(days=5))
    asked = agreement(state=AgreementState.PROPOSED)
    sooner = agreement(from_day=today - timedelta(days=1), until_day=tomorrow)
    other = agreement(capability=Capability.SAAS)
    take_back(provider, manager, tomorrow)
    rows = {row.pk: (row.state, row.until_day) for row in provider.agreements.all()}
    running = provider.agreements.get(store=store)
    assert rows == {
        running.pk: (AgreementState.CONFIRMED, tomorrow),
        ended.pk: (AgreementState.CONFIRMED, today),
        later.pk: (AgreementState.WITHDRAWN, None),
        asked.pk: (AgreementState.WITHDRAWN, None),
        sooner.pk: (AgreementState.CONFIRMED, tomorrow),
        other.pk: (AgreementState.CONFIRMED, None),
    }
    assert not agreements_with(provider, Capability.OPERATIONS, tomorrow).exists()
    taken = AuditEntry.objects.get(action="capability_taken_back")
    assert taken.changes["reason"] == [None, "Unsafe"]


def test_what_is_not_granted_cannot_be_taken_back(provider, manager, today):
    factories.make_capability(provider=provider, capability=Capability.SAAS, revoked_at=timezone.now())
    for capability in (Capability.SAAS, Capability.OPERATIONS):
        with pytest.raises(Refused, match="does not have this capability"):
            take_back(provider, manager, today + timedelta(days=1), capability)
    assert provider.agreements.get().until_day is None


def test_the_page_lists_what_ends_and_asks(client, store, provider, manager, today):
    factories.make_capability(provider=provider)
    client.force_login(manager)
    url = page("capability_take_back", provider, "operations")
    shown = client.get(url).text
    assert store.name in shown and f'value="{today}"' in shown
    assert client.post(url, {"last_day": str(today - timedelta(days=1)), "reason": "x"}).status_code == 422
    assert client.post(url, {"last_day": str(today), "reason": " "}).status_code == 422
    assert ProviderCapability.objects.get().is_granted
    assert client.post(url, {"last_day": str(today), "reason": "Unsafe"}).status_code == 302
    assert provider.agreements.get().until_day == today + timedelta(days=1)
    again = client.post(url, {"last_day": str(today), "reason": "Unsafe"})
    assert again.status_code == 422 and "does not have this capability" in again.text


def test_all_capabilities_are_listed_with_their_state(provider):
    factories.make_capability(provider=provider, capability=Capability.SAAS)
    factories.make_capability(provider=provider, capability=Capability.EXPANSION, revoked_at=timezone.now())
    assert [(grant.capability, grant.is_granted, grant.row is None) for grant in grants(provider)] == [
        ("acquiring", False, True), ("operations", False, True), ("expansion", False, False), ("saas", True, False),
    ]  # fmt: skip
