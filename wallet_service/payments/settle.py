"""Stage two of a payment: accepted payments, in order, into one signed `settle` transaction, stored first.

One commit holds the lease, the chain nonce, the signed bytes and the payments' new state; only then are
bytes broadcast, and only stored bytes ever are. Also ends the payments that can never be executed any more.
Whether a payment was executed is never decided here: the projections say so.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Connection, Engine, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from wallet_service.accounts import repository as accounts
from wallet_service.accounts import wholeness
from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.chain.ledger.skip_reasons import EXPIRED_BEFORE_SETTLEMENT
from wallet_service.chain.ports import Settlement
from wallet_service.database.leases import Lease
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.payments import repository
from wallet_service.payments.projections import PaymentProjection
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.platform.quarantine import Quarantine, RowKind
from wallet_service.platform.workers import Bell
from wallet_service.protocol.clock import Clock
from wallet_service.security.errors import SigningKeyMissing

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
WITHOUT_WORD = Gauge(
    "alba_settle_mined_without_word_payments", "Overdue payments of mined transactions without an event"
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
        quarantine: Quarantine,
        clock_is_right: Callable[[], bool] = lambda: True,
        sender_bell: Bell | None = None,
    ) -> None:
        """`sender_bell` wakes who sends; without anybody there the settler sends by itself."""
        self._sender_bell = sender_bell
        self._engine = engine
        self._clock = clock
        self._settlement = settlement
        self._projection = projection
        self._lease = lease
        self._max_batch_payments = max_batch_payments
        self._quarantine = quarantine
        self._clock_is_right = clock_is_right
        self._without_word = 0

    def run_once(self) -> int:
        """Settles what is waiting, in batches; returns how many payments were stored for the chain."""
        self._lease.hold()  # also with nothing to do, so that a missing settler is seen before it is missed
        self.refuse_expired()
        stored = 0
        for _ in range(MAX_BATCHES_PER_RUN):
            count = self._store_batch()
            if count == 0:
                break
            stored += count
            failpoints.reach("settle.stored")
            self._have_sent()
        return stored

    def _have_sent(self) -> None:
        """The next batch does not wait for the node, which executes what it is given before it answers."""
        if self._sender_bell is None or not self._sender_bell.ring():
            self._settlement.broadcast_stored()

    def _store_batch(self) -> int:
        with reading(self._engine) as connection:
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
                    work.connection, [repository.signed_of(row) for row in rows]
                )
                refs = [row["ref"] for row in rows]
                now_unix_ms = self._clock.now_unix_ms()
                marked = repository.mark_settling(work.connection, refs, transaction_id, now_unix_ms)
                if marked != len(refs):
                    raise AssertionError("a payment left the queue while its batch was being stored")
                failpoints.reach("settle.before_commit")
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
        except SQLAlchemyError:
            raise
        except Exception as error:
            if not self._set_aside_unreadable(error):
                raise
            return self._store_batch()
        SIGNER_AWAY.set(0)
        BATCHES.inc()
        return len(rows)

    def _set_aside_unreadable(self, error: Exception) -> int:
        """A batch could not be made: sets aside those of its payments that alone cannot either."""
        with UnitOfWork(self._engine) as work:
            rows = repository.accepted_in_order(work.connection, self._max_batch_payments)
            found = [(row["ref"], reason) for row in rows if (reason := self._reason_against(row))]
            newly = sum(self._quarantine.put(work, RowKind.PAYMENT_SENDING, *each) for each in found)
        log.warning("settle.batch_unreadable", error=type(error).__name__, set_aside=newly)
        return newly

    def _reason_against(self, row: RowMapping) -> Exception | None:
        """What keeps this payment from being written into a transaction; pure, so its own fault."""
        try:
            self._settlement.require_writable(repository.signed_of(row))
        except Exception as error:
            return error
        return None

    def _fence(self, work: UnitOfWork) -> None:
        """A settler paused past its lease must not store a second transaction for the same payments."""
        if not self._lease.still_held(work.connection):
            raise LeaseLost

    def _fitting(self, rows: list[RowMapping]) -> list[RowMapping]:
        if not rows:
            return rows
        return rows[: max(self._settlement.fitting([repository.signed_of(row) for row in rows]), 1)]

    def refuse_expired(self) -> int:
        """Refuses what can never be executed any more (see repository.dead_payments); returns how many.

        What was sent is refused only when the nodes say besides that its transaction was never mined: a
        block's events may have been left out of an answer. Nothing is ended while this clock is wrong.
        """
        if not self._clock_is_right():
            return 0
        now_unix_s = self._clock.now_unix_s()
        with reading(self._engine) as connection:
            final_time_unix_s = repository.last_indexed_time_unix_s(connection)
            sent = repository.overdue_transactions(connection, final_time_unix_s, MAX_DEAD_PER_RUN)
            self._count_without_word(connection, final_time_unix_s)
        try:
            unmined = self._settlement.unmined(sent) if sent else set()
        except ChainUnavailable as error:
            log.warning("settle.chain_unavailable", reason=error.reason)
            unmined = set()
        with reading(self._engine) as connection:
            if not repository.expired_payments(connection, now_unix_s, final_time_unix_s, unmined, 1):
                return 0
        if not self._lease.hold():
            return 0
        try:
            with UnitOfWork(self._engine) as work:
                self._fence(work)
                wholeness.require_whole(work.connection)
                final_time_unix_s = repository.last_indexed_time_unix_s(work.connection)
                bounds = (now_unix_s, final_time_unix_s, unmined, MAX_DEAD_PER_RUN)
                looked_at = repository.expired_payments(work.connection, *bounds)
                # Balances before payments, as the indexer does.
                accounts.locked_balances(work.connection, {row["from_address"] for row in looked_at})
                expired = repository.expired_payments(work.connection, *bounds, locked=True)
                for row in expired:
                    self._projection.refuse(work, row, row["refusal_code"] or EXPIRED_BEFORE_SETTLEMENT, None)
        except (LeaseLost, CopyCatchingUp):
            return 0
        if expired:
            log.warning("settle.refused_dead", payments=len(expired))
        return len(expired)

    def _count_without_word(self, connection: Connection, final_time_unix_s: int | None) -> None:
        """Payments whose transaction was mined and of which no event spoke: never ended here, but seen."""
        count = repository.mined_without_word(connection, final_time_unix_s)
        if count and count != self._without_word:
            log.error("settle.mined_without_word", payments=count)
        self._without_word = count
        WITHOUT_WORD.set(count)
