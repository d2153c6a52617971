"""Saved views: kept, opened, shared with colleagues, and told why not where something is gone."""

import re

import pytest
from django.urls import reverse

from analytics import saved
from analytics.models import SavedView
from analytics.saved import BadAddress
from merchants.choices import Role
from merchants.models import Membership, Store
from tests import factories

pytestmark = pytest.mark.django_db
TOO_LONG = "&".join(f"sort{n}=name" for n in range(60))


def page(name: str, *args) -> str:
    return reverse(f"analytics:{name}", args=args)


def keep(owner, body, address: str, name: str = "Mine", **more) -> SavedView:
    return saved.save(owner=owner, body=body, name=name, address=address, **more)


@pytest.fixture
def view(manager, mall):
    return keep(manager, mall, page("mall_overview", mall.slug) + "?period=7d&store=hotpot")


@pytest.fixture
def colleague(mall):
    return factories.make_member(Role.MALL_VIEWER, mall=mall)


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Keeping ---


def test_a_page_its_arguments_and_its_filters_are_kept(manager, mall, store):
    view = keep(manager, mall, page("store_detail", mall.slug, "hotpot") + "?period=7d&compare=none")
    assert (view.page, view.arguments) == ("analytics:store_detail", {"mall": "galaxy", "code": "hotpot"})
    assert (view.query, view.body, view.shared) == ("period=7d&compare=none", mall, False)
    assert saved.address(view) == "/malls/galaxy/stores/hotpot/?period=7d&compare=none"


def test_a_store_code_may_have_any_letters(client, manager, mall):
    odd = factories.make_store(mall=mall, code="A/1 火锅?")
    client.force_login(manager)
    html = client.get(page("store_detail", mall.slug, odd.code), {"period": "7d"}).content.decode()
    address = re.search('name="address" value="([^"]*)"', html)[1]
    view = keep(manager, mall, address)
    assert view.arguments["code"] == odd.code
    assert saved.address(view) == address
    assert client.get(page("saved_view", view.pk), follow=True).status_code == 200


def test_views_of_merchants_and_providers(owner, store, provider, provider_manager):
    for body, name, who in [
        (store.merchant, "merchant_overview", owner), (provider, "provider_overview", provider_manager),
    ]:  # fmt: skip
        view = keep(who, body, page(name, body.pk))
        assert (view.body, view.mall) == (body, store.mall)
        assert list(saved.views_at(who, body)) == [view]


@pytest.mark.parametrize(
    "address",
    [
        "", "nonsense", "/nowhere/", "/malls/galaxy", "/malls/other/", "/malls/galaxy/rules/", "/accounts/login/",
        "\x00", "//evil.example/malls/galaxy/", "/malls/galaxy/stores/a%00b/", "/malls/galaxy/?" + TOO_LONG,
    ],
)  # fmt: skip
def test_only_addresses_of_the_bodys_dashboards_are_kept(manager, mall, address):
    with pytest.raises(BadAddress):
        keep(manager, mall, address)


def test_saving_goes_back_to_the_board(client, manager, mall):
    client.force_login(manager)
    address = page("store_list", mall.slug) + "?period=7d"
    response = client.post(page("saved_views", mall.slug), {"name": "Week", "address": address, "shared": "on"})
    assert (response.status_code, response["Location"]) == (302, address)
    assert SavedView.objects.get().shared


@pytest.mark.parametrize(
    "values", [{"name": ""}, {"address": ""}, {"address": "/malls/other/"}, {"name": "Mine"}, {"name": "x" * 81}]
)
def test_what_cannot_be_kept_is_told(client, manager, mall, view, values):
    client.force_login(manager)
    data = {"name": "Other", "address": page("mall_overview", mall.slug)} | values
    response = client.post(page("saved_views", mall.slug), data)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == values.keys()
    assert SavedView.objects.count() == 1


# --- Who sees what ---


def test_colleagues_see_shared_views_alone(client, manager, mall, view, colleague):
    shared = keep(manager, mall, page("store_list", mall.slug), "Ours", shared=True)
    assert list(saved.views_at(colleague, mall)) == [shared]
    assert list(saved.views_at(manager, mall)) == [view, shared]
    client.force_login(colleague)
    assert client.get(page("saved_view", view.pk)).status_code == 404
    assert client.get(page("saved_view", shared.pk))["Location"] == page("store_list", mall.slug)
    html = client.get(page("saved_views", mall.slug)).content.decode()
    assert "Ours" in html and "Mine" not in html
    assert page("saved_view_edit", shared.pk) not in html


