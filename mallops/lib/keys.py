"""Keys for one purpose each, all from the installation's SHOPPER_KEY, which stays for its life."""

import hashlib

from django.conf import settings


def derived(purpose: str, size: int = 32) -> bytes:
    """`size` bytes (64 at most) that say nothing about SHOPPER_KEY or the key of another purpose.

    BLAKE2b (RFC 7693) with SHOPPER_KEY as its key; the personalisation keeps these apart from the digests of shoppers,
    which are made with the same key.
    """
    return hashlib.blake2b(
        purpose.encode(), digest_size=size, key=settings.SHOPPER_KEY[:64], person=b"derived key"
    ).digest()
