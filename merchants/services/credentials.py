"""Keys of the API: made, shown once, rotated, taken back."""

import hashlib
import secrets
import string
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from merchants.choices import Scope
from merchants.models import ApiCredential, Mall, ServiceProvider, Store, User

from . import audit

PROVIDER_SCOPES = (Scope.PAYMENTS, Scope.REFUNDS, Scope.REDEEM, Scope.STATEMENTS)  # the others are the mall's own
_LETTERS = string.ascii_letters + string.digits  # no separator among them, so a key splits one way only


def issue(
    *,
    mall: Mall,
    provider: ServiceProvider | None,
    label: str,
    by: User,
    stores: Iterable[Store] = (),
    scopes: Collection[str] = (),
    expires_at: datetime | None = None,
    is_sandbox: bool = False,
    replaces: ApiCredential | None = None,
) -> tuple[ApiCredential, str]:
    """Make a credential of the mall, or of one of its providers, and its key `mk_<key id>_<secret>`.

    Without stores and scopes it reaches and may do all that its kind can. The key cannot be had again: only the
    digest of its secret (40 letters, 238 bits) is kept.
    """
    key_id, secret = _random(12), _random(40)
    chosen = {"scopes": sorted(scopes), "expires_at": expires_at, "is_sandbox": is_sandbox, "replaces": replaces}
    with transaction.atomic():
        credential = ApiCredential.objects.create(
            mall=mall, provider=provider, label=label, key_id=key_id, secret_digest=digest(secret), created_by=by,
            **chosen,
        )  # fmt: skip
        credential.stores.set(stores)
        given = {name: value for name, value in chosen.items() if value}
        codes = sorted(credential.stores.values_list("code", flat=True))
        changes = audit.changed({}, {"label": label, "provider": provider, **given, "stores": codes or None})
        audit.record(actor=by, mall=mall, action="credential_issued", obj=credential, changes=changes)
    return credential, f"mk_{key_id}_{secret}"


def rotate(*, credential: ApiCredential, overlap: timedelta, by: User) -> tuple[ApiCredential, str] | None:
    """A new key with the reach and scopes of one in force, which ends after `overlap`: time to put the new one in
    place. None if it is not in force any more, or was rotated before."""
    now = timezone.now()
    with transaction.atomic():
        open_ones = ApiCredential.objects.filter(in_force(now), pk=credential.pk, replaced_by=None)
        held = open_ones.select_for_update(of=("self",)).first()
        if held is None:
            return None
        made = issue(
            mall=held.mall, provider=held.provider, label=held.label, by=by, stores=held.stores.all(),
            scopes=held.scopes, expires_at=_renewed(held, now), is_sandbox=held.is_sandbox, replaces=held,
        )  # fmt: skip
        ends = min(now + overlap, held.expires_at or now + overlap)
        ApiCredential.objects.filter(pk=held.pk).update(expires_at=ends)
        changes = {"expires_at": [held.expires_at, ends]}
        audit.record(actor=by, mall=held.mall, action="credential_rotated", obj=held, changes=changes)
    return made


def _renewed(credential: ApiCredential, now: datetime) -> datetime | None:
    """As long a life as the old one was given, from now on."""
    return credential.expires_at and now + (credential.expires_at - credential.created_at)


def in_force(now: datetime) -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


def revoke(*, credential: ApiCredential, by: User) -> bool:
    """Take a credential back for good. False if it was revoked before."""
    now = timezone.now()
    with transaction.atomic():
        revoked = ApiCredential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=now)
        if revoked:
            changes = {"revoked_at": [None, now]}
            audit.record(actor=by, mall=credential.mall, action="credential_revoked", obj=credential, changes=changes)
    return bool(revoked)


def digest(secret: str) -> str:
    """What is kept of a secret. It is random and long, so a plain SHA-256 cannot be searched backwards."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
