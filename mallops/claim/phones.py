"""Who holds a phone that opens a claim page: the shopper of a signed cookie, or of a signed link made by the API.

Either holds the digest of the shopper's identity in one mall. A phone that nobody has introduced is a new identity,
`web:<random>`, known by its cookie alone.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from merchants.models import Mall
from payments.models import ShopperIdentity
from payments.shoppers import digest

KEPT = 400 * 24 * 3600  # seconds; browsers keep no cookie longer
LINK_LASTS = 15 * 60  # seconds
PARAMETER = "s"


def digest_of(request: HttpRequest, mall: Mall) -> str | None:
    """The digest that the phone's cookie holds for a mall; None without one, or with one not made here."""
    return request.get_signed_cookie(_name(mall), default=None, salt=_name(mall), max_age=KEPT)


def stranger(mall: Mall) -> str:
    """The digest of a new identity."""
    return digest(mall.pk, f"web:{secrets.token_urlsafe(16)}")


def remember(response: HttpResponse, mall: Mall, found: str) -> None:
    response.set_signed_cookie(
        _name(mall), found, salt=_name(mall), max_age=KEPT, path="/c/", httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def link_parameter(mall_id: int, shopper_digest: str) -> str:
    """What introduces a shopper to the claim page, for a quarter of an hour."""
    return signing.dumps([mall_id, shopper_digest], salt="claim.link")


def introduced(request: HttpRequest, mall: Mall) -> str | None:
    """The digest in the address's parameter. Raises signing.BadSignature for one forged, too old or of elsewhere."""
    if PARAMETER not in request.GET:
        return None
    mall_id, found = signing.loads(request.GET[PARAMETER], salt="claim.link", max_age=LINK_LASTS)
    if mall_id != mall.pk:
        raise signing.BadSignature
    return found


def shopper_id(mall: Mall, shopper_digest: str) -> int | None:
    """The shopper with a digest, if there is one already."""
    known = ShopperIdentity.objects.for_mall(mall).filter(digest=shopper_digest)
    return known.values_list("shopper", flat=True).first()


def _name(mall: Mall) -> str:
    return f"shopper{mall.pk}"
