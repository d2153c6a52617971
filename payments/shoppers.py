"""Shoppers are known by keyed digests only; the plain identity is dropped at the door."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection

from mallops.lib.sql import insert_new, is_any

from .models import Shopper, ShopperIdentity


def digest(mall_id: int, identity: str) -> str:
    """The digest (32 hex digits) of an identity in one mall; the same person has unrelated ones in two malls.

    BLAKE2b with the installation's SHOPPER_KEY as its key (RFC 7693), so that identities cannot be tried out
    by anyone who holds the database alone.
    """
    return hashlib.blake2b(f"{mall_id}:{identity}".encode(), digest_size=16, key=settings.SHOPPER_KEY[:64]).hexdigest()


def resolve(mall_id: int, digests: set[str], *, now: datetime) -> dict[str, int]:
    """The shopper id of each digest, making shoppers for those never seen before."""
    if not digests:
        return {}
    known = _known(mall_id, digests)
    missing = [digest for digest in sorted(digests) if digest not in known]
    if missing:
        known |= _make(mall_id, missing, now=now)
    return known


def _known(mall_id: int, digests: Iterable[str]) -> dict[str, int]:
    among, values = is_any("digest", digests)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT digest, shopper_id FROM {ShopperIdentity._meta.db_table} WHERE mall_id = %s AND {among}",
            [mall_id, values],
        )
        return dict(cursor.fetchall())


def _make(mall_id: int, digests: list[str], *, now: datetime) -> dict[str, int]:
    """A shopper for each digest; where another process was quicker, that one's, and ours is taken back."""
    made = [pk for (pk,) in insert_new(Shopper, ("mall_id", "created_at"), [(mall_id, now)] * len(digests))]
    rows = [(mall_id, pk, digest) for pk, digest in zip(made, digests, strict=True)]
    kept = insert_new(
        ShopperIdentity, ("mall_id", "shopper_id", "digest"), rows,
        conflict=("mall_id", "digest"), returning=("digest", "shopper_id"),
    )  # fmt: skip
    if len(kept) == len(digests):
        return dict(kept)
    Shopper.objects.for_mall(mall_id).filter(pk__in=set(made) - {pk for _digest, pk in kept}).delete()
    return _known(mall_id, digests)
