"""At most so many tries: of claims and of wrong addresses, per network address and per shopper."""

import logging
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

logger = logging.getLogger("mallops.claim")


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `limit` tries of one key within `seconds`."""

    name: str
    limit: int
    seconds: int

    def is_over(self, key: object) -> bool:
        return len(cache.get_many(self._slots(key))) >= self.limit

    def take(self, key: object) -> bool:
        """Count a try; False if there were too many. `add` takes a slot for one try only, unlike `incr`."""
        slots = self._slots(key)
        taken = cache.get_many(slots)
        return any(cache.add(slot, True, self.seconds) for slot in slots if slot not in taken)

    def _slots(self, key: object) -> list[str]:
        return [f"{self.name}:{key}:{slot}" for slot in range(self.limit)]


# A mall's guests share a few network addresses, so that limit is wide; a shopper's own is not.
BY_ADDRESS = Throttle("claim-address", 60, 60)
BY_SHOPPER = Throttle("claim-shopper", 12, 600)
WRONG = Throttle("claim-wrong", 40, 600)


def address(request: HttpRequest) -> str:
    """The caller's network address; of IPv6 the network, as a household or phone has a whole one."""
    found = ip_address(get_adapter().get_client_ip(request))
    return str(found if found.version == 4 else ip_network((found, 64), strict=False))


def note_wrong(request: HttpRequest, what: str) -> None:
    """Count an address that was guessed or mistyped, and log it."""
    WRONG.take(address(request))
    logger.warning("%s from %s", what, address(request))


def allows(request: HttpRequest, phone: str) -> bool:
    """Whether one more claim of a phone's shopper may be tried; counts it."""
    allowed = BY_ADDRESS.take(address(request)) and BY_SHOPPER.take(phone)
    if not allowed:
        logger.warning("too many claims from %s", address(request))
    return allowed
