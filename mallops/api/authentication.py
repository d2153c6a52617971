"""API credentials: `Authorization: Bearer mk_<key id>_<secret>`."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from mallops.lib.dates import today
from mallops.lib.sql import ask
from merchants import access
from merchants.queries import directory as directories
from merchants.queries.directory import Directory, StoreEntry
from merchants.services.credentials import digest

from . import rates
from .problems import Problem
from .rates import Allowance


@dataclass(frozen=True, slots=True)
class Caller:
    """The system on the other end: a mall's, or a provider's. `reach` are the stores it reaches today (None: all),
    `scopes` what it may do (empty: all that its kind may)."""

    credential_id: int
    directory: Directory
    reach: frozenset[int] | None
    scopes: frozenset[str]
    allowance: Allowance
    provider_id: int | None = None
    is_sandbox: bool = False
    is_authenticated: bool = True

    @property
    def mall_id(self) -> int:
        return self.directory.mall_id

    @property
    def source(self) -> str:
        return f"api:{self.credential_id}"

    def may(self, scope: str) -> bool:
        return not self.scopes or scope in self.scopes

    def store(self, code: object) -> StoreEntry | None:
        """The store with a code, if the caller reaches it."""
        found = self.directory.by_code.get(code) if isinstance(code, str) else None
        return found if found and (self.reach is None or found.id in self.reach) else None


class CredentialAuthentication(BaseAuthentication):
    """One query per request: nothing about a credential is remembered, so revoking and suspending act at once."""

    def authenticate(self, request) -> tuple[Caller, None] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return caller(key.strip(), now=timezone.now()), None

    def authenticate_header(self, request) -> str:
        return "Bearer"


class Credential(NamedTuple):
    """What a request needs to know of a key in force. `scopes` is JSON, `stores` ids joined by commas, or None."""

    id: int
    secret_digest: str
    provider_id: int | None
    standing: str | None
    state: str | None
    mall_id: int
    revision: int
    time_zone: str
    scopes: str
    stores: str | None
    is_sandbox: bool
    rate_per_minute: int


def caller(key: str, *, now: datetime) -> Caller:
    """Who holds a key. Raises AuthenticationFailed (401), for a provider not in good standing PermissionDenied, and
    Problem (429) for a key used too often."""
    prefix, _sep, rest = key.partition("_")
    key_id, _sep, secret = rest.partition("_")
    found = look_up(key_id, now) if prefix == "mk" and key.isascii() and "\x00" not in key else None
    if found is None or not hmac.compare_digest(found.secret_digest, digest(secret)):
        raise AuthenticationFailed(_("The API key is unknown, has expired or has been revoked."))
    if found.provider_id and not access.is_active(found):
        raise PermissionDenied(_("The service provider is suspended or terminated."))
    allowance = rates.take(found.id, found.rate_per_minute, now=now)
    if allowance.is_over:
        text = _("This key may make %(limit)s requests a minute.") % {"limit": allowance.limit}
        raise Problem(429, "too_many_requests", text, headers=allowance.headers)
    directory = directories.at_revision(found.mall_id, found.revision, found.time_zone)
    return Caller(
        credential_id=found.id,
        directory=directory,
        reach=reach(found, directory, now),
        scopes=frozenset(json.loads(found.scopes)),
        allowance=allowance,
        provider_id=found.provider_id,
        is_sandbox=bool(found.is_sandbox),
    )


def reach(found: Credential, directory: Directory, now: datetime) -> frozenset[int] | None:
    """The stores a key reaches today: those of the provider's agreements, those it is limited to; None is all."""
    served = directory.served_by(found.provider_id, today(found.time_zone, now)) if found.provider_id else None
    if found.stores is None:
        return served
    chosen = frozenset(map(int, found.stores.split(",")))
    return chosen if served is None else chosen & served


def look_up(key_id: str, now: datetime) -> Credential | None:
    """A credential in force. In plain SQL: it runs once for each payment of the day."""
    joined = "string_agg(s.store_id::text, ',')" if connection.vendor == "postgresql" else "group_concat(s.store_id)"
    found = ask(
        "SELECT c.id, c.secret_digest, c.provider_id, p.standing, p.state, c.mall_id, m.revision, m.time_zone,"
        f" c.scopes, (SELECT {joined} FROM merchants_apicredential_stores s WHERE s.apicredential_id = c.id),"
        " c.is_sandbox, c.rate_per_minute"
        " FROM merchants_apicredential c JOIN merchants_mall m ON m.id = c.mall_id"
        " LEFT JOIN merchants_serviceprovider p ON p.id = c.provider_id"
        " WHERE c.key_id = %s AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %s)",
        [key_id, now],
    )
    return Credential(*found[0]) if found else None
