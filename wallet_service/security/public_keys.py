"""Public keys, signatures and passkeys' answers as clients send them.

Owns their form; the mathematics is protocol.signing.p256, and the `webauthn` library's.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from webauthn.helpers import parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.security.errors import KeyInvalid
from wallet_service.security.tokens import decode, encode

_PUBLIC_KEY = re.compile(r"0x[0-9a-f]{128}", re.ASCII)
MAX_SIGNATURE_TEXT_LENGTH = 96
MAX_CREDENTIAL_JSON_LENGTH = 16_384
#: Authenticator data: the flags' place, and the one of a credential that may be kept on several devices.
FLAGS_AT, BACKUP_ELIGIBLE = 32, 0x08


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


def user_handle(credential: dict[str, Any]) -> bytes:
    """Whose passkey the authenticator says it is; b"" when it does not, though ours are made to know.

    Source: WebAuthn level 2, 7.2, step 6: required where no credential was named.
    """
    try:
        return decode(credential["response"]["userHandle"])
    except (ValueError, KeyError, TypeError):
        return b""


def may_be_synced(credential: dict[str, Any]) -> bool:
    """Whether the authenticator says that the credential may be on several devices (WebAuthn level 3, 6.1.3).

    That word is inside what is signed, so a clone of a credential bound to one device cannot add it.
    """
    try:
        data = decode(credential["response"]["authenticatorData"])
    except (ValueError, KeyError, TypeError):
        return False
    return len(data) > FLAGS_AT and bool(data[FLAGS_AT] & BACKUP_ELIGIBLE)


def challenge_of(credential: dict[str, Any], refusal: Exception) -> str:
    """The challenge the browser says it answered; whether it is ours is checked against the table."""
    if len(json.dumps(credential)) > MAX_CREDENTIAL_JSON_LENGTH:
        raise refusal
    try:
        client_data = parse_client_data_json(decode(credential["response"]["clientDataJSON"]))
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise refusal from error
    return encode(client_data.challenge)
