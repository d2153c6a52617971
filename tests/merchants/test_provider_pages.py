"""The mall's list of providers, and the page of one: standing, its reasons, who is told."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from mallops.lib.tasks.worker import Worker
from merchants import access
from merchants.choices import AgreementState, Capability, ProviderState, Role, Standing
from merchants.models import AuditEntry, StandingChange
from merchants.queries.providers import provider_rows
from merchants.services import providers as services
from merchants.services.refusal import Refused
from merchants.views.provider_trail import trail
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


def test_rows_count_running_agreements_and_their_stores(mall, store, other_store, provider):
    today = mall.today()
    factories.make_agreement(provider=provider, store=store, capability=Capability.SAAS, from_day=today)
    factories.make_agreement(provider=provider, store=other_store, until_day=today)
    factories.make_agreement(provider=provider, store=other_store, from_day=today + timedelta(days=1))
    factories.make_agreement(
        provider=provider, store=other_store, from_day=today, state=AgreementState.PROPOSED
    )  # fmt: skip
    idle = factories.make_provider(mall=mall)
    rows = provider_rows(mall).order_by("pk")
    assert [(row, row.running, row.served) for row in rows] == [(provider, 2, 1), (idle, 0, 0)]


def test_the_list_is_searched_and_filtered(client, mall, manager):
    saas = factories.make_provider(mall=mall, name_en="Tills Ltd", contact_email="ann@tills.example")
    factories.make_capability(provider=saas, capability=Capability.SAAS)
    gone = factories.make_provider(mall=mall, name_en="Gone Ltd", standing=Standing.SUSPENDED, name_zh="去")
    factories.make_capability(provider=gone, capability=Capability.SAAS, revoked_at=timezone.now())
    factories.make_application(mall=mall, name_en="Waiting Ltd")
    client.force_login(manager)

    def shown(**query) -> list[str]:
        return sorted(re.findall(r"(\w+) Ltd</a>", client.get(page("provider_list", mall.slug), query).text))

    assert shown() == ["Gone", "Tills"]
    assert shown(search="ANN@") == ["Tills"]
    assert shown(search="去") == ["Gone"]
    assert shown(standing="suspended") == ["Gone"]
    assert shown(capability="saas") == ["Tills"]
    assert shown(capability="saas", standing="suspended") == []
    assert shown(standing="magic", capability="magic") == ["Gone", "Tills"]
    assert "1 application waits for an answer." in client.get(page("provider_list", mall.slug)).text


@pytest.mark.parametrize("state", [ProviderState.APPLIED, ProviderState.DECLINED])
def test_who_is_no_provider_yet_has_an_application_only(client, mall, manager, state):
    application = factories.make_application(mall=mall, state=state)
    client.force_login(manager)
    answer = client.get(page("provider_detail", mall.slug, application.pk))
    assert answer["Location"] == page("application_detail", mall.slug, application.pk)


def change(client, provider, standing, reason="Late bills"):
    url = page("provider_standing", provider.mall.slug, provider.pk)
    return client.post(url, {"standing": standing, "reason": reason})


def test_standing_changes_with_a_reason_and_at_once(client, mall, provider, provider_manager, manager):
    client.force_login(manager)
    assert change(client, provider, Standing.SUSPENDED, "").status_code == 422
    assert change(client, provider, Standing.GOOD).status_code == 422
    assert change(client, provider, "magic").status_code == 422
    assert not StandingChange.objects.exists()
    change(client, provider, Standing.SUSPENDED)
    assert AuditEntry.objects.get().changes == {"standing": ["good", "suspended"], "reason": [None, "Late bills"]}
    kept = StandingChange.objects.get()
    assert (kept.provider, kept.standing, kept.reason, kept.by) == (provider, "suspended", "Late bills", manager)
    assert not mall.stores.visible_to(provider_manager).exists()
    provider.refresh_from_db()
    assert not access.is_active(provider)


def test_a_provider_restored_sees_its_stores_again(client, mall, provider, provider_manager, manager):
    client.force_login(manager)
    for standing in (Standing.TERMINATED, Standing.WARNED):
        change(client, provider, standing)
    assert mall.stores.visible_to(provider_manager).exists()
    assert list(StandingChange.objects.order_by("pk").values_list("standing", flat=True)) == ["terminated", "warned"]


def test_two_at_once_change_standing_once(provider, manager):
    fresh = type(provider).objects.get(pk=provider.pk)
    for row in (provider, fresh):
        row.standing = Standing.GOOD
    services.change_standing(provider=provider, standing=Standing.WARNED, reason="Late", by=manager)
    with pytest.raises(Refused, match="this standing already"):
        services.change_standing(provider=fresh, standing=Standing.WARNED, reason="Late", by=manager)
    assert StandingChange.objects.count() == 1


def test_several_change_standing_with_one_reason(client, mall, provider, provider_manager, manager):
    late, gone = (factories.make_provider(mall=mall, name_en=name) for name in ("Late", "Gone"))
    services.change_standing(provider=late, standing=Standing.WARNED, reason="Again", by=manager)
    foreign = factories.make_provider(mall=factories.make_mall())
    client.force_login(manager)
    url = page("standing_bulk", mall.slug)
    asked = {"chosen": [provider.pk, late.pk, gone.pk], "standing": "warned", "reason": "Late bills"}
    for change in ({"chosen": []}, {"chosen": [foreign.pk]}, {"reason": ""}, {"standing": "terminated"}):
        assert client.post(url, asked | change).status_code == 422
    assert StandingChange.objects.count() == 1
    answer = client.post(url, asked, follow=True)
    assert [str(said) for said in answer.context["messages"]] == [
        "Late: The provider has this standing already.", f"Warned from now on: {provider.name}, Gone.",
    ]  # fmt: skip
    assert set(mall.providers.values_list("standing", flat=True)) == {"warned"}
    assert AuditEntry.objects.filter(action="standing_changed", actor=manager).count() == 3
    Worker().drain()
    assert [sent.to for sent in mail.outbox] == [[provider_manager.email]]


def test_who_may_not_manage_chooses_nobody(client, mall, provider):
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    assert "form-check-input" not in client.get(page("provider_list", mall.slug)).text


def test_managers_of_the_provider_are_told(client, provider, provider_manager, manager):
    type(provider_manager).objects.filter(pk=provider_manager.pk).update(language="zh-hans")
    client.force_login(manager)
    change(client, provider, Standing.WARNED)
    Worker().drain()
    (sent,) = mail.outbox
    assert sent.to == [provider_manager.email]
    assert "“Late bills”" in sent.body and page("provider_profile", provider.pk) in sent.body


def test_both_sides_read_why(client, mall, provider, provider_manager, manager):
    services.change_standing(provider=provider, standing=Standing.WARNED, reason="Late bills", by=manager)
    for reader, address in (
        (manager, page("provider_detail", mall.slug, provider.pk)),
        (provider_manager, page("provider_profile", provider.pk)),
    ):
        client.force_login(reader)
        assert "Late bills" in client.get(address).text


def test_the_page_tells_what_happened(client, mall, provider, manager):
    services.grant(provider=provider, capability=Capability.SAAS, by=manager, now=timezone.now())
    services.change_standing(provider=provider, standing=Standing.WARNED, reason="Late bills", by=manager)
    entries = [(entry.action, said, values) for entry, said, values in trail(provider)]
    assert entries == [
        ("standing_changed", "Changed the standing", ["Warned", "Late bills"]),
        ("capability_granted", "Granted a capability", ["SaaS"]),
    ]
    client.force_login(manager)
    assert "Granted a capability" in client.get(page("provider_detail", mall.slug, provider.pk)).text


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_same_number_of_queries(client, mall, provider, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        other = factories.make_provider(mall=mall)
        factories.make_capability(provider=other)
        factories.make_agreement(provider=other, store=factories.make_store(mall=mall))
        factories.make_agreement(provider=provider, store=factories.make_store(mall=mall))
        factories.make_document(provider=provider)
        StandingChange.objects.create(provider=provider, standing="warned", reason="x", at=timezone.now(), by=manager)
    client.force_login(manager)
    with django_assert_num_queries(10):
        client.get(page("provider_list", mall.slug))
    with django_assert_num_queries(13):
        client.get(page("provider_detail", mall.slug, provider.pk))
