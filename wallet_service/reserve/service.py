"""Attests each closing balance on chain with the attester's own key. Owns `attestations`.

An attestation never goes back in time: a statement older than the last one attested adds its movements but no
attestation (balances are cumulative, so the newer one covers them). Must not mint, and never knows the
issuer's key.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, func, insert, select, update

from wallet_service.accounts.repository import paid_out_cents
from wallet_service.bank.reported import Balance
from wallet_service.chain.ports import ChainEvent, CommandQueue, FailedCommand, ProjectionRegistry
from wallet_service.database.tables.bank import attestations
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.text.identifiers import new_id


class ReserveService:
    """Queues attestations and follows them."""

    def __init__(self, engine: Engine, clock: Clock, commands: CommandQueue) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands

    def register(self, registry: ProjectionRegistry) -> None:
        registry.on_event("ReserveAttested", self.project_attested)
        registry.on_command_failed("attestReserve", self.attestation_failed)
        registry.on_rewind(self.rewind)

    def attest(self, work: UnitOfWork, statement_row_id: str, closing: Balance, statement_hash: str) -> bool:
        """Queues the attestation of a statement's closing balance, in the caller's unit of work.

        Its debits have been decided: what they paid out is said with it. Returns False, queueing nothing,
        when a balance at least as recent is attested already. An overdrawn account is attested as empty.
        """
        if closing.as_of_unix_s <= self._newest_as_of(work.connection):
            return False
        amount_cents = max(closing.amount_cents, 0)
        paid_out = paid_out_cents(work.connection, closing.as_of_unix_s)
        attestation_id = new_id()
        work.connection.execute(
            insert(attestations).values(
                id=attestation_id,
                bank_statement_id=statement_row_id,
                amount_cents=amount_cents,
                as_of_unix_s=closing.as_of_unix_s,
                paid_out_cents=paid_out,
                statement_hash=statement_hash,
                created_at_unix_ms=self._clock.now_unix_ms(),
            )
        )
        self._commands.queue_command(
            work.connection,
            "attestReserve",
            [amount_cents, closing.as_of_unix_s, statement_hash, paid_out],
            "ATTESTER",
            f"attest:{attestation_id}",
        )
        return True

    def _newest_as_of(self, connection: Connection) -> int:
        newest = select(func.max(attestations.c.as_of_unix_s)).where(attestations.c.failure.is_(None))
        return int(connection.execute(newest).scalar_one() or 0)

    def project_attested(self, work: UnitOfWork, event: ChainEvent) -> None:
        work.connection.execute(
            update(attestations)
            .where(attestations.c.statement_hash == event.arguments["statementHash"])
            .values(
                attested_at_unix_s=event.block_timestamp_unix_s, final_block=event.block_number, failure=None
            )
        )

    def attestation_failed(self, work: UnitOfWork, command: FailedCommand) -> None:
        work.connection.execute(
            update(attestations)
            .where(attestations.c.id == command.ref.removeprefix("attest:"))
            .where(attestations.c.attested_at_unix_s.is_(None))
            .values(failure=command.error_name)
        )

    def rewind(self, work: UnitOfWork, last_block_kept: int) -> None:
        work.connection.execute(
            update(attestations)
            .where(attestations.c.final_block > last_block_kept)
            .values(attested_at_unix_s=None, final_block=None)
        )
