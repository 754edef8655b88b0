"""Public keys and signatures as clients send them in text.

Owns their form; the mathematics is protocol.signing.p256.
"""

from __future__ import annotations

import base64
import binascii
import re

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.security.errors import KeyInvalid

_PUBLIC_KEY = re.compile(r"0x[0-9a-f]{128}", re.ASCII)
MAX_SIGNATURE_TEXT_LENGTH = 96


def point_of_text(public_key: str) -> bytes:
    """x ‖ y of ``0x`` and 128 lower-case hex digits, on the P-256 curve. Raises KeyInvalid."""
    if _PUBLIC_KEY.fullmatch(public_key) is None:
        raise KeyInvalid
    point = bytes.fromhex(public_key[2:])
    try:
        p256.public_key_of_point(point)
    except BadSignature as error:
        raise KeyInvalid from error
    return point


def signature_of_text(signature: str) -> bytes:
    """r ‖ s of base64url without padding. Raises BadSignature."""
    if len(signature) > MAX_SIGNATURE_TEXT_LENGTH:
        raise BadSignature("signature is too long")
    try:
        return base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("signature is not base64url") from error
