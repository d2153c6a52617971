"""At most so many tries: of claims and of wrong addresses, per network address and per shopper."""

import logging

from django.http import HttpRequest

from mallops.lib.throttle import Throttle, address

logger = logging.getLogger("mallops.claim")

# A mall's guests share a few network addresses, so that limit is wide; a shopper's own is not.
BY_ADDRESS = Throttle("claim-address", 60, 60)
BY_SHOPPER = Throttle("claim-shopper", 12, 600)
WRONG = Throttle("claim-wrong", 40, 600)


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
