"""Watches the folder the bank drops its files in. Owns the folder's files: each ends in done/ or refused/.

A file is taken when it has not changed for two seconds; hidden and `.part` files are still being written.
What was booked is in the database before a file moves, so a crash in between only makes the file be read
again, which changes nothing. A refused file keeps its bytes, with the reason in a text file beside it; so
does a file that nothing here can read: whatever one file holds, the next is taken. A statement dated a little
ahead (banks stamp the end of the business day) waits in later/, named by the second it may be read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import InterfaceError, OperationalError

from wallet_service.bank import files
from wallet_service.bank.errors import BankFileRefusal, FileTooLarge, FileUnreadable
from wallet_service.database.leases import Lease
from wallet_service.platform import failpoints as failpoints
from wallet_service.topups.service import TopupService
from wallet_service.treasury.errors import RecordedElsewhere, StatementInFuture
from wallet_service.treasury.payouts.outbox import FILE_MODE, FOLDER_MODE, write_whole
from wallet_service.treasury.payouts.service import PayoutService
from wallet_service.treasury.service import BankService

DONE = "done"
REFUSED = "refused"
LATER = "later"
#: A file nobody has written to for this long is whole.
QUIET_S = 2.0
#: A statement dated further ahead than this is refused: something is wrong with a clock, here or there.
WAITS_AT_MOST_S = 36 * 3_600
MAX_FILES_PER_LOOK = 100
MAX_NAME_CHARACTERS = 100

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

    def __init__(
        self,
        folder: Path,
        reserve_iban: str,
        bank: BankService,
        passing_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._reserve_iban = reserve_iban
        self._bank = bank
        self._passing_s = passing_s
        self._seen: dict[str, tuple[_Seen, float]] = {}

    def look(self) -> int:
        """Takes every whole file, oldest name first; returns how many were taken."""
        self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        return self._take_each([*self._due_files(), *self._whole_files()])

    def take_all(self) -> int:
        """Takes every file there is without waiting for it to rest: for the demo's history and tests."""
        self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        return self._take_each([*self._due_files(), *sorted(waiting_files(self._folder))])

    def _take_each(self, paths: Sequence[Path]) -> int:
        for path in paths:
            self._take(path)
        return len(paths)

    def _whole_files(self) -> list[Path]:
        now_ns, now_s = time.time_ns(), self._passing_s()
        candidates = waiting_files(self._folder)
        before, self._seen = self._seen, {}
        for path, seen in candidates.items():
            seen_before, since_s = before.get(path.name, (seen, now_s))
            self._seen[path.name] = (seen, since_s if seen_before == seen else now_s)
        whole = [
            path
            for path, seen in candidates.items()
            if now_s - self._seen[path.name][1] >= QUIET_S or now_ns - seen.modified_ns >= QUIET_S * 1e9
        ]
        return sorted(whole)[:MAX_FILES_PER_LOOK]

    def _due_files(self) -> list[Path]:
        """Those that waited for their time and need wait no longer."""
        folder = self._folder / LATER
        if not folder.is_dir():
            return []
        now_unix_s = self._bank.now_unix_s()
        due = []
        for path in sorted(waiting_files(folder)):
            second = path.name.partition("-")[0]
            if second.isdigit() and int(second) <= now_unix_s:
                due.append(path)
        return due

    def _take(self, path: Path) -> None:
        try:
            content = _read_bounded(path)
        except FileNotFoundError:
            return
        except OSError:
            log.exception("bank.file_out_of_reach")
            FILES.labels("out_of_reach").inc()
            return
        file_sha256 = hashlib.sha256(content).hexdigest()
        try:
            if len(content) > files.MAX_FILE_BYTES:
                raise FileTooLarge(limit_bytes=files.MAX_FILE_BYTES)
            file = files.read(content, self._reserve_iban)
            received = self._bank.receive(file, file_sha256, _own_name(path))
        except StatementInFuture as refusal:
            if refusal.until_unix_s - self._bank.now_unix_s() > WAITS_AT_MOST_S:
                self._refuse(path, file_sha256, refusal)
            else:
                self._put_off(path, refusal.until_unix_s)
            return
        except BankFileRefusal as refusal:
            self._refuse(path, file_sha256, refusal)
            return
        except RecordedElsewhere:
            log.warning("bank.file_read_elsewhere")
            FILES.labels("put_off").inc()
            return
        except (OSError, OperationalError, InterfaceError):
            raise  # the disk's or the database's trouble, not the file's: it is read again
        except Exception:
            log.exception("bank.file_unreadable")
            self._refuse(path, file_sha256, FileUnreadable())
            return
        log.info(
            "bank.file_read", statements=received.statements, credited=received.credited, paid=received.paid
        )
        FILES.labels("read").inc()
        self._file_away(path, DONE, file_sha256)
        failpoints.reach("bank.filed")

    def _put_off(self, path: Path, until_unix_s: int) -> None:
        later = self._folder / LATER
        later.mkdir(FOLDER_MODE, exist_ok=True)
        log.info("bank.file_put_off", until_unix_s=until_unix_s)
        FILES.labels("put_off").inc()
        path.replace(later / f"{until_unix_s}-{_own_name(path)}")

    def _refuse(self, path: Path, file_sha256: str, refusal: BankFileRefusal) -> None:
        self._bank.note_refused(file_sha256, _own_name(path), refusal.code)
        log.warning("bank.file_refused", code=refusal.code)
        FILES.labels("refused").inc()
        reason = f"{refusal.code}\n{refusal.sentence('fr')}\n{refusal.sentence('en')}\n"
        name = _filed_name(_own_name(path), file_sha256)
        write_whole(self._folder / REFUSED / f"{name}.txt", reason.encode())
        self._file_away(path, REFUSED, file_sha256)

    def _file_away(self, path: Path, where: str, file_sha256: str) -> None:
        target = self._folder / where
        target.mkdir(FOLDER_MODE, exist_ok=True)
        filed = target / _filed_name(_own_name(path), file_sha256)
        try:
            path.replace(filed)
            if filed.stat().st_uid == os.geteuid():  # whoever dropped it may have kept it
                filed.chmod(FILE_MODE)
        except FileNotFoundError:
            log.info("bank.file_already_filed")


