"""Devices and payers' accounts on which shoppers were seen, as keyed digests (see `ShopperDevice`)."""

from datetime import datetime

from mallops.lib.sql import insert_new

from .models import ShopperDevice
from .shoppers import digest

COLUMNS = ("mall_id", "shopper_id", "digest", "first_seen_at")


def device_digest(mall_id: int, device: str) -> str:
    """The digest of what a door says of a device; apart from those of identities, so that the two never match."""
    return digest(mall_id, f"device:{device}")


def note(*, mall_id: int, shopper_id: int, device_digest: str, now: datetime) -> bool:
    """Keep that a shopper was seen on a device; whether that is news. The first time stands."""
    row = (mall_id, shopper_id, device_digest, now)
    return bool(insert_new(ShopperDevice, COLUMNS, [row], conflict=("mall_id", "digest", "shopper_id")))
