"""Seals personal data.

Owns the master key, one data key per person and the binding of a sealed value to its place.

A value is sealed with AES-256-GCM under the person's key, bound to table, column and row, so that a sealed
value moved elsewhere does not open. Person keys are wrapped the same way by the master key. Destroying a
person's wrapped key makes everything sealed under it unreadable for good (erasure, GDPR article 17). Must
not log, cache or return key material.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, insert, select, update

from wallet_service.database.tables.members import person_keys
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.refusal import Refusal

KEY_LENGTH_BYTES = 32
NONCE_LENGTH_BYTES = 12
TAG_LENGTH_BYTES = 16
SEALED_VERSION = b"\x01"
OWNER_ONLY = 0o600


class PersonErased(Refusal):
    code = "identity.person_erased"
    status = 410
    french = "Les données de cette personne ont été effacées."
    english = "This person's data has been erased."


class SealBroken(Exception):
    """A sealed value does not open: wrong key, altered bytes, or moved to another place."""


class MasterKeyUnusable(Exception):
    """The master key file is missing, open to others, or not 32 bytes. The sentence says what to do."""


@dataclass(frozen=True)
class SealedField:
    """Where a sealed value lives: table, column and the row's id."""

    table: str
    column: str
    record_id: str

    def associated_data(self) -> bytes:
        return b"\x00".join(
            (b"alba-seal-1", self.table.encode(), self.column.encode(), self.record_id.encode())
        )


def create_master_key(path: Path) -> bool:
    """Writes a new key (32 random bytes, mode 0600).

    Returns False, touching nothing, when the file exists.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_LENGTH_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return True


def read_master_key(path: Path) -> bytes:
    """Raises MasterKeyUnusable rather than run with a key others may read."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except OSError as error:
        raise MasterKeyUnusable(f"no master key at {path}: run `python -m wallet_service keys`") from error
    if mode & 0o077:
        raise MasterKeyUnusable(f"{path} is readable by others (mode {mode:04o}): run `chmod 600` on it")
    if len(key) != KEY_LENGTH_BYTES:
        raise MasterKeyUnusable(f"{path} does not hold {KEY_LENGTH_BYTES} bytes")
    return key


class Sealer:
    """Seals for a person (erasable) or for the service (kept as long as the record is)."""

    def __init__(self, master_key: bytes, clock: Clock) -> None:
        if len(master_key) != KEY_LENGTH_BYTES:
            raise MasterKeyUnusable(f"a master key has {KEY_LENGTH_BYTES} bytes")
        self._clock = clock
        self._wrapping = AESGCM(_derive(master_key, b"alba person keys"))
        self._service = AESGCM(_derive(master_key, b"alba service data"))
        self._marking = _derive(master_key, b"alba marks")

    def create_member_key(self, connection: Connection, member_id: str) -> None:
        """Once per member, in the unit of work that creates the member."""
        wrapped = _seal(self._wrapping, _key_field(member_id), secrets.token_bytes(KEY_LENGTH_BYTES))
        connection.execute(
            insert(person_keys).values(
                member_id=member_id, wrapped_key=wrapped, created_at_unix_ms=self._clock.now_unix_ms()
            )
        )

    def seal_for_member(
        self, connection: Connection, member_id: str, sealed_field: SealedField, plaintext: bytes
    ) -> bytes:
        """Raises PersonErased when the person's key was destroyed."""
        return _seal(self._member_cipher(connection, member_id), sealed_field, plaintext)

    def unseal_for_member(
        self, connection: Connection, member_id: str, sealed_field: SealedField, sealed: bytes
    ) -> bytes:
        """Raises PersonErased, or SealBroken when the value was altered or moved."""
        return _unseal(self._member_cipher(connection, member_id), sealed_field, sealed)

    def unseal_for_member_with(
        self, wrapped_key: bytes | None, member_id: str, sealed_field: SealedField, sealed: bytes
    ) -> bytes:
        """The same with the person's key as `person_keys` holds it, for whoever reads many in one query."""
        return _unseal(self._unwrapped(member_id, wrapped_key), sealed_field, sealed)

    def destroy_member_key(self, connection: Connection, member_id: str) -> None:
        """Erases the person: nothing sealed under the key opens ever again. Repeating it changes nothing."""
        connection.execute(
            update(person_keys)
            .where(person_keys.c.member_id == member_id, person_keys.c.wrapped_key.is_not(None))
            .values(wrapped_key=None, destroyed_at_unix_ms=self._clock.now_unix_ms())
        )

    def seal_service(self, sealed_field: SealedField, plaintext: bytes) -> bytes:
        """For what belongs to the operation and not to one person's file (bank entries, payout files)."""
        return _seal(self._service, sealed_field, plaintext)

    def unseal_service(self, sealed_field: SealedField, sealed: bytes) -> bytes:
        return _unseal(self._service, sealed_field, sealed)

    def mark(self, purpose: str, text: str) -> str:
        """64 hex digits by which equal texts are found again, and which say nothing of them (HMAC-SHA256)."""
        return hmac.digest(self._marking, f"{purpose}\0{text}".encode(), "sha256").hex()

    def _member_cipher(self, connection: Connection, member_id: str) -> AESGCM:
        wrapped = connection.execute(
            select(person_keys.c.wrapped_key).where(person_keys.c.member_id == member_id)
        ).scalar_one_or_none()
        return self._unwrapped(member_id, wrapped)

    def _unwrapped(self, member_id: str, wrapped: bytes | None) -> AESGCM:
        if wrapped is None:
            raise PersonErased
        return AESGCM(_unseal(self._wrapping, _key_field(member_id), wrapped))


def _key_field(member_id: str) -> SealedField:
    return SealedField(person_keys.name, "wrapped_key", member_id)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    """One key per use (NIST SP 800-108 by way of HKDF, RFC 5869), so that no two uses share a nonce space."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH_BYTES, salt=None, info=purpose).derive(master_key)


def _seal(cipher: AESGCM, sealed_field: SealedField, plaintext: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_LENGTH_BYTES)
    return SEALED_VERSION + nonce + cipher.encrypt(nonce, plaintext, sealed_field.associated_data())


def _unseal(cipher: AESGCM, sealed_field: SealedField, sealed: bytes) -> bytes:
    if (
        len(sealed) < len(SEALED_VERSION) + NONCE_LENGTH_BYTES + TAG_LENGTH_BYTES
        or sealed[:1] != SEALED_VERSION
    ):
        raise SealBroken(f"not a sealed value: {sealed_field.table}.{sealed_field.column}")
    nonce = sealed[1 : 1 + NONCE_LENGTH_BYTES]
    try:
        return cipher.decrypt(nonce, sealed[1 + NONCE_LENGTH_BYTES :], sealed_field.associated_data())
    except InvalidTag as error:
        raise SealBroken(f"does not open: {sealed_field.table}.{sealed_field.column}") from error
