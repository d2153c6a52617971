"""The text in a coupon's QR code: signed, so that a store without connection can tell a real coupon from a made-up one.

`M1.<code>.<stock code>.<valid from>.<expires>.<signature>`: moments are seconds since 1970 UTC, the signature is ECDSA
on P-256 with SHA-256 over `<mall id> <all before the last dot>`, as base64url of r and s (the form WebCrypto reads).
The mall is signed but not written: a store knows its own, and the coupon of another mall does not fit.

The key is derived from SHOPPER_KEY, which stays for the life of an installation: codes already handed out go on
being readable. Whoever holds only the public key can check codes, not make them.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from mallops.lib.keys import derived

from .models import Coupon

PREFIX = "M1"
LONGEST = 200  # characters of a sealed text
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5, SEC 2)


class BadSeal(ValueError):
    """The text was not made here, not for this mall, or was changed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed text says. Moments UTC, whole seconds; `expires_at` is excluded."""

    code: str
    stock_code: str
    valid_from: datetime
    expires_at: datetime


def is_sealed(text: str) -> bool:
    """Whether a text means to be a sealed one rather than a plain code."""
    return text.strip().upper().startswith(f"{PREFIX}.")


def seal(coupon: Coupon) -> str:
    """The text for the QR code of a coupon (its stock loaded, or loaded now)."""
    valid_from, expires_at = int(coupon.valid_from.timestamp()), int(coupon.expires_at.timestamp())
    text = f"{PREFIX}.{coupon.code}.{coupon.stock.code}.{valid_from}.{expires_at}"
    return f"{text}.{_encode(_sign(_message(coupon.mall_id, text)))}"


def read(mall_id: int, text: str) -> Sealed:
    """What a sealed text says, once its signature is found to be this installation's, for this mall.

    Raises BadSeal.
    """
    text, _dot, signature = text.strip().rpartition(".")
    _verify(signature, _message(mall_id, text))
    _prefix, code, stock_code, valid_from, expires_at = text.split(".")
    return Sealed(code, stock_code, _moment(valid_from), _moment(expires_at))


def public_jwk() -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7517)."""
    numbers = _key().public_key().public_numbers()
    x, y = (_encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256"}


def _key():
    return _key_from(derived("coupon codes", 48))


@lru_cache(maxsize=4)
def _key_from(drawn: bytes):
    """A signing key from 48 random bytes: brought into the range of P-256 as FIPS 186-5 A.2.1 has it, where the extra
    bytes leave no bias."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int.from_bytes(drawn, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _sign(message: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    r, s = decode_dss_signature(_key().sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _verify(signature: str, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        raw = _decode(signature)
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        _key().public_key().verify(pair, message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise BadSeal from error


def _message(mall_id: int, text: str) -> bytes:
    return f"{mall_id} {text}".encode()


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSeal from error
    if len(raw) != 64:
        raise BadSeal
    return raw
