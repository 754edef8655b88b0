"""Puts transactions on chain by the stored-bytes rule.

Nonce taken, signed and stored in the caller's commit, broadcast only afterwards, and whatever happens only
the stored bytes are ever sent again.

Owns nonces and broadcasting. Never waits for a block: the indexer says what was mined. A node that is
away, slow or restarted costs time, never a payment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, func, insert, select, text, update

from wallet_service.chain import metrics
from wallet_service.chain.errors import SettlementTooLarge
from wallet_service.chain.ledger.mirror import read_cursor
from wallet_service.chain.node.access import ChainAccess
from wallet_service.chain.node.client import MAX_BATCH_CALLS, NodeError, quantity
from wallet_service.chain.node.profile import GAS_PER_SETTLEMENT
from wallet_service.chain.ports import SignedPayment
from wallet_service.chain.registry import Registry
from wallet_service.chain.sending.standstill import StandstillWatch
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.quarantine import Quarantine, RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.signing.addresses import address_bytes
from wallet_service.protocol.signing.envelope import EnvelopeKind
from wallet_service.security.role_keys import RoleKeys, SignedTransaction
from wallet_service.security.roles import Role

MAX_PAYMENTS_PER_SETTLEMENT = 200  # the contract's MAX_BATCH_ITEMS
#: Nodes commonly refuse transactions above 128 KiB; what stands around the batch takes less than 300 bytes.
MAX_BATCH_BYTES = 128 * 1024 - 300
MAX_STORED_PER_ROUND = 1000
REBROADCAST_AFTER_S = 3.0
#: A stored transaction is given up as displaced only when this much later the node still has no receipt
#: for it.
DISPLACED_AFTER_S = 5.0
SETTLE_PURPOSE = "settle"
RELAYER: Role = "RELAYER"

_KIND_NAMES = {
    EnvelopeKind.SECP256K1: "secp256k1",
    EnvelopeKind.P256: "p256",
    EnvelopeKind.PASSKEY: "passkey",
}
KNOWN_ALREADY = ("already known", "already imported", "known transaction", "alreadyknown")
NONCE_TOO_LOW = "nonce too low"

log = structlog.get_logger(__name__)


class BytesChanged(Exception):
    """A stored transaction's bytes are not those that were signed."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction says and may cost; to the ledger, unless `recipient` is given."""

    data: bytes
    gas: int
    recipient: bytes | None = None


