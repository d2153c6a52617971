"""Shoppers are known by keyed digests only; the plain identity is dropped at the door."""

import hashlib

from django.conf import settings


def digest(mall_id: int, identity: str) -> str:
    """The digest (32 hex digits) of an identity in one mall; the same person has unrelated ones in two malls.

    BLAKE2b with the installation's SHOPPER_KEY as its key (RFC 7693), so that identities cannot be tried out
    by anyone who holds the database alone.
    """
    return hashlib.blake2b(f"{mall_id}:{identity}".encode(), digest_size=16, key=settings.SHOPPER_KEY[:64]).hexdigest()
