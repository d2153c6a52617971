"""Personas and settings that all tests share."""

import pytest
from django.conf import settings as django_settings

from mallops.lib.cache import forget_compiled
from merchants.choices import Role

from . import factories


def pytest_configure() -> None:
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _compile_anew():
    forget_compiled()


@pytest.fixture
def mall(db):
    return factories.make_mall(slug="galaxy", name_en="Galaxy", name_zh="星河天地")


@pytest.fixture
def store(mall):
    return factories.make_store(mall=mall, code="hotpot")


@pytest.fixture
def other_store(mall):
    return factories.make_store(mall=mall, code="cafe")


@pytest.fixture
def provider(mall, store):
    provider = factories.make_provider(mall=mall)
    factories.make_agreement(provider=provider, store=store)
    return provider


@pytest.fixture
def manager(mall):
    return factories.make_member(Role.MALL_MANAGER, mall=mall)


@pytest.fixture
def operator(mall):
    return factories.make_member(Role.MALL_OPERATOR, mall=mall)


@pytest.fixture
def owner(store):
    """Owner of the merchant of `store`."""
    return factories.make_member(Role.MERCHANT_OWNER, merchant=store.merchant)


@pytest.fixture
def cashier(store):
    return factories.make_member(Role.MERCHANT_CASHIER, merchant=store.merchant)


@pytest.fixture
def provider_manager(provider):
    return factories.make_member(Role.PROVIDER_MANAGER, provider=provider)


@pytest.fixture
def stranger(db):
    """Manager of another mall: sees nothing of `mall`."""
    return factories.make_member(Role.MALL_MANAGER, mall=factories.make_mall())
