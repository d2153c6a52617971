"""Keys of the API: made, shown once, taken back."""

import hashlib
import secrets
import string

from django.db import transaction
from django.utils import timezone

from merchants.models import ApiCredential, Mall, ServiceProvider, User

from . import audit

_LETTERS = string.ascii_letters + string.digits  # no separator among them, so a key splits one way only


def issue(*, mall: Mall, provider: ServiceProvider | None, label: str, by: User) -> tuple[ApiCredential, str]:
    """Make a credential of the mall, or of one of its providers, and its key `mk_<key id>_<secret>`.

    The key cannot be had again: only the digest of its secret (40 letters, 238 bits) is kept.
    """
    key_id, secret = _random(12), _random(40)
    with transaction.atomic():
        credential = ApiCredential.objects.create(
            mall=mall, provider=provider, label=label, key_id=key_id, secret_digest=digest(secret), created_by=by
        )
        changes = audit.changed({}, {"label": label, "provider": provider})
        audit.record(actor=by, mall=mall, action="credential_issued", obj=credential, changes=changes)
    return credential, f"mk_{key_id}_{secret}"


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
