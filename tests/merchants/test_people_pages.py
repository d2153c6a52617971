import pytest
from django.core import mail
from django.urls import reverse

from merchants.choices import Role
from merchants.models import Invitation, Membership
from merchants.services import invitations
from tests import factories

pytestmark = pytest.mark.django_db


def people(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


def test_roles_of_another_kind_of_body_are_refused(client, mall, manager):
    client.force_login(manager)
    for role in (Role.MERCHANT_OWNER, "boss", ""):
        answer = client.post(people("mall_people", mall.slug), {"email": "a@example.com", "role": role})
        assert answer.status_code == 422
    assert not Invitation.objects.exists() and not mail.outbox


def test_members_and_invited_addresses_are_not_invited_again(client, mall, manager, operator):
    client.force_login(manager)
    invitations.invite(body=mall, role=Role.MALL_VIEWER, email="soon@example.com", by=manager)
    for email in (operator.email.upper(), "Soon@example.com", "no address"):
        answer = client.post(people("mall_people", mall.slug), {"email": email, "role": Role.MALL_VIEWER})
        assert answer.status_code == 422
    assert Invitation.objects.count() == 1


def test_a_mall_manager_manages_the_people_of_merchants_and_providers(client, manager, store, provider):
    client.force_login(manager)
    form = {"email": "owner@example.com", "role": Role.MERCHANT_OWNER}
    assert client.post(people("merchant_people", store.merchant_id), form).status_code == 302
    form = {"email": "provider@example.com", "role": Role.PROVIDER_VIEWER}
    assert client.post(people("provider_people", provider.pk), form).status_code == 302
    assert [str(row.body) for row in Invitation.objects.order_by("pk")] == [str(store.merchant), str(provider)]


def test_an_owner_changes_and_removes_a_cashier(client, owner, cashier):
    client.force_login(owner)
    row = cashier.memberships.get()
    client.post(people("member_role", row.pk), {"role": Role.MERCHANT_OWNER})
    assert cashier.memberships.get().role == Role.MERCHANT_OWNER
    client.post(people("member_role", row.pk), {"role": Role.MALL_MANAGER})
    assert cashier.memberships.get().role == Role.MERCHANT_OWNER
    client.post(people("member_remove", row.pk))
    assert not cashier.memberships.exists()


def test_the_page_explains_why_the_last_manager_stays(client, mall, manager):
    client.force_login(manager)
    row = manager.memberships.get()
    page = client.post(people("member_remove", row.pk), follow=True)
    assert "The last manager stays" in page.text
    page = client.post(people("member_role", row.pk), {"role": Role.MALL_VIEWER}, follow=True)
    assert "The last manager stays" in page.text
    assert manager.memberships.get().role == Role.MALL_MANAGER


def test_who_leaves_goes_home(client, mall, manager):
    factories.make_member(Role.MALL_MANAGER, mall=mall)
    client.force_login(manager)
    answer = client.post(people("member_remove", manager.memberships.get().pk))
    assert answer["Location"] == "/"


def test_send_again_and_withdraw(client, mall, manager):
    invitation, old = invitations.invite(body=mall, role=Role.MALL_VIEWER, email="a@example.com", by=manager)
    client.force_login(manager)
    client.post(people("invitation_resend", invitation.pk))
    assert len(mail.outbox) == 1 and invitations.find(old) is None
    client.post(people("invitation_withdraw", invitation.pk))
    page = client.post(people("invitation_resend", invitation.pk), follow=True)
    assert "answered or withdrawn before" in page.text
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_number_of_queries(client, mall, manager, rows, django_assert_num_queries):
    for n in range(rows):
        factories.make_member(Role.MALL_VIEWER, mall=mall)
        factories.make_member(Role.MERCHANT_OWNER, merchant=factories.make_merchant(mall=mall))
        invitations.invite(body=mall, role=Role.MALL_VIEWER, email=f"a{n}@example.com", by=manager)
    client.force_login(manager)
    with django_assert_num_queries(10):
        page = client.get(people("mall_people", mall.slug))
    assert page.text.count("@example.com<") == Membership.objects.filter(mall=mall).count() + rows
