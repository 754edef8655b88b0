"""Puts transactions on chain by the stored-bytes rule: nonce taken, signed and stored in the caller's
commit, broadcast only afterwards, and whatever happens only the stored bytes are ever sent again.

Owns nonces and broadcasting. Never waits for a block: the indexer says what was mined. A node that is
away, slow or restarted costs time, never a payment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, func, insert, select, text, update

from wallet_service.chain import metrics
from wallet_service.chain.client import MAX_BATCH_CALLS, NodeClient, NodeError, quantity
from wallet_service.chain.deployment import Deployment
from wallet_service.chain.errors import ChainUnavailable, SettlementTooLarge
from wallet_service.chain.keys import RoleKeys
from wallet_service.chain.ledger import LedgerCodec
from wallet_service.chain.ports import Role, SignedPayment
from wallet_service.chain.profile import GAS_PER_SETTLEMENT, ChainProfile
from wallet_service.chain.registry import Registry
from wallet_service.database.tables.chain import chain_commands, chain_transactions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.addresses import address_bytes
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.envelope import EnvelopeKind

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
_KNOWN_ALREADY = ("already known", "already imported", "known transaction", "alreadyknown")
_NONCE_TOO_LOW = "nonce too low"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChainAccess:
    """What speaks for one deployment on one chain."""

    client: NodeClient
    codec: LedgerCodec
    deployment: Deployment
    profile: ChainProfile


class Sender:
    """Implements ports.Settlement. One per process; safe between threads and beside a second process."""

    def __init__(
        self, engine: Engine, access: ChainAccess, keys: RoleKeys, registry: Registry, clock: Clock
    ) -> None:
        self._engine = engine
        self._access = access
        self._keys = keys
        self._registry = registry
        self._clock = clock
        self._ledger = address_bytes(access.deployment.ledger)
        self._lowest_nonces: dict[str, int] = {}
        self._sent_at_s: dict[int, float] = {}
        self._suspected_at_s: dict[int, float] = {}
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

    def store_settlement(self, connection: Connection, payments: Sequence[SignedPayment]) -> int:
        """Store one `settle` transaction of these payments; chain_transactions.id. See ports.Settlement."""
        if not payments or self.fitting(payments) < len(payments):
            raise SettlementTooLarge(count=len(payments))
        gas = GAS_PER_SETTLEMENT + sum(self._gas_of(payment) for payment in payments)
        data = self._access.codec.settle_data(payments)
        metrics.batch_payments.observe(len(payments))
        return self.store(connection, RELAYER, data, gas, SETTLE_PURPOSE)

    def store(self, connection: Connection, role: Role, data: bytes, gas: int, purpose: str) -> int:
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
        signed = self._keys.sign(
            role,
            {
                "nonce": lowest if highest is None else max(lowest, highest + 1),
                "gasPrice": self._access.profile.gas_price_wei,
                "gas": gas,
                "to": self._ledger,
                "value": 0,
                "data": data,
                "chainId": self._access.deployment.chain_id,
            },
        )
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
            self._suspected_at_s.clear()

    def _broadcast(self) -> int:
        now_s = time.monotonic()
        due = self._due(now_s)
        taken = 0
        too_low: list[Row[Any]] = []
        for start in range(0, len(due), MAX_BATCH_CALLS):
            part = due[start : start + MAX_BATCH_CALLS]
            answers = self._access.client.batch(
                [("eth_sendRawTransaction", ("0x" + row.raw.hex(),)) for row in part]
            )
            for row, answer in zip(part, answers, strict=True):
                message = answer.message.lower() if isinstance(answer, NodeError) else ""
                if not message or any(words in message for words in _KNOWN_ALREADY):
                    taken += 1
                    self._sent_at_s[row.id] = now_s
                elif _NONCE_TOO_LOW in message:
                    too_low.append(row)
                    self._sent_at_s[row.id] = now_s
                else:  # a nonce gap, a full pool, a stranger to the allow-list: try again, and be seen
                    self._sent_at_s[row.id] = now_s
                    metrics.broadcast_errors.labels("refused").inc()
                    log.warning("chain.broadcast_refused", transaction_id=row.id, message=message)
        if too_low:
            self._look_up(too_low, now_s)
        return taken

    def _due(self, now_s: float) -> list[Row[Any]]:
        """Stored transactions to send now: per key at most max_inflight_per_sender, lowest nonces first."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(chain_transactions)
                .where(chain_transactions.c.state == "stored")
                .order_by(chain_transactions.c.id)
                .limit(MAX_STORED_PER_ROUND)
            ).all()
        metrics.stored_waiting.set(len(rows))
        oldest_unix_ms = min((row.stored_at_unix_ms for row in rows), default=self._clock.now_unix_ms())
        metrics.oldest_waiting_seconds.set((self._clock.now_unix_ms() - oldest_unix_ms) / 1000)
        waiting = {row.id for row in rows}
        for kept in (self._sent_at_s, self._suspected_at_s):
            for known in [known for known in kept if known not in waiting]:
                del kept[known]
        inflight: dict[str, int] = {}
        due = []
        for row in rows:
            inflight[row.sender] = inflight.get(row.sender, 0) + 1
            if inflight[row.sender] > self._access.profile.max_inflight_per_sender:
                continue
            if now_s - self._sent_at_s.get(row.id, -REBROADCAST_AFTER_S) >= REBROADCAST_AFTER_S:
                due.append(row)
        return due

    def _look_up(self, rows: Sequence[Row[Any]], now_s: float) -> None:
        """ "Nonce too low" is success when the node has a receipt for our hash; otherwise the nonce may be
        lost.
        """
        receipts = self._access.client.receipts([row.transaction_hash for row in rows])
        for row, receipt in zip(rows, receipts, strict=True):
            if receipt is not None:
                self._suspected_at_s.pop(row.id, None)
                continue
            suspected_at_s = self._suspected_at_s.setdefault(row.id, now_s)
            if now_s - suspected_at_s >= DISPLACED_AFTER_S and row.nonce < self._final_count(row.sender):
                self._give_up(row)

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