@pytest.mark.parametrize("persona", ["stranger", "owner", "cashier", "provider_manager"])
def test_nobody_opens_another_tenants_view(client, request, manager, mall, persona):
    shared = keep(manager, mall, page("store_list", mall.slug), shared=True)
    client.force_login(request.getfixturevalue(persona))
    assert client.get(page("saved_view", shared.pk)).status_code == 404
    assert client.post(page("saved_view_delete", shared.pk)).status_code == 404


def test_merchants_see_no_views_of_each_other(client, owner, store, other_store):
    shared = keep(owner, store.merchant, page("merchant_overview", store.merchant_id), shared=True)
    client.force_login(factories.make_member(Role.MERCHANT_OWNER, merchant=other_store.merchant))
    assert client.get(page("saved_view", shared.pk)).status_code == 404


def test_only_the_owner_changes_a_view(client, manager, mall, colleague):
    shared = keep(manager, mall, page("store_list", mall.slug), shared=True)
    client.force_login(colleague)
    assert client.post(page("saved_view_edit", shared.pk), {"name": "Theirs"}).status_code == 404
    assert client.post(page("saved_view_delete", shared.pk)).status_code == 404
    client.force_login(manager)
    client.post(page("saved_view_edit", shared.pk), {"name": "Renamed"})
    shared.refresh_from_db()
    assert (shared.name, shared.shared) == ("Renamed", False)
    client.post(page("saved_view_delete", shared.pk))
    assert not SavedView.objects.exists()


def test_a_name_may_stay_and_may_not_be_taken_twice(client, manager, mall, view):
    other = keep(manager, mall, page("store_list", mall.slug), "Other")
    client.force_login(manager)
    assert client.post(page("saved_view_edit", view.pk), {"name": "Mine", "shared": "on"}).status_code == 302
    assert client.post(page("saved_view_edit", other.pk), {"name": "Mine"}).status_code == 422


# --- What is gone ---


def test_a_view_of_a_store_that_is_gone_says_so(client, manager, mall, store):
    view = keep(manager, mall, page("store_detail", mall.slug, "hotpot"))
    Store.objects.all().delete()
    client.force_login(manager)
    response = client.get(page("saved_view", view.pk), follow=True)
    assert response.redirect_chain[-1][0] == page("saved_views", mall.slug)
    assert messages_of(response) == ["What this view was about is no longer there: hotpot."]


def test_a_filter_that_is_gone_is_told_on_the_board(client, manager, mall, other_store, view):
    client.force_login(manager)
    response = client.get(page("saved_view", view.pk), follow=True)
    assert response.status_code == 200
    assert "hotpot is not one of the available choices" in response.content.decode()
    assert "Reset filters" in response.content.decode()


def test_a_page_that_is_gone(client, manager, mall, view):
    SavedView.objects.update(page="analytics:no_such_page")
    client.force_login(manager)
    response = client.get(page("saved_view", view.pk), follow=True)
    assert messages_of(response) == ["The page of this view is no longer there."]
    assert "The page of this view is no longer there." in response.content.decode()


def test_rights_that_are_lost(client, manager, mall, view):
    Membership.objects.filter(user=manager).delete()
    client.force_login(manager)
    response = client.get(page("saved_view", view.pk), follow=True)
    assert messages_of(response) == ["You may no longer see the figures of Galaxy."]
    assert client.post(page("saved_view_edit", view.pk), {"name": "x"}).status_code == 404


# --- On the board ---


@pytest.mark.usefixtures("now")
def test_the_board_offers_to_save_just_what_is_seen(client, manager, mall, store, view):
    client.force_login(manager)
    html = client.get(page("mall_overview", mall.slug), {"period": "7d", "x": "1"}).content.decode()
    assert 'name="address" value="/malls/galaxy/?period=7d"' in html
    assert page("saved_view", view.pk) in html


@pytest.mark.parametrize("views", [1, 3])
def test_lists_cost_the_same_for_any_number(client, manager, mall, views, django_assert_num_queries):
    for number in range(views):
        keep(manager, mall, page("store_list", mall.slug), f"View {number}")
    client.force_login(manager)
    client.get(page("saved_views", mall.slug))
    with django_assert_num_queries(7):
        assert client.get(page("saved_views", mall.slug)).status_code == 200
