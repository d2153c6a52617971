"""Where shoppers want their notices: kept encrypted, so that the database alone does not tell."""

from dataclasses import dataclass
from datetime import datetime

from mallops.lib.keys import seal, unseal

from .models import ShopperContact

PURPOSE = "shopper contacts"


@dataclass(frozen=True, slots=True)
class Contact:
    address: str
    language: str


def keep(*, mall_id: int, shopper_id: int, address: str, language: str, now: datetime) -> None:
    """Keep where a shopper wants notices, in place of what was known before."""
    ShopperContact.objects.update_or_create(
        mall_id=mall_id, shopper_id=shopper_id,
        defaults={"sealed": seal(PURPOSE, address), "language": language, "given_at": now},
    )  # fmt: skip


def forget(*, mall_id: int, shopper_id: int) -> bool:
    """Forget a shopper's address; False if there was none."""
    return bool(ShopperContact.objects.for_mall(mall_id).filter(shopper=shopper_id).delete()[0])


def find(*, mall_id: int, shopper_id: int) -> Contact | None:
    """Where a shopper wants notices, if anywhere."""
    row = ShopperContact.objects.for_mall(mall_id).filter(shopper=shopper_id).first()
    address = row and unseal(PURPOSE, row.sealed)
    return Contact(address, row.language) if address else None
