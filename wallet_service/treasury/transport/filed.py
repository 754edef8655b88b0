"""Files of the bank that have done their work: sealed where they lie, and gone after a named time.

A booked statement names whoever paid, a sent payout file names payees and their accounts. What they said is
in the database, sealed; their bytes are wanted again only by a person who looks into something, so they are
kept under the service's key for a while. Names of files stay as they are: they say what is handed over
already. What nobody has booked (refused, repeated, cut off) waits for a person in the clear, but not for
ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import structlog

from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import Clock
from wallet_service.security.sealing import SealedField, Sealer
from wallet_service.treasury.inbox import DONE, REFUSED
from wallet_service.treasury.payouts.outbox import Fate, write_whole
from wallet_service.treasury.transport.incoming import UNFINISHED
from wallet_service.treasury.transport.outgoing import REPEATED

#: No file of a bank begins so.
MARK = b"\x01ALBA-SEALED-1\n"
#: How long a file that waits for a person is left in the clear.
WAITS_OPEN_MS = 30 * 86_400_000
MS_PER_DAY = 86_400_000
#: Sealed in one round; the next comes within a minute.
FILES_A_ROUND = 100

log = structlog.get_logger(__name__)


class FiledFiles:
    """A round of two processes at once does the same twice, which changes nothing."""

    def __init__(self, settings: Settings, sealer: Sealer, clock: Clock) -> None:
        inbox, outboxes = settings.bank_inbox, (settings.bank_outbox, settings.bank_checks)
        self._sent = tuple(box / Fate.SENT for box in outboxes)
        self._finished = (inbox / DONE, *self._sent)
        self._waiting = (inbox / REFUSED, inbox / UNFINISHED, *(box / REPEATED for box in outboxes))
        self._sealer = sealer
        self._clock = clock
        self._kept_ms = settings.bank_files_kept_days * MS_PER_DAY
        self._sealed: dict[Path, int] = {}  # when it was written, so that none is read at every round

    def run_once(self) -> int:
        """Seals what has done its work or waited too long, removes what is old; how many files changed."""
        now_unix_ms = self._clock.now_unix_ms()
        finished = [path for folder in self._finished for path in _in(folder)]
        removed = sum(self._remove(path) for path in finished if _age_ms(path, now_unix_ms) >= self._kept_ms)
        late = [
            path
            for folder in self._waiting
            for path in _in(folder)
            if _age_ms(path, now_unix_ms) >= WAITS_OPEN_MS
        ]
        there = [path for path in (*finished, *late) if path.exists()]
        self._sealed = {path: at_ns for path, at_ns in self._sealed.items() if path in set(there)}
        open_ones = [path for path in there if self._sealed.get(path) != path.stat().st_mtime_ns]
        sealed = sum(self._seal(path) for path in open_ones[:FILES_A_ROUND])
        if removed:
            log.info("bank.files_removed", files=removed)
        return removed + sealed

    def _seal(self, path: Path) -> bool:
        content = path.read_bytes()
        is_open = bool(content) and not content.startswith(MARK)
        if is_open:
            write_whole(path, MARK + self._sealer.seal_service(_field(path), content))
        self._sealed[path] = path.stat().st_mtime_ns
        return is_open

    def _remove(self, path: Path) -> bool:
        """A payout's name stays: under it nothing is handed over a second time."""
        if path.parent not in self._sent or path.suffix != ".xml":
            path.unlink()
            return True
        if path.stat().st_size == 0:
            return False
        write_whole(path, b"")
        return True


def opened(sealer: Sealer, path: Path) -> bytes:
    """What a filed file said, under the name it was filed with. Raises SealBroken."""
    content = path.read_bytes()
    if not content.startswith(MARK):
        return content
    return sealer.unseal_service(_field(path), content.removeprefix(MARK))


def _field(path: Path) -> SealedField:
    return SealedField("bank_files", path.parent.name, path.name)


def _in(folder: Path) -> Iterator[Path]:
    """Files of a folder and of its folders; hidden ones are being written."""
    if folder.is_dir():
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] != ".")


def _age_ms(path: Path, now_unix_ms: int) -> int:
    return now_unix_ms - int(path.stat().st_mtime * 1000)
