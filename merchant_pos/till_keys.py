"""The key of a paired till: makes it, seals it on disk, signs the till's requests with it.

The key signs requests to the till API and nothing else: the service knows it as a till's key, which may
open sales, ask for refunds and read, never move money. This module must not talk to the network.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

SEAL_NONCE_BYTES = 12
LOCAL_KEY_BYTES = 32
REQUEST_NONCE_BYTES = 16
COORDINATE_BYTES = 32


def new_till_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """``0x`` + x + y, 128 hex digits, as the service stores keys."""
    numbers = key.public_key().public_numbers()
    return f"0x{numbers.x:064x}{numbers.y:064x}"


def load_or_make_local_key(path: Path) -> bytes:
    """The 32 bytes that seal every till key of this machine.

    Made at the first start, readable by its owner alone.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != LOCAL_KEY_BYTES:
            raise ValueError(
                f"{path} is not a key of {LOCAL_KEY_BYTES} bytes: restore it, or pair the tills again"
            ) from None
        return key
    key = secrets.token_bytes(LOCAL_KEY_BYTES)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def seal_key(key: ec.EllipticCurvePrivateKey, local_key: bytes, till_id: str) -> str:
    """AES-256-GCM over the PKCS#8 bytes, bound to the till's id so that two files cannot be swapped.

    Base64.
    """
    nonce = secrets.token_bytes(SEAL_NONCE_BYTES)
    clear = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(nonce + AESGCM(local_key).encrypt(nonce, clear, till_id.encode())).decode()


def open_key(sealed: str, local_key: bytes, till_id: str) -> ec.EllipticCurvePrivateKey:
    """Raises cryptography's InvalidTag when the local key, the till or the bytes are not the ones sealed."""
    raw = base64.b64decode(sealed)
    clear = AESGCM(local_key).decrypt(raw[:SEAL_NONCE_BYTES], raw[SEAL_NONCE_BYTES:], till_id.encode())
    key = load_der_private_key(clear, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the sealed till key is not an elliptic-curve key")
    return key


def request_message(method: str, path_and_query: str, time_unix_ms: int, nonce: str, body: bytes) -> bytes:
    """What a till signs: one line each, the body as SHA-256 hex (blueprint of the till API)."""
    lines = (method, path_and_query, str(time_unix_ms), nonce, hashlib.sha256(body).hexdigest())
    return "\n".join(lines).encode()


def signed_headers(
    key: ec.EllipticCurvePrivateKey,
    till_id: str,
    method: str,
    path_and_query: str,
    body: bytes,
    time_unix_ms: int,
) -> dict[str, str]:
    """The four ``Alba-`` headers of one request. A retry signs again: a nonce is accepted once."""
    nonce = _base64url(secrets.token_bytes(REQUEST_NONCE_BYTES))
    message = request_message(method, path_and_query, time_unix_ms, nonce, body)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    return {
        "Alba-Till": till_id,
        "Alba-Time": str(time_unix_ms),
        "Alba-Nonce": nonce,
        "Alba-Signature": _base64url(raw),
    }


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
