"""Random names: opaque ids, sale ids, short codes and 32-byte references.

All from the system's secure source.
"""

from __future__ import annotations

import re
import secrets

from wallet_service.protocol.errors import WordInvalid

#: Crockford's base32: no I, L, O, U, so nothing is misread aloud. Part of QR's alphanumeric set.
BASE32_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_BYTES = 16
ID_CHARACTERS = 26
SALE_ID_CHARACTERS = 16  # 80 bits: cannot be guessed while a sale is open
SHORT_CODE_DIGITS = 6
REF_BYTES = 32
ADDRESS_BYTES = 20

_WORD = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_ID = re.compile(f"[{BASE32_ALPHABET}]{{{ID_CHARACTERS}}}")
_SALE_ID = re.compile(f"[{BASE32_ALPHABET}]{{{SALE_ID_CHARACTERS}}}")


def is_id(text: str) -> bool:
    """Whether `text` has the form of an opaque id."""
    return _ID.fullmatch(text) is not None


def base32(data: bytes, characters: int) -> str:
    """The first `characters` digits of `data` read as a big-endian number, most significant first."""
    bits = characters * 5
    value = int.from_bytes(data, "big")
    shift = len(data) * 8 - bits
    value = value >> shift if shift >= 0 else value << -shift
    alphabet = BASE32_ALPHABET
    return "".join([alphabet[(value >> place) & 31] for place in range(bits - 5, -1, -5)])


def new_id() -> str:
    """26 characters, 128 random bits: the primary key of anything without a natural one."""
    return base32(secrets.token_bytes(ID_BYTES), ID_CHARACTERS)


def new_sale_id() -> str:
    """16 upper-case characters: what a sale's QR carries."""
    return base32(secrets.token_bytes(SALE_ID_CHARACTERS * 5 // 8), SALE_ID_CHARACTERS)


def is_sale_id(text: str) -> bool:
    return _SALE_ID.fullmatch(text) is not None


def new_short_code() -> str:
    """6 digits to type when a camera fails; unique only among open sales, which the caller checks."""
    return f"{secrets.randbelow(10**SHORT_CODE_DIGITS):0{SHORT_CODE_DIGITS}d}"


def new_ref() -> str:
    """A 32-byte reference, ``0x`` and 64 lower-case digits: made by the client before its first attempt."""
    return "0x" + secrets.token_hex(REF_BYTES)


def new_salt() -> str:
    """32 random bytes in the same form: what keeps the hash of a short ground on chain from being guessed."""
    return new_ref()


def new_own_ref(address: str) -> str:
    """A reference that begins with the account's address: nobody else can use it up on the ledger first."""
    return address.lower() + secrets.token_hex(REF_BYTES - ADDRESS_BYTES)


def is_own_ref(ref: str, address: str) -> bool:
    """Whether the ledger takes the reference of that account's redemption (contracts/LedgerStorage.sol)."""
    return ref.lower().startswith(address.lower())


def normal_word(text: str) -> str:
    """The lower-case form of a 32-byte 0x value. Raises WordInvalid."""
    word = text.lower()
    if _WORD.fullmatch(word) is None:
        raise WordInvalid()
    return word


def word_bytes(text: str) -> bytes:
    """The 32 bytes of a 0x value. Raises WordInvalid."""
    return bytes.fromhex(normal_word(text)[2:])
