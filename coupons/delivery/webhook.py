"""Sending one message to a webhook, signed after the Standard Webhooks specification (standardwebhooks.com).

The receiver computes base64(HMAC-SHA256(secret, "<webhook-id>.<webhook-timestamp>.<body>")) and compares it with what
follows `v1,` in `webhook-signature`; a `webhook-id` seen before is a repetition.
"""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult

from django.utils.translation import gettext as _

from . import addresses

TIMEOUT = 5  # seconds for connecting, and between two pieces of the answer
DEADLINE = 15  # seconds for all of it
GONE = 410  # Standard Webhooks: the receiver wants no more


class NotTaken(Exception):
    """The receiver did not take a message; `for_good` if asking again is of no use."""

    def __init__(self, said: str, *, for_good: bool = False) -> None:
        super().__init__(said)
        self.for_good = for_good


def send(url: str, key: bytes, message_id: str, payload: dict[str, Any], *, now: datetime) -> None:
    """POST a message. Returns when the receiver answered 2xx, raises NotTaken otherwise; what else it answers is not
    read, and no redirect is followed."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        parts = addresses.check(url)
        status = _post(parts, body, headers(key, message_id, body, now=now))
    except addresses.BadAddress as error:
        raise NotTaken(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotTaken(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise NotTaken(_("The receiver answered %(status)s.") % {"status": status}, for_good=status == GONE)


def headers(key: bytes, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "MallOps",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{sign(key, message_id, timestamp, body)}",
    }


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _post(parts: SplitResult, body: bytes, sent: dict[str, str]) -> int:
    """The status of the answer."""
    connection, late = _connection(parts), threading.Event()
    watchdog = threading.Timer(DEADLINE, _cut, [connection, late])
    watchdog.start()
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, sent)
        status = connection.getresponse().status
        if late.is_set():  # what came before the cut may look like an answer
            raise TimeoutError(_("No answer in time."))
        return status
    finally:
        watchdog.cancel()
        connection.close()


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """A connection to the host, made to the IP address that was found to be allowed."""
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
    ip = addresses.resolve(parts.hostname, connection.port)
    connection.sock = socket.create_connection((ip, connection.port), timeout=TIMEOUT)
    if secure:
        try:
            wrapped = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=parts.hostname)
        except OSError:
            connection.close()
            raise
        connection.sock = wrapped
    return connection


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a connection whose other end keeps us waiting a byte at a time."""
    late.set()
    if connection.sock:
        connection.sock.shutdown(socket.SHUT_RDWR)
