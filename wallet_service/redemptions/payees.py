"""Where the euros of each redemption go: sealed under its member's key, told to the chain as a keyed hash.

Owns `payee_secrets`; takes a Connection, opens no transaction. Must not decide who may redeem.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from wallet_service.protocol.clock import Clock
from wallet_service.redemptions import decisions, repository
from wallet_service.redemptions.iban import Payee
from wallet_service.redemptions.repository import Redemption
from wallet_service.security.sealing import SealedField, Sealer

SECRET_BYTES = 32


class Payees:
    """Hashes, seals and opens payees."""

    def __init__(self, clock: Clock, sealer: Sealer) -> None:
        self._clock = clock
        self._sealer = sealer

    def hash_of(self, connection: Connection, member_id: str, iban: str) -> str:
        """What the ledger is told of the account. Raises PersonErased."""
        return decisions.payee_hash(self._secret(connection, member_id), iban)

    def _secret(self, connection: Connection, member_id: str) -> bytes:
        """The member's own secret, made at first need."""
        sealed_field = SealedField("payee_secrets", "sealed_secret", member_id)
        sealed = repository.sealed_secret(connection, member_id)
        if sealed is not None:
            return self._sealer.unseal_for_member(connection, member_id, sealed_field, sealed)
        secret = secrets.token_bytes(SECRET_BYTES)
        sealed = self._sealer.seal_for_member(connection, member_id, sealed_field, secret)
        repository.insert_secret(connection, member_id, sealed, self._clock.now_unix_ms())
        return secret

    def sealed(self, connection: Connection, member_id: str, ref: str, payee: Payee) -> dict[str, bytes]:
        """The columns of a redemption that keep its payee. Raises PersonErased."""
        texts = {"sealed_iban": payee.iban, "sealed_holder": payee.holder}
        return {
            column: self._sealer.seal_for_member(
                connection, member_id, SealedField("redemptions", column, ref), text.encode()
            )
            for column, text in texts.items()
        }

    def of(self, connection: Connection, redemption: Redemption) -> Payee:
        """Opened. Its holder is "" when it was asked before names were. Raises PersonErased, SealBroken."""
        iban = self._opened(connection, redemption, "sealed_iban", redemption.sealed_iban)
        if redemption.sealed_holder is None:
            return Payee(iban, "")
        return Payee(iban, self._opened(connection, redemption, "sealed_holder", redemption.sealed_holder))

    def _opened(self, connection: Connection, redemption: Redemption, column: str, sealed: bytes) -> str:
        sealed_field = SealedField("redemptions", column, redemption.ref)
        return self._sealer.unseal_for_member(connection, redemption.member_id, sealed_field, sealed).decode()
