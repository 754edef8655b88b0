"""Account addresses: lower-case ``0x`` and 40 digits inside the service.

Checksummed (EIP-55) only where shown.
"""

from __future__ import annotations

import re

from wallet_service.protocol.errors import AddressInvalid
from wallet_service.protocol.hashing import keccak256

ZERO_ADDRESS = "0x" + "0" * 40
POINT_BYTES = 64
ORIGIN_BYTES = 32
#: With the origin longer than a point, so neither is ever taken for the other.
KEYLESS_PREFIX = b"alba: the account of nobody's key, opened at a desk, "

_ADDRESS = re.compile(r"0x[0-9a-f]{40}", re.ASCII)


def normal_address(text: str) -> str:
    """The lower-case form. A mixed-case text must carry a right checksum. Raises AddressInvalid."""
    address = text.lower()
    if _ADDRESS.fullmatch(address) is None:
        raise AddressInvalid()
    if text not in (address, "0x" + address[2:].upper()) and text != checksum_address(address):
        raise AddressInvalid()
    return address


def checksum_address(address: str) -> str:
    """EIP-55 form of a lower-case address."""
    digits = address[2:]
    marks = keccak256(digits.encode("ascii")).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, marks, strict=False)
    )


def address_of_point(point: bytes) -> str:
    """Last 20 bytes of keccak256(x ‖ y), the same rule for secp256k1 and P-256. `point` is 64 bytes."""
    if len(point) != POINT_BYTES:
        raise AddressInvalid()
    return "0x" + keccak256(point)[-20:].hex()


def address_bytes(address: str) -> bytes:
    """The 20 bytes. Raises AddressInvalid."""
    return bytes.fromhex(normal_address(address)[2:])


def keyless_address(origin: bytes) -> str:
    """An account that no key belongs to: the address of a text instead of a point.

    `origin` is 32 random bytes. Who shows them shows that the account was made without a key: finding one for
    the address takes as long as finding anybody's.
    """
    if len(origin) != ORIGIN_BYTES:
        raise AddressInvalid()
    return "0x" + keccak256(KEYLESS_PREFIX + origin)[-20:].hex()
