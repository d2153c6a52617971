"""Invitations: the service, and the link as people open it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from merchants.choices import Role
from merchants.models import AuditEntry, Invitation, Membership, User
from merchants.services import invitations
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"username": "lin", "password1": "correct horse 9", "password2": "correct horse 9"}


@pytest.fixture
def invited(mall, manager):
    """An invitation for lin@example.com to be an operator, and its token."""
    return invitations.invite(body=mall, role=Role.MALL_OPERATOR, email="Lin@Example.com", by=manager)


def link(token: str) -> str:
    return reverse("merchants:invitation_accept", kwargs={"token": token})


def test_only_the_digest_of_the_token_is_kept(invited):
    invitation, token = invited
    assert len(token) >= 43
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert invitation.email == "lin@example.com"


def test_accept_works_once(invited):
    invitation, _token = invited
    user = factories.make_user(email="lin@example.com")
    invitations.accept(invitation=invitation, user=user)
    assert user.memberships.get().role == Role.MALL_OPERATOR
    with pytest.raises(invitations.InvitationOver):
        invitations.accept(invitation=invitation, user=factories.make_user())
    assert Membership.objects.filter(mall=invitation.mall, role=Role.MALL_OPERATOR).count() == 1
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["invited", "joined"]


def test_a_member_does_not_use_the_link_up(invited, manager):
    with pytest.raises(invitations.AlreadyMember):
        invitations.accept(invitation=invited[0], user=manager)
    assert invitations.is_open(Invitation.objects.get())
    assert manager.memberships.get().role == Role.MALL_MANAGER


def test_a_lost_race_makes_no_account(invited):
    Invitation.objects.update(withdrawn_at=timezone.now())
    with pytest.raises(invitations.InvitationOver):
        invitations.accept_as_new(invitation=invited[0], username="lin", password="correct horse 9")
    assert not User.objects.filter(username="lin").exists()


def test_renewing_ends_the_old_link(invited, manager):
    invitation, old = invited
    new = invitations.renew(invitation=invitation, by=manager)
    assert invitations.find(old) is None
    assert invitations.find(new) == invitation


def test_answered_invitations_are_neither_renewed_nor_withdrawn(invited, manager):
    invitations.withdraw(invitation=invited[0], by=manager)
    with pytest.raises(invitations.InvitationOver):
        invitations.withdraw(invitation=invited[0], by=manager)
    with pytest.raises(invitations.InvitationOver):
        invitations.renew(invitation=invited[0], by=manager)


def test_a_new_person_chooses_a_name_and_is_signed_in(client, invited, mall):
    page = client.get(link(invited[1]))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    answer = client.post(link(invited[1]), NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(username="lin")
    assert (user.email, user.memberships.get().mall) == ("lin@example.com", mall)
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "change",
    [
        {"username": ""}, {"username": "a b"}, {"password2": "something else 9"}, {"username": "Taken"},
        {"password1": "short", "password2": "short"}, {"password1": "0123456789", "password2": "0123456789"},
        {"password1": "lin@example.com", "password2": "lin@example.com"},
    ],
    ids=["no name", "bad name", "typo", "taken name", "short", "digits", "like the address"],
)  # fmt: skip
def test_a_bad_name_or_password_is_refused(client, invited, change):
    factories.make_user(username="taken")
    answer = client.post(link(invited[1]), NEW | change)
    assert answer.status_code == 422
    assert not User.objects.filter(email="lin@example.com").exists()
    assert invitations.is_open(Invitation.objects.get())


def test_an_account_of_the_address_is_asked_to_sign_in(client, invited):
    factories.make_user(email="lin@example.com")
    answer = client.post(link(invited[1]), NEW)
    assert answer.status_code == 200
    assert f"{reverse('account_login')}?next={link(invited[1])}" in answer.text
    assert not User.objects.filter(username="lin").exists()


def test_who_is_signed_in_with_the_address_joins(client, invited, mall):
    user = factories.make_user(email="lin@example.com")
    client.force_login(user)
    assert client.get(link(invited[1])).status_code == 200
    assert not user.memberships.exists()
    assert client.post(link(invited[1])).status_code == 302
    assert user.memberships.get().mall == mall


def test_who_is_signed_in_with_another_address_is_refused(client, invited, stranger):
    client.force_login(stranger)
    assert client.get(link(invited[1])).status_code == 403
    assert client.post(link(invited[1])).status_code == 403
    assert stranger.memberships.count() == 1


@pytest.mark.parametrize("field", ["accepted_at", "withdrawn_at"])
def test_a_used_or_withdrawn_link_says_so(client, invited, field):
    Invitation.objects.update(**{field: timezone.now()})
    assert client.get(link(invited[1])).status_code == 410
    assert client.post(link(invited[1]), NEW).status_code == 410


def test_a_link_ends_with_its_last_moment(client, invited):
    Invitation.objects.update(expires_at=timezone.now())
    assert client.post(link(invited[1]), NEW).status_code == 410
    assert not User.objects.filter(username="lin").exists()


def test_an_unknown_link_says_so(client, db):
    answer = client.get(link("x" * 43))
    assert answer.status_code == 404
    assert "This link does not work any more" in answer.text


def test_the_mail_carries_a_link_that_works(client, mall, manager):
    client.force_login(manager)
    form = {"email": "new@example.com", "role": Role.MALL_VIEWER}
    client.post(reverse("merchants:mall_people", args=[mall.slug]), form)
    (sent,) = mail.outbox
    assert sent.to == ["new@example.com"]
    assert "\n" not in sent.subject
    client.logout()
    (path,) = set(re.findall(r"http://testserver(\S+)", sent.body))
    assert client.get(path).status_code == 200


def test_a_mail_server_that_is_down_is_told(client, mall, manager, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(manager)
    form = {"email": "new@example.com", "role": Role.MALL_VIEWER}
    page = client.post(reverse("merchants:mall_people", args=[mall.slug]), form, follow=True)
    assert "the mail could not be sent" in page.text
    assert Invitation.objects.get().email == "new@example.com"
