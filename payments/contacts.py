"""Where shoppers want their notices: kept encrypted, so that the database alone does not tell.

Fernet (AES-128-CBC with HMAC-SHA256) under a key derived from SHOPPER_KEY.
"""

import base64
from dataclasses import dataclass
from datetime import datetime

from mallops.lib.keys import derived

from .models import ShopperContact


@dataclass(frozen=True, slots=True)
class Contact:
    address: str
    language: str


def seal(address: str) -> str:
    return _fernet().encrypt(address.encode()).decode()


def open_sealed(sealed: str) -> str | None:
    """The address, or None if it was sealed under another key."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken:
        return None


def keep(*, mall_id: int, shopper_id: int, address: str, language: str, now: datetime) -> None:
    """Keep where a shopper wants notices, in place of what was known before."""
    ShopperContact.objects.update_or_create(
        mall_id=mall_id, shopper_id=shopper_id,
        defaults={"sealed": seal(address), "language": language, "given_at": now},
    )  # fmt: skip


def forget(*, mall_id: int, shopper_id: int) -> bool:
    """Forget a shopper's address; False if there was none."""
    return bool(ShopperContact.objects.for_mall(mall_id).filter(shopper=shopper_id).delete()[0])


def find(*, mall_id: int, shopper_id: int) -> Contact | None:
    """Where a shopper wants notices, if anywhere."""
    row = ShopperContact.objects.for_mall(mall_id).filter(shopper=shopper_id).first()
    address = row and open_sealed(row.sealed)
    return Contact(address, row.language) if address else None


def _fernet():
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derived("shopper contacts")))
