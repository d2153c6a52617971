"""Shoppers are known by keyed digests only; the plain identity is dropped at the door.

`Shopper.first_day` is the local day of the first payment on record. Who records payments reads it, holding the rows
where it is empty, and sets it; so each is set once, and its payment is the first of that day in the order of ids.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.conf import settings

from mallops.lib.sql import ask, insert_new, is_any

from .models import Shopper, ShopperIdentity

Payers = dict[str, tuple[int, date | None]]  # digest -> id, first day


def digest(mall_id: int, identity: str) -> str:
    """The digest (32 hex digits) of an identity in one mall; the same person has unrelated ones in two malls.

    BLAKE2b with the installation's SHOPPER_KEY as its key (RFC 7693), so that identities cannot be tried out
    by anyone who holds the database alone.
    """
    return hashlib.blake2b(f"{mall_id}:{identity}".encode(), digest_size=16, key=settings.SHOPPER_KEY[:64]).hexdigest()


def resolve(mall_id: int, digests: set[str], *, now: datetime) -> dict[str, int]:
    """The shopper id of each digest, making shoppers for those never seen before."""
    return {digest: pk for digest, (pk, _first_day) in _find(mall_id, digests, now=now)[0].items()}


def payers(mall_id: int, digests: set[str], *, now: datetime) -> Payers:
    """The same with the day each first paid on; nobody else sets those that are empty before we are done."""
    found, made = _find(mall_id, digests, now=now)
    undated = {pk: digest for digest, (pk, first_day) in found.items() if first_day is None and digest not in made}
    if undated:
        held = Shopper.objects.for_mall(mall_id).filter(pk__in=undated).order_by("pk").select_for_update(no_key=True)
        found |= {undated[pk]: (pk, first_day) for pk, first_day in held.values_list("pk", "first_day")}
    return found


def set_first_days(mall_id: int, first_days: Mapping[int, date]) -> None:
    """Note the day of the first payment by shopper id; one that is there stays."""
    by_day: dict[date, list[int]] = {}
    for pk, day in first_days.items():
        by_day.setdefault(day, []).append(pk)
    for day, pks in by_day.items():
        Shopper.objects.for_mall(mall_id).filter(pk__in=pks, first_day=None).update(first_day=day)


def _find(mall_id: int, digests: set[str], *, now: datetime) -> tuple[Payers, set[str]]:
    """The shopper of each digest, and the digests of those just made, whom nobody else sees yet."""
    if not digests:
        return {}, set()
    known = _known(mall_id, digests)
    missing = sorted(digests - known.keys())
    if not missing:
        return known, set()
    made = _make(mall_id, missing, now=now)
    if len(made) < len(missing):
        known |= _known(mall_id, set(missing) - made.keys())
    return known | {digest: (pk, None) for digest, pk in made.items()}, set(made)


def _known(mall_id: int, digests: Iterable[str]) -> Payers:
    among, values = is_any("digest", digests)
    rows = ask(
        f"SELECT digest, shopper.id, first_day FROM {ShopperIdentity._meta.db_table} AS identity"
        f" JOIN {Shopper._meta.db_table} AS shopper ON shopper.id = identity.shopper_id"
        f" WHERE identity.mall_id = %s AND shopper.mall_id = %s AND {among}",
        [mall_id, mall_id, values],
    )
    return {digest: (pk, first_day) for digest, pk, first_day in rows}


def _make(mall_id: int, digests: list[str], *, now: datetime) -> dict[str, int]:
    """A shopper for each digest, left out where another process was quicker."""
    made = [pk for (pk,) in insert_new(Shopper, ("mall_id", "created_at"), [(mall_id, now)] * len(digests))]
    rows = [(mall_id, pk, digest) for pk, digest in zip(made, digests, strict=True)]
    kept = insert_new(
        ShopperIdentity, ("mall_id", "shopper_id", "digest"), rows,
        conflict=("mall_id", "digest"), returning=("digest", "shopper_id"),
    )  # fmt: skip
    if len(kept) < len(digests):
        Shopper.objects.for_mall(mall_id).filter(pk__in=set(made) - {pk for _digest, pk in kept}).delete()
    return dict(kept)
