"""A colleague is asked by mail to join a mall, merchant or provider; the link works once, for seven days.

The link carries a secret token of which only the digest is kept: a reader of the database cannot use it, and a
lost link is replaced (`renew`), never shown again.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from merchants.models import Invitation, Membership, User

from . import audit
from .members import Body, kind_of, note

VALID_FOR = timedelta(days=7)


class InvitationOver(Exception):
    """The link was used, withdrawn, or is too old."""


class AlreadyMember(Exception):
    """The account belongs to the body already."""


def invite(*, body: Body, role: str, email: str, by: User) -> tuple[Invitation, str]:
    """Keep an invitation to `body`; returns it with the token for its link."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            **{kind_of(body): body},
            role=role,
            email=email.lower(),
            token_digest=_digest(token),
            invited_by=by,
            expires_at=timezone.now() + VALID_FOR,
        )
        note(by, "invited", invitation, audit.changed({}, {"email": email.lower(), "role": role}))
    return invitation, token


def renew(*, invitation: Invitation, by: User) -> str:
    """A new token, good for another seven days; the old link stops working. Raises InvitationOver."""
    token, until = secrets.token_urlsafe(32), timezone.now() + VALID_FOR
    with transaction.atomic():
        if not _unanswered(invitation).update(token_digest=_digest(token), expires_at=until):
            raise InvitationOver
        note(by, "invitation_renewed", invitation, {"expires_at": [invitation.expires_at, until]})
    return token


def withdraw(*, invitation: Invitation, by: User) -> None:
    """Make the link useless. Raises InvitationOver."""
    now = timezone.now()
    with transaction.atomic():
        if not _unanswered(invitation).update(withdrawn_at=now):
            raise InvitationOver
        note(by, "invitation_withdrawn", invitation, {"withdrawn_at": [None, now]})


def find(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state."""
    bodies = ("mall", "merchant__mall", "provider__mall", "invited_by")
    return Invitation.objects.select_related(*bodies).filter(token_digest=_digest(token)).first()


def is_open(invitation: Invitation) -> bool:
    return not invitation.accepted_at and not invitation.withdrawn_at and invitation.expires_at > timezone.now()


def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make `user` a member as promised. Raises InvitationOver, also for the slower of two at once; AlreadyMember."""
    body, now = invitation.body, timezone.now()
    with transaction.atomic():
        still_open = _unanswered(invitation).filter(expires_at__gt=now, token_digest=invitation.token_digest)
        if not still_open.update(accepted_at=now, accepted_by=user):
            raise InvitationOver
        membership, created = Membership.objects.get_or_create(
            user=user, **{kind_of(body): body}, defaults={"role": invitation.role}
        )
        if not created:
            raise AlreadyMember
        note(user, "joined", membership, audit.changed({}, {"role": invitation.role, "invitation": invitation.pk}))
    return membership


def accept_as_new(*, invitation: Invitation, username: str, password: str) -> User:
    """Make an account for the invited address, and make it a member. Raises InvitationOver."""
    with transaction.atomic():
        user = User.objects.create_user(username=username, email=invitation.email, password=password)
        accept(invitation=invitation, user=user)
    return user


def _unanswered(invitation: Invitation):
    return Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
