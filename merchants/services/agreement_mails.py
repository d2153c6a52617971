"""Mails about agreements to the three parties, each with a link to its own page. Sent inside the transaction."""

from django.urls import reverse

from merchants.choices import Action
from merchants.models import Agreement

from .mails import people_with, tell


def proposed(agreement: Agreement) -> None:
    """To the merchant, which answers, and to the side that did not propose."""
    _merchant(agreement, "agreement_proposed")
    (_mall if agreement.by_provider else _provider)(agreement, "agreement_proposed")


def answered(agreement: Agreement) -> None:
    _mall(agreement, "agreement_answered")
    _provider(agreement, "agreement_answered")


def withdrawn(agreement: Agreement) -> None:
    _merchant(agreement, "agreement_withdrawn")
    (_mall if agreement.by_provider else _provider)(agreement, "agreement_withdrawn")


def ended(agreement: Agreement, by_side: str) -> None:
    """It has a last day now: to the two sides that did not end it."""
    for side, tell_side in {"mall": _mall, "merchant": _merchant, "provider": _provider}.items():
        if side != by_side:
            tell_side(agreement, "agreement_ended")


def _mall(agreement: Agreement, kind: str) -> None:
    path = reverse("merchants:agreement_detail", args=[agreement.mall.slug, agreement.pk])
    tell(people_with(Action.MANAGE, agreement.mall), kind, path=path, agreement=agreement)


def _merchant(agreement: Agreement, kind: str) -> None:
    merchant = agreement.store.merchant
    path = reverse("merchants:merchant_agreement", args=[merchant.pk, agreement.pk])
    tell(people_with(Action.CONSENT, merchant), kind, path=path, agreement=agreement)


def _provider(agreement: Agreement, kind: str) -> None:
    path = reverse("merchants:provider_agreement", args=[agreement.provider_id, agreement.pk])
    tell(people_with(Action.MANAGE, agreement.provider), kind, path=path, agreement=agreement)
