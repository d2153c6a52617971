"""Mails to the owners of merchants and the managers of providers."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import translation

from merchants.choices import Action
from merchants.models import User
from merchants.services.mails import people_with

from .models import Consent
from .models.consent import ConsentState


def send_invitation(consent_id: int) -> int:
    """Tell who may answer for the merchant or the provider that a rule waits for it; returns how many were told.

    Nobody is told of what is answered by now. Each reads it in the language of the account.
    """
    asked = Consent.objects.filter(pk=consent_id, state=ConsentState.ASKED)
    consent = asked.select_related("mall", "merchant", "provider", "version__rule").first()
    if consent is None:
        return 0
    mails = [_invitation(consent, person) for person in people_with(Action.CONSENT, consent.party) if person.email]
    get_connection().send_messages(mails)
    return len(mails)


def _invitation(consent: Consent, reader: User) -> EmailMessage:
    url = settings.SITE_URL + consent.url
    context = {"consent": consent, "rule": consent.version.rule, "mall": consent.mall, "url": url}
    with translation.override(reader.language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string("emails/consent_subject.txt", context).split())
        text = render_to_string("emails/consent_message.txt", context)
    return EmailMessage(subject, text, None, [reader.email])
