"""What waits for a reader is counted beside the pages of the navigation."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def mall():
    mall = factories.make_mall()
    provider = factories.make_provider(mall=mall)
    factories.make_application(mall=mall)
    for _ in range(2):
        factories.make_onboarding(provider=provider)
    for each in (provider, factories.make_provider(mall=mall)):
        factories.make_statement(party=each, state="disputed").lines.update(disputed_at=timezone.now())
    factories.make_statement(party=factories.make_provider(mall=mall))
    return mall


def badges(client, mall, role) -> dict[str, int]:
    client.force_login(factories.make_member(role, mall=mall))
    page = client.get(reverse("settlements:month_list", args=[mall.slug]))
    return {item["label"]: item["badge"] for group in page.context["nav"] for item in group["items"] if item["badge"]}


def test_who_may_answer_for_the_mall_sees_how_much_waits(client, mall):
    assert badges(client, mall, Role.MALL_MANAGER) == {"Service providers": 1, "Proposed stores": 2, "Statements": 2}


@pytest.mark.parametrize("role", [Role.MALL_OPERATOR, Role.MALL_VIEWER])
def test_nothing_waits_for_who_may_not_answer(client, mall, role):
    assert badges(client, mall, role) == {}


def test_other_malls_do_not_wait_here(client, mall):
    assert badges(client, factories.make_mall(), Role.MALL_MANAGER) == {}


def test_all_is_counted_in_one_query(client, mall):
    with CaptureQueriesContext(connection) as queries:
        badges(client, mall, Role.MALL_MANAGER)
    (counting,) = [query["sql"] for query in queries if "UNION ALL" in query["sql"]]
    assert counting.count("UNION ALL") == 2


def test_the_menu_says_whose_pages_these_are(client, mall):
    provider, merchant = factories.make_provider(mall=mall), factories.make_merchant(mall=mall)
    for member, body, name, kind in (
        (factories.make_member(Role.PROVIDER_MANAGER, provider=provider), provider, "provider", "Service provider"),
        (factories.make_member(Role.MERCHANT_OWNER, merchant=merchant), merchant, "merchant", "Merchant"),
    ):
        client.force_login(member)
        shown = client.get(reverse(f"settlements:{name}_statements", args=[body.pk]))
        assert f'<span class="brand-name">{body.name}</span><span class="brand-sub">{kind}</span>' in shown.text
