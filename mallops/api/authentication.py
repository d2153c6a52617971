"""API credentials: `Authorization: Bearer mk_<key id>_<secret>`."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from mallops.lib.dates import today
from merchants.choices import Standing
from merchants.queries import directory as directories
from merchants.queries.directory import Directory, StoreEntry
from merchants.services.credentials import digest


@dataclass(frozen=True, slots=True)
class Caller:
    """The system on the other end: a mall's, or a provider's with the stores it reaches today (None: all)."""

    credential_id: int
    directory: Directory
    reach: frozenset[int] | None
    is_authenticated: bool = True

    @property
    def mall_id(self) -> int:
        return self.directory.mall_id

    @property
    def source(self) -> str:
        return f"api:{self.credential_id}"

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


def caller(key: str, *, now: datetime) -> Caller:
    """Who holds a key. Raises AuthenticationFailed (401) or, for a provider not in good standing, PermissionDenied."""
    prefix, _sep, rest = key.partition("_")
    key_id, _sep, secret = rest.partition("_")
    row = look_up(key_id) if prefix == "mk" and key.isascii() and "\x00" not in key else None
    if row is None or not hmac.compare_digest(row[1], digest(secret)):
        raise AuthenticationFailed(_("The API key is unknown or has been revoked."))
    pk, _digest, provider_id, standing, mall_id, revision, zone = row
    directory = directories.at_revision(mall_id, revision, zone)
    if provider_id is None:
        return Caller(pk, directory, None)
    if standing in {Standing.SUSPENDED, Standing.TERMINATED}:
        raise PermissionDenied(_("The service provider is suspended or terminated."))
    return Caller(pk, directory, directory.served_by(provider_id, today(zone, now)))


def look_up(key_id: str) -> tuple | None:
    """Id, secret digest, provider and its standing, mall, its revision and zone of a credential in force.

    In plain SQL: it runs once for each payment of the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.secret_digest, c.provider_id, p.standing, c.mall_id, m.revision, m.time_zone"
            " FROM merchants_apicredential c JOIN merchants_mall m ON m.id = c.mall_id"
            " LEFT JOIN merchants_serviceprovider p ON p.id = c.provider_id"
            " WHERE c.key_id = %s AND c.revoked_at IS NULL",
            [key_id],
        )
        return cursor.fetchone()
