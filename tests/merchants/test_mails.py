"""Mails to people, in the language of each, in the background."""

import pytest
from django.core import mail
from django.utils import timezone

from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.choices import Action, Role
from merchants.models import ServiceProvider, StandingChange
from merchants.services import mails
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(provider):
    return StandingChange(provider=provider, standing="warned", reason="Late\nbills", at=timezone.now())


def tell(people, change) -> None:
    provider = change.provider
    mails.tell(people, "standing", path="/there/", provider=provider, mall=provider.mall, change=change)


def test_each_is_told_in_the_language_of_the_account(change, settings):
    settings.SITE_URL = "https://mall.example"
    ServiceProvider.objects.update(name_zh="云桥", name_en="Bridge")
    change.provider.refresh_from_db()
    people = [factories.make_user(language=language) for language in ("en", "zh-hans")]
    tell(people, change)
    assert mail.outbox == []
    Worker().drain()
    english, chinese = mail.outbox
    assert [english.to, chinese.to] == [[person.email] for person in people]
    assert "Bridge" in english.subject and "云桥" in chinese.subject
    assert "https://mall.example/there/" in english.body
    assert not TaskRun.objects.open().exists()


def test_accounts_without_an_address_are_left_out(change):
    tell([factories.make_user(email="")], change)
    assert not TaskRun.objects.exists()


def test_a_subject_is_one_line(change):
    ServiceProvider.objects.update(name_en="Two\r\nBcc: lines")
    change.provider.refresh_from_db()
    tell([factories.make_user()], change)
    Worker().drain()
    assert "\n" not in mail.outbox[0].subject and mail.outbox[0].bcc == []


def test_people_with_a_right_are_the_active_ones_of_that_body(mall, provider, manager, operator, provider_manager):
    factories.make_member(Role.PROVIDER_VIEWER, provider=provider)
    gone = factories.make_member(Role.MALL_MANAGER, mall=mall)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert list(mails.people_with(Action.MANAGE, mall)) == [manager]
    assert list(mails.people_with(Action.MANAGE, provider)) == [provider_manager]
    assert list(mails.people_with(Action.EDIT_RULES, mall)) == [manager, operator]
