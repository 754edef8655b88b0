"""The role keys that sign transactions.

One sealed file each, AES-256-GCM under a key derived from the master key.

Made once at set-up, opened at start, never written in clear and never logged. A file that is not sealed,
is readable by others, or was sealed for another role is refused: there is no plain form, in the demo either.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from wallet_service.security.errors import SigningKeyMissing
from wallet_service.security.roles import ROLES, Role

KEY_BYTES = 32
NONCE_BYTES = 12
OWNER_ONLY = 0o600
FORMAT = 1
_HKDF_INFO = b"alba chain keys"


class KeyFileUnusable(Exception):
    """A role's key file cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    raw: bytes
    transaction_hash: str
    sender: str
    nonce: int


class RoleKeys:
    """The keys this process holds. `repr` shows roles only."""

    def __init__(self, accounts: dict[Role, LocalAccount]) -> None:
        self._accounts = accounts

    def __repr__(self) -> str:
        return f"RoleKeys({sorted(self._accounts)})"

    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in ROLES if role in self._accounts)

    def holds(self, role: str) -> bool:
        return role in self._accounts

    def address(self, role: Role) -> str:
        """Lower-case. Raises SigningKeyMissing."""
        return self._account(role).address.lower()

    def sign(self, role: Role, transaction: dict[str, Any]) -> SignedTransaction:
        """Sign a legacy (type 0) transaction; `to` as bytes. Raises SigningKeyMissing."""
        account = self._account(role)
        signed = account.sign_transaction(transaction)
        return SignedTransaction(
            bytes(signed.raw_transaction),
            "0x" + bytes(signed.hash).hex(),
            account.address.lower(),
            int(transaction["nonce"]),
        )

    def sign_text(self, role: Role, text: str) -> str:
        """An officer's word on a text that people read (EIP-191), 0x hex. Raises SigningKeyMissing."""
        return "0x" + bytes(self._account(role).sign_message(encode_defunct(text=text)).signature).hex()

    def _account(self, role: Role) -> LocalAccount:
        account = self._accounts.get(role)
        if account is None:
            raise SigningKeyMissing(role=role)
        return account


def signer_of(raw: bytes) -> str | None:
    """Whose signature (lower-case) the bytes of a transaction bear; None when they are no transaction.

    Changed bytes bear the signature of nobody we know.
    """
    try:
        return str(Account.recover_transaction(raw)).lower()
    except Exception:  # the decoders raise nearly anything at what is not theirs
        return None


def create_role_keys(directory: Path, master_key: bytes, roles: Iterable[Role] = ROLES) -> dict[Role, str]:
    """Make and seal the missing keys; the lower-case address of every role.

    Existing files are kept and checked.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    addresses: dict[Role, str] = {}
    for role in roles:
        path = _path(directory, role)
        if not path.exists():
            _write(path, role, secrets.token_bytes(KEY_BYTES), master_key)
        addresses[role] = _open(path, role, master_key).address.lower()
    if len(set(addresses.values())) != len(addresses):
        raise KeyFileUnusable(f"two roles in {directory} have the same key")
    return addresses


def open_role_keys(directory: Path, master_key: bytes) -> RoleKeys:
    """Every role key present in the folder. Raises KeyFileUnusable rather than skip a broken one."""
    return RoleKeys(
        {
            role: _open(_path(directory, role), role, master_key)
            for role in ROLES
            if _path(directory, role).exists()
        }
    )


def _path(directory: Path, role: Role) -> Path:
    return directory / f"{role.lower()}.key.json"


def _cipher(master_key: bytes) -> AESGCM:
    if len(master_key) != KEY_BYTES:
        raise KeyFileUnusable(f"the master key must have {KEY_BYTES} bytes")
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=_HKDF_INFO).derive(master_key))


def _bound_to(role: str, address: str) -> bytes:
    return f"alba role key {FORMAT}\0{role}\0{address}".encode()


def _write(path: Path, role: Role, secret: bytes, master_key: bytes) -> None:
    address = Account.from_key(secret).address.lower()
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + _cipher(master_key).encrypt(nonce, secret, _bound_to(role, address))
    content = {"format": FORMAT, "role": role, "address": address, "sealed": sealed.hex()}
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _open(path: Path, role: Role, master_key: bytes) -> LocalAccount:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileUnusable(f"{path} is readable by others: run `chmod 600` on it")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        sealed = bytes.fromhex(content["sealed"])
        address = content["address"]
        if content["format"] != FORMAT or content["role"] != role:
            raise KeyFileUnusable(f"{path} is not the key of {role}")
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileUnusable(f"{path} is not a sealed key file") from error
    try:
        secret = _cipher(master_key).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(role, address)
        )
    except InvalidTag as error:
        raise KeyFileUnusable(f"{path} does not open with this master key") from error
    account: LocalAccount = Account.from_key(secret)
    if account.address.lower() != address:
        raise KeyFileUnusable(f"{path} holds another address than it says")
    return account
