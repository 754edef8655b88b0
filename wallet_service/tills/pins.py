"""Short numbers that people choose (cashiers' PINs), kept only as a slow hash. Owns the hash and its cost.

A PIN of four digits is no secret against whoever has the hash and time: callers seal it, and bound the tries.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: OWASP's password storage cheat sheet: argon2id with 19 MiB and two passes; some 30 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def pin_hash(pin: str) -> str:
    """Salted; the same PIN gives another one each time."""
    return _HASHER.hash(pin)


def is_pin(kept_hash: str, pin: str) -> bool:
    try:
        return _HASHER.verify(kept_hash, pin)
    except (VerificationError, InvalidHashError):
        return False
