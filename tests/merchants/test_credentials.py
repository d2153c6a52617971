import hashlib
import re
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from merchants.models import ApiCredential, AuditEntry
from merchants.services import credentials
from tests import factories

pytestmark = pytest.mark.django_db
KEY = re.compile(r"mk_[A-Za-z0-9]{12}_[A-Za-z0-9]{40}")


def test_a_key_is_shown_once_and_only_its_digest_kept(mall, manager):
    credential, key = credentials.issue(mall=mall, provider=None, label="Till", by=manager)
    prefix, key_id, secret = key.split("_")
    assert prefix == "mk" and key_id == credential.key_id and re.fullmatch(r"[A-Za-z0-9]{40}", secret)
    assert credential.secret_digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(ApiCredential.objects.values().get())
    assert AuditEntry.objects.get().changes == {"label": [None, "Till"]}


def test_revoking_twice_is_traced_once(mall, manager):
    credential, _ = credentials.issue(mall=mall, provider=None, label="Till", by=manager)
    assert credentials.revoke(credential=credential, by=manager) is True
    assert credentials.revoke(credential=credential, by=manager) is False
    assert AuditEntry.objects.filter(action="credential_revoked").count() == 1


def test_the_page_shows_the_key_once_and_makes_no_other_when_it_is_reloaded(client, mall, manager, provider):
    client.force_login(manager)
    url = reverse("merchants:mall_credentials", args=[mall.slug])
    assert client.post(url, {"label": "Till", "life": "365"})["Location"] == url
    assert KEY.findall(client.get(reverse("merchants:provider_credentials", args=[provider.pk])).text) == []
    assert not KEY.search(str(client.session.items()))
    answer = client.get(url)
    (key,) = KEY.findall(answer.text)
    assert "no-store" in answer["Cache-Control"]
    assert key not in client.get(url).text and "once" not in str(client.session.items())
    assert ApiCredential.objects.get().provider is None


def test_a_key_not_looked_at_within_ten_minutes_is_lost(client, mall, manager, monkeypatch):
    client.force_login(manager)
    url = reverse("merchants:mall_credentials", args=[mall.slug])
    client.post(url, {"label": "Till", "life": "365"})
    monkeypatch.setattr("time.time", lambda now=time.time: now() + 601)
    assert not KEY.search(client.get(url).text)


def test_a_provider_makes_and_revokes_its_own(client, mall, provider, provider_manager):
    client.force_login(provider_manager)
    client.post(reverse("merchants:provider_credentials", args=[provider.pk]), {"label": "Gateway", "life": "365"})
    credential = ApiCredential.objects.get()
    assert (credential.mall, credential.provider, credential.created_by) == (mall, provider, provider_manager)
    answer = client.post(reverse("merchants:credential_revoke", args=[credential.pk]))
    assert answer["Location"] == reverse("merchants:provider_credentials", args=[provider.pk])
    assert ApiCredential.objects.get().revoked_at


@pytest.mark.parametrize("label", ["", "x" * 61])
def test_a_bad_label_is_refused(client, mall, manager, label):
    client.force_login(manager)
    answer = client.post(reverse("merchants:mall_credentials", args=[mall.slug]), {"label": label})
    assert answer.status_code == 422
    assert not ApiCredential.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_number_of_queries(client, mall, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        provider = factories.make_provider(mall=mall)
        credentials.issue(mall=mall, provider=provider, label="Gateway", by=manager)
    client.force_login(manager)
    with django_assert_num_queries(9):
        page = client.get(reverse("merchants:mall_credentials", args=[mall.slug]))
    assert page.text.count("Gateway<") == rows


def test_a_rotated_key_lives_on_for_the_overlap(mall, manager, store):
    now = timezone.now()
    old, _key = credentials.issue(
        mall=mall, provider=None, label="Till", by=manager, stores=[store], scopes=["refunds", "payments"],
        expires_at=now + timedelta(days=90), is_sandbox=True,
    )  # fmt: skip
    new, key = credentials.rotate(credential=old, overlap=timedelta(hours=24), by=manager)
    old.refresh_from_db()
    assert timedelta(hours=23) < old.expires_at - now < timedelta(hours=25)
    assert (new.label, new.scopes, new.is_sandbox, new.replaces) == ("Till", ["payments", "refunds"], True, old)
    assert [*new.stores.all()] == [store] and new.key_id in key
    assert timedelta(days=89) < new.expires_at - now < timedelta(days=91)
    assert [*AuditEntry.objects.order_by("pk").values_list("action", flat=True)] == [
        "credential_issued", "credential_issued", "credential_rotated",
    ]  # fmt: skip


def test_the_overlap_never_lengthens_the_life_of_the_old_key(mall, manager):
    ends = timezone.now() + timedelta(hours=1)
    old, _key = credentials.issue(mall=mall, provider=None, label="Till", by=manager, expires_at=ends)
    credentials.rotate(credential=old, overlap=timedelta(days=7), by=manager)
    assert ApiCredential.objects.get(pk=old.pk).expires_at == ends


def test_a_key_is_rotated_once_and_only_while_in_force(mall, manager):
    credential, _key = credentials.issue(mall=mall, provider=None, label="Till", by=manager)
    assert credentials.rotate(credential=credential, overlap=timedelta(hours=1), by=manager)
    assert credentials.rotate(credential=credential, overlap=timedelta(hours=1), by=manager) is None
    revoked, _key = credentials.issue(mall=mall, provider=None, label="Till", by=manager)
    credentials.revoke(credential=revoked, by=manager)
    assert credentials.rotate(credential=revoked, overlap=timedelta(hours=1), by=manager) is None
    assert ApiCredential.objects.count() == 3


def test_the_page_of_rotating_shows_the_new_key_once(client, mall, manager):
    credential, _key = credentials.issue(mall=mall, provider=None, label="Till", by=manager)
    client.force_login(manager)
    url = reverse("merchants:credential_rotate", args=[credential.pk])
    assert client.post(url, {"overlap": "5"}).status_code == 422
    page = client.post(url, {"overlap": "24"}, follow=True)
    assert len(KEY.findall(page.text)) == 1
    again = client.post(url, {"overlap": "24"}, follow=True)
    assert "replaced already" in again.text and not KEY.search(again.text) and ApiCredential.objects.count() == 2


def test_a_provider_gives_its_keys_no_more_than_its_own(client, mall, provider, provider_manager, store):
    foreign = factories.make_store(mall=mall)
    client.force_login(provider_manager)
    url = reverse("merchants:provider_credentials", args=[provider.pk])
    asked = {"label": "Gateway", "life": "90", "scopes": ["rules"], "stores": [foreign.pk]}
    answer = client.post(url, asked)
    assert answer.status_code == 422 and not ApiCredential.objects.exists()
    client.post(url, asked | {"scopes": ["payments"], "stores": []})
    made = ApiCredential.objects.get()
    assert made.scopes == ["payments"] and made.expires_at
