"""Writes a stored transaction anew whose bytes, or whose hash, are no longer those that were signed.

The sender never sends such a row, and every later transaction of its key waits for its number. Done by hand
only. Nothing is lost: what SQL says the transaction carried is signed again under the same number, so that of
the old bytes, should they be somewhere, and the new ones the chain can take one. A payment that has expired
meanwhile is skipped by the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from wallet_service.chain.errors import SettlementTooLarge
from wallet_service.chain.ledger.codec import ArgumentsInvalid
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.sending.lanes import ENROL_MANY
from wallet_service.chain.sending.sender import SETTLE_PURPOSE, Call, Sender
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.signing.addresses import address_bytes
from wallet_service.security.role_keys import RoleKeys, signer_of
from wallet_service.security.roles import Role

#: Of a transaction that does nothing but use its number up; it goes to the key's own address.
EMPTY_PURPOSE = "empty"
EMPTY_GAS = 21_000

#: What a settle transaction carries, as SQL has it, in its order.
CarriedPayments = Callable[[Connection, int], Sequence[SignedPayment]]


class Renewal(StrEnum):
    """What was done, in the words of the command's answer."""

    HASH = "its bytes are signed by its key: the hash was wrong, and is right again"
    BYTES = "the bytes are again those that were signed"
    ANEW = "what it carried is signed anew, under the same number"
    EMPTY = "it carried nothing that SQL knows: an empty transaction uses its number up"


class RenewalRefused(Exception):
    """Nothing was changed; the sentence says why."""


class Renewer:
    """One damaged row at a time, with the key that signed it at hand."""

    def __init__(
        self,
        engine: Engine,
        access: ChainAccess,
        keys: RoleKeys,
        sender: Sender,
        carried_payments: CarriedPayments,
    ) -> None:
        self._engine = engine
        self._access = access
        self._keys = keys
        self._sender = sender
        self._carried_payments = carried_payments

    def renew(self, transaction_id: int, and_then: Callable[[UnitOfWork, Renewal], None]) -> Renewal:
        """Puts the row right in one commit, `and_then`'s writes with it.

        Asks the nodes only where other bytes than the lost ones come out. Raises RenewalRefused,
        ChainUnavailable.
        """
        with reading(self._engine) as connection:
            row = self._damaged(connection, transaction_id)
            renewal, values = self._renewed(connection, row)
        if values["transaction_hash"] != row.transaction_hash and renewal is not Renewal.HASH:
            self._require_unknown(row.transaction_hash)
        unchanged = (
            (chain_transactions.c.id == row.id)
            & (chain_transactions.c.state == "stored")
            & (chain_transactions.c.raw == row.raw)
            & (chain_transactions.c.transaction_hash == row.transaction_hash)
        )
        with UnitOfWork(self._engine) as work:
            if not work.connection.execute(
                update(chain_transactions).where(unchanged).values(**values)
            ).rowcount:
                raise RenewalRefused("the row was changed meanwhile: look again")
            and_then(work, renewal)
        return renewal

    def _damaged(self, connection: Connection, transaction_id: int) -> Row[Any]:
        query = select(chain_transactions).where(chain_transactions.c.id == transaction_id)
        row = connection.execute(query).one_or_none()
        if row is None or row.state != "stored":
            raise RenewalRefused("no stored transaction has this id")
        if _hash_of(row.raw) == row.transaction_hash:
            raise RenewalRefused("its bytes are those that were signed: release-row takes it back")
        return row

    def _renewed(self, connection: Connection, row: Row[Any]) -> tuple[Renewal, dict[str, Any]]:
        """(what to say of it, the row's new values)."""
        real_hash = _hash_of(row.raw)
        if signer_of(row.raw) == row.sender and not _is_anothers(connection, real_hash):
            return Renewal.HASH, {"transaction_hash": real_hash}
        role = self._role_of(row.sender)
        try:
            call = self._carried(connection, row)
        except (ArgumentsInvalid, SettlementTooLarge, TypeError, ValueError) as error:
            raise RenewalRefused(f"what it carried cannot be read: {type(error).__name__}") from error
        if call is None:
            call_to_itself = Call(b"", EMPTY_GAS, address_bytes(row.sender))
            signed = self._sender.signed(role, row.nonce, call_to_itself)
            renewal, values = Renewal.EMPTY, {"purpose": EMPTY_PURPOSE}
        else:
            signed = self._sender.signed(role, row.nonce, call)
            values = {}
            renewal = Renewal.BYTES if signed.transaction_hash == row.transaction_hash else Renewal.ANEW
        return renewal, {**values, "raw": signed.raw, "transaction_hash": signed.transaction_hash}

    def _role_of(self, address: str) -> Role:
        for role in self._keys.roles():
            if self._keys.address(role) == address:
                return role
        raise RenewalRefused(f"the key of {address} is not here: run it where that key is")

    def _carried(self, connection: Connection, row: Row[Any]) -> Call | None:
        if row.purpose == SETTLE_PURPOSE:
            payments = self._carried_payments(connection, row.id)
            return self._sender.settlement_call(payments) if payments else None
        commands = connection.execute(
            select(chain_commands.c.kind, chain_commands.c.arguments)
            .where(chain_commands.c.chain_transaction_id == row.id)
            .order_by(chain_commands.c.id)
        ).all()
        if not commands:
            return None
        if row.purpose == ENROL_MANY:
            data = self._access.codec.call_data(ENROL_MANY, [[each.arguments for each in commands]])
        else:
            (command,) = commands
            data = self._access.codec.call_data(command.kind, command.arguments)
        # What was estimated then is gone with the bytes; what is not used is not paid for.
        return Call(data, self._access.profile.max_batch_gas)

    def _require_unknown(self, transaction_hash: str) -> None:
        """Other bytes under the same number only where no node has the first ones."""
        answers = self._access.client.ask_each("eth_getTransactionByHash", transaction_hash)
        if not answers:
            raise ChainUnavailable("no node says whether it has the transaction")
        if any(answer is not None for answer in answers):
            raise RenewalRefused("a node has the transaction: it goes on by itself once that is mined")


def _is_anothers(connection: Connection, transaction_hash: str) -> bool:
    """The bytes were copied over from another row."""
    query = select(chain_transactions.c.id).where(chain_transactions.c.transaction_hash == transaction_hash)
    return connection.execute(query).first() is not None


def _hash_of(raw: bytes) -> str:
    return "0x" + keccak256(raw).hex()
