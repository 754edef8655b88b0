"""Rows that cannot be read are set aside, so that one of them never stops the others.

Whoever works through rows and meets one that its code cannot decode puts it here, in a commit of its own or
in the caller's, and goes on; its next query leaves such rows out (`is_free`). Nothing about the row is
changed: what money it holds stays reserved until a person has looked. Each is reported once: a log line, a
counter, an event for the console and a line among what waits there.
Owns `quarantined_rows`. Must not decide what becomes of a row, and must not repeat what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import structlog
from prometheus_client import Counter
from sqlalchemy import ColumnElement, Connection, Engine, String, cast, delete, insert, select

from wallet_service.database.tables.quarantine import quarantined_rows
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import Event, RowQuarantined, to_console

MAX_KEY_CHARACTERS = 120
MAX_ERROR_CHARACTERS = 60

log = structlog.get_logger(__name__)
FOUND = Counter("alba_quarantined_rows_total", "Rows that could not be read and were set aside", ["kind"])


class RowKind(StrEnum):
    """What cannot be done with the row. The key is the row's own."""

    #: payments.ref: cannot go into a batch.
    PAYMENT_SENDING = "payment.sending"
    #: payments.ref: cannot be ended as refused.
    PAYMENT_ENDING = "payment.ending"
    #: chain_commands.id
    COMMAND = "command"
    #: chain_transactions.id: its bytes are not those that were signed.
    TRANSACTION = "transaction"
    #: push_events.id
    PUSH_EVENT = "push_event"
    #: payout_files.id: approved, and its content does not open.
    PAYOUT_FILE = "payout_file"
    #: topups.id
    TOPUP = "topup"
    #: redemptions.ref: its payee does not open.
    REDEMPTION = "redemption"
    #: bank_entries.id: its details do not open.
    BANK_ENTRY = "bank_entry"


class Quarantine:
    """The list of what waits for a person because it cannot be read."""

    def __init__(self, engine: Engine, clock: Clock, publish: Callable[[UnitOfWork, Event], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._publish = publish

    def put(self, work: UnitOfWork, kind: RowKind, key: object, error: Exception) -> bool:
        """Sets a row aside in `work`; False when it is already."""
        row_key, error_name = str(key)[:MAX_KEY_CHARACTERS], type(error).__name__[:MAX_ERROR_CHARACTERS]
        if _is_known(work.connection, kind, row_key):
            return False
        work.connection.execute(
            insert(quarantined_rows).values(
                kind=kind, row_key=row_key, error=error_name, found_at_unix_ms=self._clock.now_unix_ms()
            )
        )
        self._publish(work, to_console(RowQuarantined(kind)))

        def report() -> None:
            FOUND.labels(kind).inc()
            log.error("quarantine.row", row_kind=str(kind), row_key=row_key, error=error_name)

        work.after_commit(report)
        return True

    def put_alone(self, kind: RowKind, key: object, error: Exception) -> bool:
        """The same, in a commit of its own."""
        with UnitOfWork(self._engine) as work:
            return self.put(work, kind, key, error)


def release(work: UnitOfWork, kind: RowKind, key: str) -> bool:
    """Takes a row back after somebody has mended it; False when it was not set aside."""
    chosen = delete(quarantined_rows).where(
        quarantined_rows.c.kind == kind, quarantined_rows.c.row_key == key
    )
    return work.connection.execute(chosen).rowcount == 1


def is_free(kind: RowKind, column: ColumnElement[str] | ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that leaves out rows whose key is set aside."""
    aside = select(quarantined_rows.c.row_key).where(
        quarantined_rows.c.kind == kind, quarantined_rows.c.row_key == cast(column, String)
    )
    return ~aside.exists()


def _is_known(connection: Connection, kind: RowKind, row_key: str) -> bool:
    found = select(quarantined_rows.c.kind).where(
        quarantined_rows.c.kind == kind, quarantined_rows.c.row_key == row_key
    )
    return connection.execute(found).first() is not None
