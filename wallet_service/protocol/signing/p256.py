"""P-256 (secp256r1) keys and raw signatures: ECDSA with SHA-256 over a message, as WebCrypto's `sign` does.

Owns points, low-s, and r ‖ s of 64 bytes; knows nothing of payments. Private keys here belong to tests and to
the demo's history only: real ones never leave a phone or a tablet.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from wallet_service.protocol.errors import BadSignature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HALF_ORDER = ORDER // 2
POINT_BYTES = 64
SIGNATURE_BYTES = 64
KEYS_KEPT = 20_000  # parsing a point costs as much as a third of a verification

_ALGORITHM = ec.ECDSA(hashes.SHA256())


@lru_cache(maxsize=KEYS_KEPT)
def public_key_of_point(point: bytes) -> ec.EllipticCurvePublicKey:
    """The key of x ‖ y. Raises BadSignature when the point is not on the curve."""
    if len(point) != POINT_BYTES:
        raise BadSignature("public key has another length")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)
    except ValueError as error:
        raise BadSignature("public key is not on the curve") from error


def point_of(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """x ‖ y, 64 bytes."""
    numbers = private_key.public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def new_private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private_key_of(secret: int) -> ec.EllipticCurvePrivateKey:
    """The key of a scalar in [1, order - 1]: seeded keys of tests and of the demo's history."""
    return ec.derive_private_key(secret, ec.SECP256R1())


def sign_message(private_key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """r ‖ s over SHA-256(message), s in the lower half."""
    r, s = decode_dss_signature(private_key.sign(message, _ALGORITHM))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def verify_message(point: bytes, signature: bytes, message: bytes, *, low_s: bool = False) -> None:
    """Return when r ‖ s is `point`'s signature over SHA-256(message); raise BadSignature otherwise.

    `low_s` refuses s in the upper half: wanted where a signature must have one form only (payments), not for
    requests.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignature("signature has another length")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise BadSignature("r or s is out of range")
    if low_s and s > HALF_ORDER:
        raise BadSignature("s is in the upper half")
    try:
        public_key_of_point(point).verify(encode_dss_signature(r, s), message, _ALGORITHM)
    except InvalidSignature as error:
        raise BadSignature("P-256 signature does not verify") from error
