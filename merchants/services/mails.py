"""Mails about membership, in both languages: the language of who gets them is not known yet."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from merchants.models import Invitation

log = logging.getLogger(__name__)


def send_invitation(*, invitation: Invitation, url: str) -> bool:
    """Send the link. Called after the invitation is committed; False if the mail server would not take it."""
    context = {"invitation": invitation, "url": url}
    subject = " ".join(render_to_string("emails/invitation_subject.txt", context).split())
    text = render_to_string("emails/invitation_message.txt", context)
    try:
        send_mail(subject, text, None, [invitation.email])
    except (OSError, SMTPException):
        log.exception("Invitation %s was not mailed", invitation.pk)
        return False
    return True
