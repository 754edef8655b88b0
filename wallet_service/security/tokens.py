"""Secrets a person carries for a while: random tokens and typed codes, kept only as hashes.

Owns their form.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from wallet_service.protocol.text.identifiers import BASE32_ALPHABET, base32

TOKEN_BYTES = 32
CODE_CHARACTERS = 8  # 40 bits, for a code that lives minutes behind a rate limit
CODE_BYTES = 5
LONG_CODE_CHARACTERS = 16  # 80 bits, for an officer's code that lives hours
LONG_CODE_BYTES = 10
SPACE_CHARACTERS = 2

#: What people misread: Crockford's base32 gives these letters a digit.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": "", " ": ""})


def new_token() -> str:
    """256 random bits, URL-safe."""
    return encode(secrets.token_bytes(TOKEN_BYTES))


def new_code() -> str:
    """``7K3M-Q0XW``: 40 random bits."""
    return _grouped(base32(secrets.token_bytes(CODE_BYTES), CODE_CHARACTERS))


def new_long_code() -> str:
    """``XXXX-XXXX-XXXX-XXXX``: 80 random bits."""
    return _grouped(base32(secrets.token_bytes(LONG_CODE_BYTES), LONG_CODE_CHARACTERS))


def digest(secret: str) -> str:
    """SHA-256 in hex. Plain hashing is enough: nothing hashed here is chosen by a person."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_digest(code: str) -> str:
    """The hash of a typed code: case, spaces, hyphens and misread letters do not matter."""
    return digest(_plain(code))


def code_space(code: str) -> str:
    """Which of 1 024 parts of all codes a typed one belongs to: its first characters.

    Tries are counted in each apart, so that guessing is bounded for everybody together, and whoever guesses
    uses up the tries of one shop in a thousand.
    """
    return _plain(code)[:SPACE_CHARACTERS]


def _plain(code: str) -> str:
    return "".join(c for c in code.upper().translate(_MISREAD) if c in BASE32_ALPHABET)


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
