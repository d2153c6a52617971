"""Mails to the owners of merchants."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from merchants.choices import Role
from merchants.models import User

from .models import Consent
from .models.consent import ConsentState


def send_invitation(consent_id: int) -> int:
    """Tell the owners of the merchant that a rule waits for their answer; returns how many were told.

    Nobody is told of what is answered by now. Each reads it in the language of the account.
    """
    asked = Consent.objects.filter(pk=consent_id, state=ConsentState.ASKED)
    consent = asked.select_related("mall", "merchant", "version__rule").first()
    if consent is None:
        return 0
    owners = User.objects.filter(
        is_active=True, memberships__merchant=consent.merchant_id, memberships__role=Role.MERCHANT_OWNER
    ).exclude(email="")
    mails = [_invitation(consent, owner) for owner in owners]
    get_connection().send_messages(mails)
    return len(mails)


def _invitation(consent: Consent, owner: User) -> EmailMessage:
    path = reverse("coupons:consent_detail", args=[consent.merchant_id, consent.pk])
    context = {"consent": consent, "rule": consent.version.rule, "mall": consent.mall, "url": settings.SITE_URL + path}
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string("emails/consent_subject.txt", context).split())
        text = render_to_string("emails/consent_message.txt", context)
    return EmailMessage(subject, text, None, [owner.email])