class Sender:
    """Implements ports.Settlement. One per process; safe between threads and beside a second process."""

    def __init__(
        self,
        engine: Engine,
        access: ChainAccess,
        keys: RoleKeys,
        registry: Registry,
        clock: Clock,
        quarantine: Quarantine,
    ) -> None:
        self._engine = engine
        self._access = access
        self._keys = keys
        self._registry = registry
        self._clock = clock
        self._quarantine = quarantine
        self._ledger = address_bytes(access.deployment.ledger)
        self._lowest_nonces: dict[str, int] = {}
        self._sent_at_s: dict[int, float] = {}
        self._suspected: dict[int, tuple[float, int]] = {}  # since when, and the chain's height then
        self._watch = StandstillWatch(access.client.transaction_count, access.forget_transactions)
        self._lock = threading.RLock()

    # --- storing, inside the caller's unit of work
    # -------------------------------------------------------------------

    def fitting(self, payments: Sequence[SignedPayment]) -> int:
        """How many of these, from the first, one `settle` transaction holds."""
        gas, size_bytes = GAS_PER_SETTLEMENT, 0
        for count, payment in enumerate(payments[:MAX_PAYMENTS_PER_SETTLEMENT]):
            gas += self._gas_of(payment)
            size_bytes += self._access.codec.settle_bytes_of(payment)
            if gas > self._access.profile.max_batch_gas or size_bytes > MAX_BATCH_BYTES:
                return count
        return min(len(payments), MAX_PAYMENTS_PER_SETTLEMENT)

    def require_writable(self, payment: SignedPayment) -> None:
        """See ports.Settlement. Raises SettlementTooLarge, and what writing it raises."""
        if self.fitting([payment]) < 1:
            raise SettlementTooLarge(count=1)
        self._access.codec.settle_data([payment])

    def store_settlement(self, connection: Connection, payments: Sequence[SignedPayment]) -> int:
        """Store one `settle` transaction of these payments; chain_transactions.id. See ports.Settlement."""
        call = self.settlement_call(payments)
        metrics.batch_payments.observe(len(payments))
        return self.store(connection, RELAYER, call, SETTLE_PURPOSE)

    def settlement_call(self, payments: Sequence[SignedPayment]) -> Call:
        """The same for the same payments. Raises SettlementTooLarge, and what writing them raises."""
        if not payments or self.fitting(payments) < len(payments):
            raise SettlementTooLarge(count=len(payments))
        gas = GAS_PER_SETTLEMENT + sum(self._gas_of(payment) for payment in payments)
        return Call(self._access.codec.settle_data(payments), gas)

    def store(self, connection: Connection, role: Role, call: Call, purpose: str) -> int:
        """Take the role's next nonce, sign and store. No network.

        Raises SigningKeyMissing; ChainUnavailable until the node has once said the key's nonce.
        """
        sender = self._keys.address(role)
        lowest = self._lowest_nonces.get(sender)
        if lowest is None:
            raise ChainUnavailable("the nonce of this key is not known yet")
        if connection.dialect.name == "postgresql":  # SQLite's writers already come one by one
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:sender, 0))"), {"sender": sender}
            )
        highest = connection.execute(
            select(func.max(chain_transactions.c.nonce)).where(chain_transactions.c.sender == sender)
        ).scalar_one()
        signed = self.signed(role, lowest if highest is None else max(lowest, highest + 1), call)
        inserted = connection.execute(
            insert(chain_transactions)
            .values(
                sender=sender,
                nonce=signed.nonce,
                purpose=purpose,
                raw=signed.raw,
                transaction_hash=signed.transaction_hash,
                state="stored",
                stored_at_unix_ms=self._clock.now_unix_ms(),
            )
            .returning(chain_transactions.c.id)
        )
        return int(inserted.scalar_one())

    def signed(self, role: Role, nonce: int, call: Call) -> SignedTransaction:
        """The transaction under that number; the same bytes each time. Raises SigningKeyMissing."""
        return self._keys.sign(
            role,
            {
                "nonce": nonce,
                "gasPrice": self._access.profile.gas_price_wei,
                "gas": call.gas,
                "to": call.recipient or self._ledger,
                "value": 0,
                "data": call.data,
                "chainId": self._access.deployment.chain_id,
            },
        )

    def _gas_of(self, payment: SignedPayment) -> int:
        kind = EnvelopeKind(payment.signature[0])
        return self._access.profile.gas_per_payment[_KIND_NAMES[kind]]

    # --- broadcasting, outside any transaction
    # -----------------------------------------------------------------------

    def prepare(self) -> None:
        """Ask the node for the nonces of the keys held here. Raises ChainUnavailable."""
        for role in self._keys.roles():
            address = self._keys.address(role)
            if address not in self._lowest_nonces:
                self._lowest_nonces[address] = self._access.client.transaction_count(address)

    def is_moving(self) -> bool:
        """What was sent is being mined: no key stands still."""
        return self._watch.is_moving()

    def run_once(self) -> int:
        """One round of the sender's worker: what `broadcast_stored` does."""
        return self.broadcast_stored()

    def broadcast_stored(self) -> int:
        """Send stored transactions that are due; how many the node took. See ports.Settlement."""
        with self._lock:
            try:
                self.prepare()
                return self._broadcast()
            except ChainUnavailable as error:
                metrics.broadcast_errors.labels("unavailable").inc()
                log.warning("chain.broadcast_waits", reason=error.reason)
                return 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every broadcast waiting: the embedded node is saved, which needs a moment without blocks."""
        with self._lock:
            yield

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Keep every broadcast waiting: the embedded node's lost blocks are being replayed."""
        with self.held():
            yield
            self.forget_sent()

    def forget_sent(self) -> None:
        """Send everything stored again at the next round: the node lost it, or the copy was rewound."""
        with self._lock:
            self._sent_at_s.clear()
            self._suspected.clear()
            self._watch.restart()

    def _broadcast(self) -> int:
        now_s = time.monotonic()
        stored = self._stored()
        sent_purposes: set[str] = set()
        for sender in self._watch.look(stored, now_s):
            for row in stored:
                if row.sender == sender:
                    self._sent_at_s.pop(row.id, None)
        due = self._due(stored, now_s)
        taken = 0
        too_low: list[Row[Any]] = []
        for start in range(0, len(due), MAX_BATCH_CALLS):
            part = self._as_signed(due[start : start + MAX_BATCH_CALLS], now_s)
            sent_purposes.update(row.purpose for row in part)
            answers = self._access.client.batch(
                [("eth_sendRawTransaction", ("0x" + row.raw.hex(),)) for row in part]
            )
            for row, answer in zip(part, answers, strict=True):
                message = answer.message.lower() if isinstance(answer, NodeError) else ""
                if not message or any(words in message for words in KNOWN_ALREADY):
                    taken += 1
                    self._sent_at_s[row.id] = now_s
                elif NONCE_TOO_LOW in message:
                    too_low.append(row)
                    self._sent_at_s[row.id] = now_s
                else:  # a nonce gap, a full pool, a stranger to the allow-list: try again, and be seen
                    self._sent_at_s[row.id] = now_s
                    metrics.broadcast_errors.labels("refused").inc()
                    log.warning("chain.broadcast_refused", transaction_id=row.id, message=message)
        if SETTLE_PURPOSE in sent_purposes:
            failpoints.reach("settle.sent")
        if too_low:
            self._look_up(too_low, now_s)
        return taken

    def _stored(self) -> list[Row[Any]]:
        """What no final block holds yet, oldest first, without its bytes: only what is due is read whole."""
        columns = [column for column in chain_transactions.c if column.name != "raw"]
        with reading(self._engine) as connection:
            found = connection.execute(
                select(*columns)
                .where(chain_transactions.c.state == "stored")
                .order_by(chain_transactions.c.id)
                .limit(MAX_STORED_PER_ROUND)
            ).all()
        rows = list(found)
        metrics.stored_waiting.set(len(rows))
        oldest_unix_ms = min((row.stored_at_unix_ms for row in rows), default=self._clock.now_unix_ms())
        metrics.oldest_waiting_seconds.set((self._clock.now_unix_ms() - oldest_unix_ms) / 1000)
        return rows

    def _due(self, rows: Sequence[Row[Any]], now_s: float) -> list[Row[Any]]:
        """Those to send now: per key at most max_inflight_per_sender, lowest nonces first."""
        waiting = {row.id for row in rows}
        for kept in (self._sent_at_s, self._suspected):
            for known in kept.keys() - waiting:
                kept.pop(known)
        inflight: dict[str, int] = {}
        due = []
        for row in rows:
            inflight[row.sender] = inflight.get(row.sender, 0) + 1
            if inflight[row.sender] > self._access.profile.max_inflight_per_sender:
                continue
            if now_s - self._sent_at_s.get(row.id, -REBROADCAST_AFTER_S) >= REBROADCAST_AFTER_S:
                due.append(row)
        return due

    def _as_signed(self, rows: Sequence[Row[Any]], now_s: float) -> list[Row[Any]]:
        """Those with their bytes, where these are still the ones that were signed; others are never sent."""
        chosen = chain_transactions.c.id.in_([row.id for row in rows])
        with reading(self._engine) as connection:
            found = connection.execute(
                select(chain_transactions).where(chosen).order_by(chain_transactions.c.id)
            ).all()
        kept = []
        for row in found:
            if "0x" + keccak256(row.raw).hex() == row.transaction_hash:
                kept.append(row)
            else:
                self._sent_at_s[row.id] = now_s
                self._quarantine.put_alone(RowKind.TRANSACTION, row.id, BytesChanged())
        return kept

    def _look_up(self, rows: Sequence[Row[Any]], now_s: float) -> None:
        """A nonce too low is success when the node has a receipt for our hash.

        Otherwise the nonce may be lost. A receipt that is missing proves nothing alone: the copy must have
        read every block up to the one where it was missed, without our transaction.
        """
        receipts = self._access.client.receipts([row.transaction_hash for row in rows])
        head = self._access.client.block_number() - self._access.profile.finality_depth
        with reading(self._engine) as connection:
            copied = read_cursor(connection, self._access.deployment.deployed_at_block).block_number
        for row, receipt in zip(rows, receipts, strict=True):
            if receipt is not None:
                self._suspected.pop(row.id, None)
                continue
            suspected_at_s, block_number = self._suspected.setdefault(row.id, (now_s, head))
            is_due = now_s - suspected_at_s >= DISPLACED_AFTER_S and copied >= block_number
            if is_due and row.nonce < self._final_count(row.sender):
                self._give_up(row)

    def unmined(self, transaction_ids: Collection[int]) -> set[int]:
        """Those of our stored transactions that no node has mined. See ports.Settlement."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(chain_transactions).where(
                    chain_transactions.c.id.in_(sorted(transaction_ids)),
                    chain_transactions.c.state == "stored",
                )
            ).all()
        client = self._access.client
        counts = {sender: client.transaction_count(sender) for sender in {row.sender for row in rows}}
        found = set()
        for row in rows:
            receipts = client.ask_each("eth_getTransactionReceipt", row.transaction_hash)
            if not receipts:
                raise ChainUnavailable("no node says whether a transaction was mined")
            if row.nonce >= counts[row.sender] and all(receipt is None for receipt in receipts):
                found.add(row.id)
        return found

    def _final_count(self, sender: str) -> int:
        depth = self._access.profile.finality_depth
        client = self._access.client
        if depth == 0:
            return client.transaction_count(sender)
        final = max(0, client.block_number() - depth)
        return quantity(client.request("eth_getTransactionCount", sender, hex(final)))

    def _give_up(self, row: Row[Any]) -> None:
        """A foreign transaction of the same key took this nonce: what it carried waits for new bytes."""
        self._lowest_nonces[row.sender] = self._final_count(row.sender)
        with UnitOfWork(self._engine) as work:
            changed = work.connection.execute(
                update(chain_transactions)
                .where(chain_transactions.c.id == row.id, chain_transactions.c.state == "stored")
                .values(state="displaced")
            ).rowcount
            if not changed:
                return
            work.connection.execute(
                update(chain_commands)
                .where(chain_commands.c.chain_transaction_id == row.id, chain_commands.c.state == "sent")
                .values(state="queued", chain_transaction_id=None)
            )
            if row.purpose == SETTLE_PURPOSE:
                self._registry.settlement_reverted(work, row.id)
        metrics.displaced.inc()
        log.error("chain.transaction_displaced", transaction_id=row.id, nonce=row.nonce)