def waiting_files(folder: Path) -> dict[Path, _Seen]:
    """The bank's files that nobody has taken yet. Raises OSError when the folder cannot be read."""
    found: dict[Path, _Seen] = {}
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or entry.name.endswith(".part"):
            continue
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # another reader has just filed it away
        if stat.S_ISREG(facts.st_mode):
            found[Path(entry.path)] = _Seen(facts.st_size, facts.st_mtime_ns, facts.st_ino)
    return found


def _own_name(path: Path) -> str:
    """Without the second until which it had to wait."""
    return path.name.partition("-")[2] if path.parent.name == LATER else path.name


def _filed_name(name: str, file_sha256: str) -> str:
    """The same file always gets the same name; two files of one name never meet."""
    return f"{file_sha256[:12]}-{name[-MAX_NAME_CHARACTERS:]}"


def _read_bounded(path: Path) -> bytes:
    """At most one byte more than the limit, enough to know that a file is over it."""
    with path.open("rb") as file:
        return file.read(files.MAX_FILE_BYTES + 1)


@dataclass(frozen=True)
class BankRound:
    """One round of the bank's side: inbox in, approved payout files out, held top-ups tried again."""

    bank: BankService
    inbox: Inbox
    payouts: PayoutService
    topups: TopupService
    lease: Lease

    def run_once(self) -> int:
        """One round, if this process holds the lease; returns how many files were taken."""
        if not self.lease.hold():
            return 0
        with ExitStack() as always:  # trouble with one of these keeps none of the others
            always.callback(self._retry_held)
            always.callback(self.payouts.write_approved)
            always.callback(self.bank.go_on)
            return self.inbox.look()

    def _retry_held(self) -> None:
        if self.topups.has_due():
            self.topups.retry_due()
