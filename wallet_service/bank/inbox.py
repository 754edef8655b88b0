"""Watches the folder the bank drops its files in. Owns the folder's files: each ends in done/ or refused/.

A file is taken when it has not changed between two looks, or was written a while ago; hidden and `.part`
files are still being written. What was booked is in the database before a file moves, so a crash in between
only makes the file be read again, which changes nothing. A refused file keeps its bytes, with the reason in a
text file beside it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter

from wallet_service import crash_points
from wallet_service.bank import camt053
from wallet_service.bank.errors import BankFileRefused, FileTooLarge
from wallet_service.bank.payouts import PayoutService, write_whole
from wallet_service.bank.service import BankService
from wallet_service.database.leases import Lease
from wallet_service.topups.service import TopupService

DONE = "done"
REFUSED = "refused"
#: A file nobody has written to for this long is whole even at our first look.
QUIET_S = 2.0
MAX_FILES_PER_LOOK = 100
MAX_NAME_CHARACTERS = 100
MAX_BACKOFF_S = 30.0
STOP_DEADLINE_S = 10

log = structlog.get_logger(__name__)
FILES = Counter("alba_bank_files_total", "Files read from the bank's inbox", ["outcome"])


@dataclass(frozen=True)
class _Seen:
    """What tells whether a file is still growing."""

    size_bytes: int
    modified_ns: int
    inode: int


class Inbox:
    """Reads whole files, books them, files them away. One look at a time."""

    def __init__(self, folder: Path, reserve_iban: str, bank: BankService) -> None:
        self._folder = folder
        self._reserve_iban = reserve_iban
        self._bank = bank
        self._seen: dict[str, _Seen] = {}

    def look(self) -> int:
        """Takes every whole file, oldest name first; returns how many were taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        taken = 0
        for path in self._whole_files():
            self._take(path)
            taken += 1
        return taken

    def take_all(self) -> int:
        """Takes every file there is without waiting for it to rest: for the demo's history and tests."""
        self._folder.mkdir(parents=True, exist_ok=True)
        candidates = self._candidates()
        for path in sorted(candidates):
            self._take(path)
        return len(candidates)

    def _candidates(self) -> dict[Path, _Seen]:
        found: dict[Path, _Seen] = {}
        for entry in os.scandir(self._folder):
            if entry.name.startswith(".") or entry.name.endswith(".part"):
                continue
            try:
                facts = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # another reader has just filed it away
            if stat.S_ISREG(facts.st_mode):
                found[Path(entry.path)] = _Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino)
        return found

    def _whole_files(self) -> list[Path]:
        now_ns = time.time_ns()
        candidates = self._candidates()
        before, self._seen = self._seen, {path.name: seen for path, seen in candidates.items()}
        whole = [
            path
            for path, seen in candidates.items()
            if before.get(path.name) == seen or now_ns - seen.modified_ns > QUIET_S * 1e9
        ]
        return sorted(whole)[:MAX_FILES_PER_LOOK]

    def _take(self, path: Path) -> None:
        try:
            content = _read_bounded(path)
        except FileNotFoundError:
            return
        file_sha256 = hashlib.sha256(content).hexdigest()
        try:
            if len(content) > camt053.MAX_FILE_BYTES:
                raise FileTooLarge(limit_bytes=camt053.MAX_FILE_BYTES)
            statements = camt053.parse(content, self._reserve_iban)
            received = self._bank.receive(statements, file_sha256, path.name)
        except BankFileRefused as refusal:
            self._refuse(path, file_sha256, refusal)
            return
        log.info(
            "bank.file_read", statements=received.statements, credited=received.credited, paid=received.paid
        )
        FILES.labels("read").inc()
        self._file_away(path, DONE, file_sha256)
        crash_points.reach("bank.filed")

    def _refuse(self, path: Path, file_sha256: str, refusal: BankFileRefused) -> None:
        self._bank.note_refused(file_sha256, path.name, refusal.code)
        log.warning("bank.file_refused", code=refusal.code)
        FILES.labels("refused").inc()
        reason = f"{refusal.code}\n{refusal.sentence('fr')}\n{refusal.sentence('en')}\n"
        name = _filed_name(path.name, file_sha256)
        write_whole(self._folder / REFUSED / f"{name}.txt", reason.encode())
        self._file_away(path, REFUSED, file_sha256)

    def _file_away(self, path: Path, where: str, file_sha256: str) -> None:
        target = self._folder / where
        target.mkdir(exist_ok=True)
        try:
            path.replace(target / _filed_name(path.name, file_sha256))
        except FileNotFoundError:
            log.info("bank.file_already_filed")


def _filed_name(name: str, file_sha256: str) -> str:
    """The same file always gets the same name; two files of one name never meet."""
    return f"{file_sha256[:12]}-{name[-MAX_NAME_CHARACTERS:]}"


def _read_bounded(path: Path) -> bytes:
    """At most one byte more than the limit, enough to know that a file is over it."""
    with path.open("rb") as file:
        return file.read(camt053.MAX_FILE_BYTES + 1)


class BankWorker:
    """The thread of the bank's side: inbox in, approved payout files out, held top-ups tried again."""

    def __init__(
        self, inbox: Inbox, payouts: PayoutService, topups: TopupService, lease: Lease, interval_s: float
    ) -> None:
        self._inbox = inbox
        self._payouts = payouts
        self._topups = topups
        self._lease = lease
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def work_once(self) -> int:
        """One round, if this process holds the lease; returns how many files were taken."""
        if not self._lease.hold():
            return 0
        taken = self._inbox.look()
        self._payouts.write_approved()
        if self._topups.has_due():
            self._topups.retry_due()
        return taken

    def run(self) -> None:
        """Until `stop`. An error is logged and tried again, ever slower."""
        wait_s = self._interval_s
        while not self._stopping.wait(wait_s):
            try:
                self.work_once()
                wait_s = self._interval_s
            except Exception:
                log.exception("bank.round_failed")
                wait_s = min(wait_s * 2, MAX_BACKOFF_S)
        self._lease.release()

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self.run, name="bank", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_DEADLINE_S)
            self._thread = None
