"""Mails about who belongs to what, and about what waits for someone or was decided."""

import logging
from collections.abc import Iterable
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from merchants.access import roles_with
from merchants.models import Invitation, User

from .members import Body, kind_of

log = logging.getLogger(__name__)


def send_invitation(*, invitation: Invitation, url: str) -> bool:
    """Send the link, in both languages: that of who gets it is not known yet. Called after the invitation is
    committed; False if the mail server would not take it."""
    subject, text = _written("invitation", {"invitation": invitation, "url": url})
    try:
        send_mail(subject, text, None, [invitation.email])
    except (OSError, SMTPException):
        log.exception("Invitation %s was not mailed", invitation.pk)
        return False
    return True


def tell(users: Iterable[User], kind: str, *, path: str = "", **context: Any) -> None:
    """Mail each person in the language of the account, in the background and once the transaction is committed.

    `templates/emails/<kind>_subject.txt` and `_message.txt` get the context and `url`, the whole address of `path`.
    Accounts without an address are left out.
    """
    for user in users:
        if user.email:
            tell_address(user.email, user.language or settings.LANGUAGE_CODE, kind, path=path, **context)


def tell_address(address: str, language: str, kind: str, *, path: str = "", **context: Any) -> None:
    """`tell` for someone without an account."""
    from merchants.tasks import mail

    with translation.override(language):
        subject, text = _written(kind, context | {"url": settings.SITE_URL + path})
    mail.enqueue(address, subject, text)


def people_with(action: str, body: Body) -> QuerySet[User]:
    """The active members of a mall, merchant or provider who hold a right there."""
    held = {f"memberships__{kind_of(body)}": body, "memberships__role__in": roles_with(action)}
    return User.objects.filter(is_active=True, **held).order_by("pk")


def _written(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject, in one line, and text."""
    subject = " ".join(render_to_string(f"emails/{kind}_subject.txt", context).split())
    return subject, render_to_string(f"emails/{kind}_message.txt", context)
