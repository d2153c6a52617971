import hashlib
import re

import pytest
from django.urls import reverse

from merchants.models import ApiCredential, AuditEntry
from merchants.services import credentials
from tests import factories

pytestmark = pytest.mark.django_db


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


def test_the_page_shows_the_key_in_the_answer_and_never_again(client, mall, manager):
    client.force_login(manager)
    url = reverse("merchants:mall_credentials", args=[mall.slug])
    answer = client.post(url, {"label": "Till"})
    (key,) = re.findall(r"mk_[A-Za-z0-9]{12}_[A-Za-z0-9]{40}", answer.text)
    assert "no-store" in answer["Cache-Control"]
    assert key not in client.get(url).text
    assert ApiCredential.objects.get().provider is None


def test_a_provider_makes_and_revokes_its_own(client, mall, provider, provider_manager):
    client.force_login(provider_manager)
    client.post(reverse("merchants:provider_credentials", args=[provider.pk]), {"label": "Gateway"})
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
    with django_assert_num_queries(6):
        page = client.get(reverse("merchants:mall_credentials", args=[mall.slug]))
    assert page.text.count("Gateway<") == rows
