"""Hands approved files to the bank, keeps back those an officer wants cancelled.

What happens to a file is decided in the database; this makes the folder say the same, at every round of the
bank's worker, so that a crash in between is mended by the next one.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.platform import failpoints as failpoints
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import SealBroken, SealedField, Sealer
from wallet_service.treasury.payouts import outbox, repository
from wallet_service.treasury.ports import TwoOfficers

#: The act in `approvals` that keeps an approved file from the bank while it waits.
CANCEL_ACT = "payout.cancel"

log = structlog.get_logger(__name__)


class PayoutHandover:
    """The outbox as the database wants it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        sealer: Sealer,
        two_officers: TwoOfficers,
        folder: Path,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._sealer = sealer
        self._two_officers = two_officers
        self._folder = folder

    def write_approved(self) -> int:
        """Puts every approved file that is not there yet into the outbox; returns how many were written.

        Called after an approval and by the bank's worker, so that a crash in between loses nothing. Both may
        come at once: who writes a file holds its row, and the other finds it written. A file that was
        withheld, and whose cancellation nobody signed, goes back to where the bank takes it.
        """
        with reading(self._engine) as connection:
            withheld = self._two_officers.waiting_subjects(connection, CANCEL_ACT)
            waiting = repository.to_write(connection)
        self._tidy(withheld)
        return sum(
            self._write_or_set_aside(payout_file_id)
            for payout_file_id in waiting
            if payout_file_id not in withheld
        )

    def withhold(self, file_name: str) -> bool:
        """Takes a written file out of the bank's reach; False when the bank has it."""
        return outbox.withhold(self._folder / file_name)

    def put_back(self, file_name: str) -> None:
        """When it is not to be cancelled after all."""
        outbox.restore(self._folder / file_name)

    def destroy(self, file_name: str) -> None:
        """A withheld file whose cancellation is committed."""
        outbox.destroy_withheld(self._folder / file_name)

    def _tidy(self, withheld: set[str]) -> None:
        names = outbox.withheld_names(self._folder)
        if not names:
            return
        with reading(self._engine) as connection:
            files = repository.files_named(connection, names)
        for file in files:
            if file["state"] == "cancelled":
                self.destroy(file["file_name"])
            elif file["id"] not in withheld:
                self.put_back(file["file_name"])

    def _write_or_set_aside(self, payout_file_id: str) -> bool:
        """A file whose content does not open waits for a person, and for no other file."""
        try:
            return self._write_one(payout_file_id)
        except SealBroken as error:
            self._push.quarantine.put_alone(RowKind.PAYOUT_FILE, payout_file_id, error)
            return False

    def _write_one(self, payout_file_id: str) -> bool:
        with UnitOfWork(self._engine) as work:
            row = repository.lock_to_write(work.connection, payout_file_id)
            if row is None:
                return False
            content = self._sealer.unseal_service(content_field(row.id), row.sealed_content)
            outbox.write_whole(self._folder / row.file_name, content)
            failpoints.reach("payout.written")
            now_unix_ms = self._clock.now_unix_ms()
            repository.change_file(work.connection, row.id, "approved", written_at_unix_ms=now_unix_ms)
        log.info("payout.written", payout_file_id=payout_file_id)
        return True


def content_field(payout_file_id: str) -> SealedField:
    """Where an approved file's bytes are sealed."""
    return SealedField("payout_files", "sealed_content", payout_file_id)
