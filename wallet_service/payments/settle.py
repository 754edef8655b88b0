"""Stage two of a payment: accepted payments, in order, into one signed `settle` transaction, stored first.

One commit holds the lease, the chain nonce, the signed bytes and the payments' new state; only then are
bytes broadcast, and only stored bytes ever are. Also ends the payments that can never be executed any more.
Whether a payment was executed is never decided here: the projections say so.
"""

from __future__ import annotations

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Engine, RowMapping

from wallet_service import crash_points
from wallet_service.chain.errors import ChainUnavailable, SigningKeyMissing
from wallet_service.chain.ports import Settlement, SignedPayment
from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.payments import repository
from wallet_service.payments.project import PaymentProjection
from wallet_service.payments.refusals_on_chain import EXPIRED_BEFORE_SETTLEMENT
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.typed_data import PaymentMessage

MAX_BATCHES_PER_RUN = 20
#: With so many batches unanswered the node is away: better wait with payments still free to be batched.
MAX_UNANSWERED_BATCHES = 32
MAX_DEAD_PER_RUN = 200

log = structlog.get_logger(__name__)
WAITING = Gauge(
    "alba_settle_waiting_payments", "Accepted payments waiting for a batch, at the last look (bounded)"
)
BATCHES = Counter("alba_settle_batches_total", "Stored settle transactions")
SIGNER_AWAY = Gauge(
    "alba_settle_signer_away", "1 while no key can sign settlements: payments are accepted only"
)


class LeaseLost(Exception):
    """Another settler has taken over: nothing of this commit is kept."""


class Settler:
    """`run_once` is called by a worker every `settle_interval_ms`. A second one stands by on the lease."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        settlement: Settlement,
        projection: PaymentProjection,
        lease: Lease,
        max_batch_payments: int,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._settlement = settlement
        self._projection = projection
        self._lease = lease
        self._max_batch_payments = max_batch_payments

    def run_once(self) -> int:
        """Settles what is waiting, in batches; returns how many payments were stored for the chain."""
        self.refuse_dead()
        stored = 0
        for _ in range(MAX_BATCHES_PER_RUN):
            count = self._store_batch()
            if count == 0:
                break
            stored += count
            crash_points.reach("settle.stored")
            self._settlement.broadcast_stored()
            crash_points.reach("settle.sent")
        return stored

    def _store_batch(self) -> int:
        with repository.reading(self._engine) as connection:
            waiting = len(repository.accepted_refs(connection, self._max_batch_payments))
            WAITING.set(waiting)
            if not waiting or repository.unanswered_settlements(connection) >= MAX_UNANSWERED_BATCHES:
                return 0
        if not self._lease.hold():
            return 0
        try:
            with UnitOfWork(self._engine) as work:
                self._fence(work)
                rows = self._fitting(repository.accepted_in_order(work.connection, self._max_batch_payments))
                if not rows:
                    return 0
                transaction_id = self._settlement.store_settlement(
                    work.connection, [_signed(row) for row in rows]
                )
                refs = [row["ref"] for row in rows]
                now_unix_ms = self._clock.now_unix_ms()
                marked = repository.mark_settling(work.connection, refs, transaction_id, now_unix_ms)
                if marked != len(refs):
                    raise AssertionError("a payment left the queue while its batch was being stored")
                crash_points.reach("settle.before_commit")
        except LeaseLost:
            return 0
        except SigningKeyMissing:
            SIGNER_AWAY.set(1)
            log.error("settle.signing_key_missing")
            return 0
        except ChainUnavailable as error:
            log.warning("settle.chain_unavailable", reason=error.reason)
            self._settlement.broadcast_stored()  # asks for the key's nonce, if that is what is missing
            return 0
        SIGNER_AWAY.set(0)
        BATCHES.inc()
        return len(rows)

    def _fence(self, work: UnitOfWork) -> None:
        """A settler paused past its lease must not store a second transaction for the same payments."""
        if not self._lease.still_held(work.connection):
            raise LeaseLost

    def _fitting(self, rows: list[RowMapping]) -> list[RowMapping]:
        if not rows:
            return rows
        return rows[: max(self._settlement.fitting([_signed(row) for row in rows]), 1)]

    def refuse_dead(self) -> int:
        """Refuses what can never be executed any more (see repository.dead_payments); returns how many."""
        now_unix_s = self._clock.now_unix_s()
        with repository.reading(self._engine) as connection:
            final_time_unix_s = repository.last_indexed_time_unix_s(connection)
            if not repository.dead_payments(connection, now_unix_s, final_time_unix_s, 1):
                return 0
        if not self._lease.hold():
            return 0
        try:
            with UnitOfWork(self._engine) as work:
                self._fence(work)
                final_time_unix_s = repository.last_indexed_time_unix_s(work.connection)
                looked_at = repository.dead_payments(
                    work.connection, now_unix_s, final_time_unix_s, MAX_DEAD_PER_RUN
                )
                # Balances before payments, as the indexer does.
                repository.locked_balances(work.connection, {row["from_address"] for row in looked_at})
                dead = repository.dead_payments(
                    work.connection, now_unix_s, final_time_unix_s, MAX_DEAD_PER_RUN, locked=True
                )
                for row in dead:
                    self._projection.refuse(work, row, EXPIRED_BEFORE_SETTLEMENT, None)
        except LeaseLost:
            return 0
        if dead:
            log.warning("settle.refused_dead", payments=len(dead))
        return len(dead)


def _signed(row: RowMapping) -> SignedPayment:
    message = PaymentMessage(
        from_address=row["from_address"],
        to_address=row["to_address"],
        value=row["amount_cents"],
        ref=row["ref"],
        valid_before=row["valid_before_unix_s"],
        nonce=int(row["nonce"]),
    )
    return SignedPayment(message, bytes(row["signature"]))
