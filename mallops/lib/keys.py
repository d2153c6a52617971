"""Keys for one purpose each, all from the installation's SHOPPER_KEY, which stays for its life; and texts sealed under
them, so that the database alone does not tell."""

import base64
import hashlib

from django.conf import settings


def derived(purpose: str, size: int = 32) -> bytes:
    """`size` bytes (64 at most) that say nothing about SHOPPER_KEY or the key of another purpose.

    BLAKE2b (RFC 7693) with SHOPPER_KEY as its key; the personalisation keeps these apart from the digests of shoppers,
    which are made with the same key.
    """
    return hashlib.blake2b(
        purpose.encode(), digest_size=size, key=settings.SHOPPER_KEY[:64], person=b"derived key"
    ).digest()


def seal(purpose: str, text: str) -> str:
    """Fernet: AES-128-CBC with HMAC-SHA256."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str, seconds: int | None = None) -> str | None:
    """The text, or None if it was sealed under another key or for another purpose, or longer ago than `seconds`."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(purpose).decrypt(sealed, ttl=seconds).decode()
    except InvalidToken:
        return None


def _fernet(purpose: str):
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derived(purpose)))
