"""Addresses in mails. The one that ends a report is signed and opens without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from analytics.models import MailReport
from mallops.lib.keys import derived


def absolute(path: str) -> str:
    return settings.SITE_URL.rstrip("/") + path


def end_path(report: MailReport) -> str:
    return reverse("analytics:mail_unsubscribe", args=[_signer().sign(str(report.pk))])


def report_of(token: str) -> MailReport | None:
    """The report of a token; None for one that was not made here, or whose report is gone."""
    try:
        pk = int(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return MailReport.objects.filter(pk=pk).select_related("view__mall", "to").first()


def _signer() -> signing.Signer:
    return signing.Signer(key=derived("mail reports"), sep=".")
