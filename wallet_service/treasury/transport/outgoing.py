"""Payout files, and files for a check of names, on their way to the bank: each once, and its fate known.

A file leaves the outbox for `sending/` before the client is started, and ends in `sent/`, `failed/` (surely
not sent) or `unknown/` (time ran out, an exit code that proves nothing, or we died meanwhile). What failed or
is unknown is never sent again by itself: a person looks at the bank's side and decides. A file that comes
again under a name that has a fate is set aside in `repeated/`. The fate is on the disk before the journal has
it, and the file moves last: a crash in between only journals it again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter

from wallet_service.platform import failpoints as failpoints
from wallet_service.treasury.errors import HandoverNotWaiting
from wallet_service.treasury.inbox import waiting_files
from wallet_service.treasury.payouts.outbox import FOLDER_MODE, Fate, undecided, write_whole
from wallet_service.treasury.transport.commands import CommandEnd
from wallet_service.treasury.transport.ports import Record

SENDING, REPEATED = "sending", "repeated"
PAYOUT_ACT, CHECK_ACT = "payout.handover", "payout.check"
#: The return codes of EBICS, as clients print them (EBICS 3.0, annex 1): no personal data.
_EBICS_CODE = re.compile(r"\b0[69][0-9]{4}\b")
MAX_CODES = 8

log = structlog.get_logger(__name__)
HANDOVERS = Counter("alba_payout_handovers_total", "Payout files handed to the bank's client", ["fate"])


@dataclass(frozen=True)
class SendingRules:
    """`not_sent_exit_codes`: so the client says that nothing left; 0: sent; any other proves nothing."""

    not_sent_exit_codes: frozenset[int]


class Outgoing:
    """Owns the folders beside the outbox. One process at a time: the caller holds the lock.

    `act`: what the journal calls a handing over, before its fate.
    """

    def __init__(
        self,
        outbox: Path,
        send: Callable[[Path], CommandEnd],
        rules: SendingRules,
        record: Record,
        act: str = PAYOUT_ACT,
    ) -> None:
        self._act = act
        self._outbox = outbox
        self._send = send
        self._rules = rules
        self._record = record

    def hand_over(self) -> int:
        """Ends what an earlier round left, then hands over every file that waits; returns how many."""
        self._settle_leftovers()
        waiting = sorted(path for path in waiting_files(self._outbox) if path.name.endswith(".xml"))
        return sum(self._hand_over_one(path) for path in waiting)

    def _hand_over_one(self, path: Path) -> bool:
        if any((self._outbox / where / path.name).exists() for where in (SENDING, *Fate)):
            _move(path, self._outbox / REPEATED)
            log.warning(f"{self._act}_repeated", file=path.name)
            self._record(f"{self._act}_repeated", path.name, None, {})
            return False
        try:
            sending = _move(path, self._outbox / SENDING)
        except FileNotFoundError:
            return False  # an officer has withheld it since it was listed
        failpoints.reach("payout.before_command")
        end = self._send(sending)
        failpoints.reach("payout.after_command")
        self._note(sending, self._fate_of(end), end)
        self._finish(sending)
        return True

    def _fate_of(self, end: CommandEnd) -> Fate:
        if not end.has_started or end.exit_code in self._rules.not_sent_exit_codes:
            return Fate.FAILED
        return Fate.SENT if end.exit_code == 0 else Fate.UNKNOWN

    def _note(self, sending: Path, fate: Fate, end: CommandEnd) -> None:
        """The first line is the fate, the second what the journal keeps, the rest what the client said."""
        codes = " ".join(list(dict.fromkeys(_EBICS_CODE.findall(end.stderr)))[:MAX_CODES])
        write_whole(_note_of(sending), f"{fate}\n{_shown_code(end)} {codes}\n{end.stderr}".encode())

    def _settle_leftovers(self) -> None:
        folder = self._outbox / SENDING
        if not folder.is_dir():
            return
        for path in sorted(waiting_files(folder)):
            if path.name.endswith(".xml"):
                if not _note_of(path).exists():  # the program that waited for the client's word is gone
                    self._note(path, Fate.UNKNOWN, CommandEnd(True, None, ""))
                self._finish(path)

    def _finish(self, sending: Path) -> None:
        fate_line, told, *_said = _note_of(sending).read_text("utf-8").split("\n")
        fate = Fate(fate_line)
        exit_code, *codes = told.split()
        self._record(f"{self._act}_{fate}", sending.name, None, {"exit": exit_code, "codes": codes})
        if self._act == PAYOUT_ACT:
            HANDOVERS.labels(str(fate)).inc()
        (log.info if fate is Fate.SENT else log.error)(self._act, file=sending.name, fate=str(fate))
        note = _note_of(sending)
        _move(sending, self._outbox / fate)
        _move(note, self._outbox / fate)


class Handovers:
    """What a person decides about files whose handing over failed or is unknown."""

    def __init__(self, outbox: Path, record: Record) -> None:
        self._outbox = outbox
        self._record = record

    def undecided(self) -> Sequence[tuple[Fate, str]]:
        """The files that wait for a person: fate and name."""
        return undecided(self._outbox)

    def decide(self, name: str, *, was_sent: bool, ground: str) -> None:
        """The bank has it (`was_sent`), or surely not: then it is handed over again.

        Raises HandoverNotWaiting.
        """
        fate = next((fate for fate, waiting in self.undecided() if waiting == name), None)
        if fate is None:
            raise HandoverNotWaiting()
        path = self._outbox / fate / name
        self._record(
            "payout.handover_decided",
            name,
            ground,
            {"was": str(fate), "now": "sent" if was_sent else "again"},
        )
        note = _note_of(path)
        if was_sent:
            _move(path, self._outbox / Fate.SENT)
            _move(note, self._outbox / Fate.SENT)
        else:
            note.unlink(missing_ok=True)
            _move(path, self._outbox)


def _shown_code(end: CommandEnd) -> str:
    if not end.has_started:
        return "not_started"
    return "ended_by_us" if end.exit_code is None else str(end.exit_code)


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.txt")


def _move(path: Path, folder: Path) -> Path:
    """Renamed within one file system, both folders synced: after a crash it is in exactly one of them."""
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    target = folder / path.name
    path.replace(target)
    for each in (folder, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return target
