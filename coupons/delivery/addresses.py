"""Which addresses a webhook may go to: none inside the operator's own network, unless a setting allows it."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

LOOPBACK = ("localhost", "127.0.0.1", "::1")
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: IPv4 addresses behind a translator


class BadAddress(ValueError):
    """Why notices may not go to an address, as a sentence."""


def check(url: str) -> SplitResult:
    """The parts of an address whose form will do; what its name resolves to is checked when sending.

    https only; http to this very machine while developing. Raises BadAddress.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise BadAddress(_("This is not an address.")) from error
    if parts.scheme != "https" and not (parts.scheme == "http" and is_developing(parts.hostname)):
        raise BadAddress(_("The address must begin with https://."))
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise BadAddress(_("Give a host and a path, without a name, password or #fragment."))
    literal = as_ip(parts.hostname)
    if literal and not may_reach(literal) and not is_developing(parts.hostname):
        raise BadAddress(_("The address lies inside a private network."))
    return parts


def resolve(host: str, port: int) -> str:
    """One public IP address of a host. Raises BadAddress, also if any of its addresses is private: the connection is
    made to the address that was checked, so that the name cannot be pointed elsewhere in between."""
    try:
        found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise BadAddress(_("The host name is not known.")) from error
    if not is_developing(host) and not all(may_reach(ip_address(ip.partition("%")[0])) for ip in found):
        raise BadAddress(_("The address lies inside a private network."))
    return found[0]


def may_reach(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an IP address is open to the world; those that carry an IPv4 address in an IPv6 one count as it."""
    if settings.WEBHOOK_TO_PRIVATE:
        return True
    if isinstance(ip, IPv6Address):
        if inner := ip.ipv4_mapped or ip.sixtofour:
            return may_reach(inner)
        if ip.teredo or ip in NAT64:
            return False
    return ip.is_global and not ip.is_multicast


def is_developing(host: str | None) -> bool:
    """Whether the host is this very machine and the site runs for development."""
    return settings.DEBUG and host in LOOPBACK


def as_ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
