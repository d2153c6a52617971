"""Addresses that are handed to shoppers: of a claim code, of a coupon. They open without signing in.

A coupon's address is signed and cannot be guessed. Its key stays for the life of an installation:
addresses already sent go on opening when SECRET_KEY is changed.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from mallops.lib.keys import derived

from .models import ClaimCode, Coupon


def coupon_path(coupon: Coupon) -> str:
    return reverse("claim:coupon", args=[coupon_token(coupon.mall_id, coupon.pk)])


def coupon_url(coupon: Coupon) -> str:
    return settings.SITE_URL.rstrip("/") + coupon_path(coupon)


def coupon_token(mall_id: int, coupon_id: int) -> str:
    return _signer().sign(f"{mall_id}-{coupon_id}")


def coupon_of(token: str) -> Coupon | None:
    """The coupon of a token, or None for one that was not made here."""
    try:
        mall_id, coupon_id = map(int, _signer().unsign(token).split("-"))
    except (signing.BadSignature, ValueError):
        return None
    related = ("stock__merchant", "rule", "store", "mall")
    return Coupon.objects.for_mall(mall_id).filter(pk=coupon_id).select_related(*related).first()


def claim_path(code: ClaimCode) -> str:
    return reverse("claim:offer", args=[code.token])


def claim_url(code: ClaimCode) -> str:
    return settings.SITE_URL.rstrip("/") + claim_path(code)


def _signer() -> signing.Signer:
    return signing.Signer(key=derived("coupon links"), sep=".")
