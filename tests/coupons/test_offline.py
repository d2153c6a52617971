"""The signed text of a QR code: whoever lacks the key cannot make one, and it is of one mall only."""

import base64
from datetime import UTC, datetime

import pytest

from coupons import offline
from coupons.codes import new_code
from coupons.models import Coupon, Stock

FROM, UNTIL = datetime(2026, 11, 1, 16, tzinfo=UTC), datetime(2026, 11, 8, 16, tzinfo=UTC)


@pytest.fixture
def coupon() -> Coupon:
    return Coupon(mall_id=3, code=new_code(), stock=Stock(code="tea-off_2"), valid_from=FROM, expires_at=UNTIL)


def test_what_was_sealed_is_read(coupon):
    text = offline.seal(coupon)
    assert offline.is_sealed(text)
    assert len(text) < offline.LONGEST
    assert offline.read(3, f" {text}\n") == offline.Sealed(coupon.code, "tea-off_2", FROM, UNTIL)


def test_longest_stock_code_fits(coupon):
    coupon.stock.code = "x" * 40
    assert len(offline.seal(coupon)) <= offline.LONGEST


def test_coupon_of_another_mall_is_not_read(coupon):
    with pytest.raises(offline.BadSeal):
        offline.read(4, offline.seal(coupon))


@pytest.mark.parametrize("place", range(5))
def test_every_part_is_signed(coupon, place):
    parts = offline.seal(coupon).split(".")
    parts[place] = {0: "M2", 1: new_code(), 2: "coffee", 3: "0", 4: "9999999999"}[place]
    with pytest.raises(offline.BadSeal):
        offline.read(3, ".".join(parts))


@pytest.mark.parametrize(
    "text", ["", "M1", "M1.", "M1.a.b.1.2", "M1.a.b.1.2.", "M1.a.b.1.2.券", f"M1.a.b.1.2.{'A' * 86}", "." * 50]
)
def test_nonsense(text):
    with pytest.raises(offline.BadSeal):
        offline.read(3, text)


def test_key_is_of_the_installation(coupon, settings):
    text, key = offline.seal(coupon), offline.public_jwk()
    settings.SHOPPER_KEY = b"another installation"
    assert offline.public_jwk()["x"] != key["x"]
    with pytest.raises(offline.BadSeal):
        offline.read(3, text)


def test_public_key_checks_the_signature_as_webcrypto_does(coupon):
    """r and s side by side, 32 bytes each, over the mall and all before the last dot."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    jwk = offline.public_jwk()
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    text, _dot, signature = offline.seal(coupon).rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(pair, f"3 {text}".encode(), ec.ECDSA(SHA256()))
