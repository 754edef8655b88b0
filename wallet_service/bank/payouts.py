"""Payout files: prepared by one officer, approved by another, then in the bank's outbox. Owns `payout_files`.

A file is decided in the database first and written afterwards, from the bytes that were approved and under a
name that never changes: a crash in between writes the same file again, which the bank knows by its message
id. Must not say that anything was paid: only the bank's statement does.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update

from wallet_service import crash_points
from wallet_service.bank import pain001
from wallet_service.bank.camt053 import BANK_TIME_ZONE
from wallet_service.bank.errors import (
    PayoutFileUnknown,
    PayoutNothingToPay,
    PayoutNotPrepared,
    PayoutSameOfficer,
)
from wallet_service.database.tables.bank import payout_files
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.identity.sealing import Place, Sealer
from wallet_service.journal import Actor, Journal, Subject
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.identifiers import new_id
from wallet_service.push import Push
from wallet_service.redemptions import repository as redemptions_repository
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.following import tell
from wallet_service.redemptions.repository import Redemption
from wallet_service.redemptions.service import RedemptionService

MAX_TRANSFERS_PER_FILE = 500
MAX_PAGE_LENGTH = 500
CONSOLE = "console"
FILE_MODE = 0o640

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PayoutLine:
    """One transfer of a file, without the account it goes to."""

    redemption_ref: str
    public_name: str | None
    net_cents: int
    state: str


@dataclass(frozen=True)
class PayoutFile:
    """A payout file as the console sees it. `state`: prepared, approved, cancelled."""

    id: str
    message_id: str
    file_name: str
    total_cents: int
    state: str
    prepared_by: str
    approved_by: str | None
    prepared_at_unix_ms: int
    approved_at_unix_ms: int | None
    written_at_unix_ms: int | None
    lines: tuple[PayoutLine, ...]


class PayoutService:
    """Prepares, approves, cancels and writes payout files."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        sealer: Sealer,
        redemptions: RedemptionService,
        debtor: pain001.Debtor,
        outbox: Path,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._sealer = sealer
        self._redemptions = redemptions
        self._debtor = debtor
        self._outbox = outbox

    def prepare_payout(self, officer: str) -> PayoutFile:
        """Gathers every locked redemption into one file, kept sealed. Raises PayoutNothingToPay."""
        payout_file_id = new_id()
        with UnitOfWork(self._engine) as work:
            chosen = redemptions_repository.payable(work.connection, MAX_TRANSFERS_PER_FILE)
            if not chosen:
                raise PayoutNothingToPay()
            now_unix_ms = self._clock.now_unix_ms()
            message_id = f"ALBA{payout_file_id}"
            transfers = [self._transfer(work.connection, redemption) for redemption in chosen]
            content = pain001.write(message_id, now_unix_ms // 1000, self._debtor, transfers)
            work.connection.execute(
                insert(payout_files).values(
                    id=payout_file_id,
                    message_id=message_id,
                    file_name=f"{_day(now_unix_ms)}-{message_id}.pain.001.xml",
                    sealed_content=self._sealer.seal_service(_content_place(payout_file_id), content),
                    total_cents=sum(transfer.amount_cents for transfer in transfers),
                    state="prepared",
                    prepared_by=officer,
                    prepared_at_unix_ms=now_unix_ms,
                )
            )
            refs = [redemption.ref for redemption in chosen]
            redemptions_repository.put_into_file(work.connection, refs, payout_file_id)
            self._record(work, officer, "payout.prepared", payout_file_id)
            return self._view(work.connection, payout_file_id)

    def _transfer(self, connection: Connection, redemption: Redemption) -> pain001.Transfer:
        return pain001.Transfer(
            end_to_end_id=redemption.end_to_end_id,
            amount_cents=redemption.net_cents,
            name=redemption.public_name or self._debtor.name,
            iban=self._redemptions.iban_of(connection, redemption),
            text=f"Conversion {redemption.end_to_end_id}",
        )

    def approve_payout(self, payout_file_id: str, officer: str) -> PayoutFile:
        """A second officer lets the file go: it is written into the bank's outbox.

        Raises PayoutFileUnknown, PayoutSameOfficer, PayoutNotPrepared.
        """
        with UnitOfWork(self._engine) as work:
            known = self._view(work.connection, payout_file_id)
            if known.prepared_by == officer:
                raise PayoutSameOfficer()
            now_unix_ms = self._clock.now_unix_ms()
            self._decide(
                work.connection,
                payout_file_id,
                {"state": "approved", "approved_by": officer, "approved_at_unix_ms": now_unix_ms},
            )
            for redemption in redemptions_repository.of_payout_file(work.connection, payout_file_id):
                if redemptions_repository.change_state(
                    work.connection, redemption.ref, RedemptionState.EXPORTED
                ):
                    tell(self._push, work, redemption.member_id, redemption.ref, RedemptionState.EXPORTED)
            self._record(work, officer, "payout.approved", payout_file_id)
            crash_points.reach("payout.before_commit")
        crash_points.reach("payout.approved")
        self.write_approved()
        with self._engine.connect().execution_options(read_only=True) as connection:
            return self._view(connection, payout_file_id)

    def cancel_payout(self, payout_file_id: str, officer: str, ground: str) -> PayoutFile:
        """Gives the redemptions of a prepared file back to the next one. Raises PayoutFileUnknown,
        PayoutNotPrepared."""
        with UnitOfWork(self._engine) as work:
            self._view(work.connection, payout_file_id)
            self._decide(work.connection, payout_file_id, {"state": "cancelled"})
            inside = redemptions_repository.of_payout_file(work.connection, payout_file_id)
            redemptions_repository.put_into_file(work.connection, [each.ref for each in inside], None)
            self._record(work, officer, "payout.cancelled", payout_file_id, ground)
            return self._view(work.connection, payout_file_id)

    def _decide(self, connection: Connection, payout_file_id: str, values: dict[str, Any]) -> None:
        changed = connection.execute(
            update(payout_files)
            .where(payout_files.c.id == payout_file_id, payout_files.c.state == "prepared")
            .values(**values)
        )
        if changed.rowcount != 1:
            raise PayoutNotPrepared()

    def _record(
        self, work: UnitOfWork, officer: str, act: str, payout_file_id: str, ground: str | None = None
    ) -> None:
        view = self._view(work.connection, payout_file_id)
        self._journal.append(
            work.connection,
            Actor("officer", officer),
            act,
            Subject("payout_file", payout_file_id),
            ground=ground,
            details={"total_cents": view.total_cents, "transfers": len(view.lines)},
        )
        self._push.publish(work, CONSOLE, "payout.changed", {"id": payout_file_id, "state": view.state})

    def write_approved(self) -> int:
        """Puts every approved file that is not there yet into the outbox; returns how many were written.

        Called after an approval and by the bank's worker, so that a crash in between loses nothing. Both may
        come at once: who writes a file holds its row, and the other finds it written.
        """
        is_waiting = (payout_files.c.state == "approved") & payout_files.c.written_at_unix_ms.is_(None)
        with self._engine.connect().execution_options(read_only=True) as connection:
            waiting = connection.execute(select(payout_files.c.id).where(is_waiting)).scalars().all()
        return sum(self._write_one(payout_file_id, is_waiting) for payout_file_id in waiting)

    def _write_one(self, payout_file_id: str, is_waiting: ColumnElement[bool]) -> bool:
        with UnitOfWork(self._engine) as work:
            row = work.connection.execute(
                select(payout_files).where(payout_files.c.id == payout_file_id, is_waiting).with_for_update()
            ).first()
            if row is None:
                return False
            content = self._sealer.unseal_service(_content_place(row.id), row.sealed_content)
            write_whole(self._outbox / row.file_name, content)
            crash_points.reach("payout.written")
            work.connection.execute(
                update(payout_files)
                .where(payout_files.c.id == row.id)
                .values(written_at_unix_ms=self._clock.now_unix_ms())
            )
        log.info("payout.written", payout_file_id=payout_file_id)
        return True

    def list_payout_files(self, limit: int = 100) -> Sequence[PayoutFile]:
        """Newest first, each with its lines."""
        query = (
            select(payout_files.c.id)
            .order_by(payout_files.c.prepared_at_unix_ms.desc(), payout_files.c.id)
            .limit(min(limit, MAX_PAGE_LENGTH))
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [self._view(connection, row.id) for row in connection.execute(query).all()]

    def _view(self, connection: Connection, payout_file_id: str) -> PayoutFile:
        row = connection.execute(select(payout_files).where(payout_files.c.id == payout_file_id)).first()
        if row is None:
            raise PayoutFileUnknown()
        inside = redemptions_repository.of_payout_file(connection, payout_file_id)
        return PayoutFile(
            id=row.id,
            message_id=row.message_id,
            file_name=row.file_name,
            total_cents=row.total_cents,
            state=row.state,
            prepared_by=row.prepared_by,
            approved_by=row.approved_by,
            prepared_at_unix_ms=row.prepared_at_unix_ms,
            approved_at_unix_ms=row.approved_at_unix_ms,
            written_at_unix_ms=row.written_at_unix_ms,
            lines=tuple(PayoutLine(r.ref, r.public_name, r.net_cents, str(r.state)) for r in inside),
        )


def write_whole(path: Path, content: bytes) -> None:
    """A reader of the folder sees the whole file or none: written aside, synced, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _content_place(payout_file_id: str) -> Place:
    return Place("payout_files", "sealed_content", payout_file_id)


def _day(unix_ms: int) -> str:
    return datetime.datetime.fromtimestamp(unix_ms / 1000, BANK_TIME_ZONE).strftime("%Y%m%d")
