"""The adapter that runs the operator's own EBICS client. Owns when it runs; what it says is the client's.

The bank's worker reads and writes the folders; this stands beside it in a worker of its own, because a
client takes as long as a bank does. A lock on a file in the outbox keeps two processes from handing over at
once; the system releases it with its holder.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.journal import SERVICE, Journal, Subject
from wallet_service.treasury.payouts.outbox import FOLDER_MODE
from wallet_service.treasury.transport.commands import CommandEnd, run
from wallet_service.treasury.transport.incoming import Incoming
from wallet_service.treasury.transport.outgoing import CHECK_ACT, Outgoing, SendingRules
from wallet_service.treasury.transport.ports import Record

LOCK = ".transport.lock"


@dataclass(frozen=True)
class ClientCommands:
    """The client's two commands as argument lists, with places to fill in.

    Attributes:
        fetch: `{order}` and `{folder}`; empty: nothing is fetched.
        send: `{order}` and `{file}`; empty: nothing is handed over.
        fetch_orders, send_order: as the client wants them: an order type (C53), or the words of a service.
        check_order: the order under which the bank checks the names in a file and executes nothing; empty:
            files for a check are not handed over.
        timeout_s: for each run of a command.
    """

    fetch: tuple[str, ...]
    send: tuple[str, ...]
    fetch_orders: tuple[str, ...]
    send_order: str
    check_order: str
    fetch_interval_s: float
    timeout_s: float
    rules: SendingRules

    def longest_round_s(self) -> float:
        """Every order fetched, one file handed over and one for a check, each with all its time."""
        return (len(self.fetch_orders) + 2) * self.timeout_s


class CommandTransport:
    """Hands over at every round, fetches at its interval."""

    def __init__(
        self,
        inbox: Path,
        outbox: Path,
        checks: Path,
        commands: ClientCommands,
        record: Record,
        passing_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox.resolve()
        self._commands = commands
        self._passing_s = passing_s
        self._outgoing = Outgoing(self._outbox, self._send, commands.rules, record)
        self._checks = Outgoing(checks.resolve(), self._send_check, commands.rules, record, CHECK_ACT)
        self._incoming = Incoming(inbox.resolve(), commands.fetch_orders, self._fetch, record)
        self._next_fetch_s = float("-inf")

    def exchange(self) -> int:
        with self._alone() as is_alone:
            if not is_alone:
                return 0
            moved = self._outgoing.hand_over() if self._commands.send else 0
            if self._commands.send and self._commands.check_order:
                moved += self._checks.hand_over()
            if self._commands.fetch and self._passing_s() >= self._next_fetch_s:
                self._next_fetch_s = self._passing_s() + self._commands.fetch_interval_s
                moved += self._incoming.fetch_all()
            return moved

    def _send(self, file: Path) -> CommandEnd:
        return self._send_as(self._commands.send_order, file)

    def _send_check(self, file: Path) -> CommandEnd:
        return self._send_as(self._commands.check_order, file)

    def _send_as(self, order: str, file: Path) -> CommandEnd:
        places = {"order": order, "file": str(file)}
        return run(self._commands.send, places, self._commands.timeout_s)

    def _fetch(self, order: str, folder: Path) -> CommandEnd:
        return run(self._commands.fetch, {"order": order, "folder": str(folder)}, self._commands.timeout_s)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        self._outbox.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        with (self._outbox / LOCK).open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def journaled(engine: Engine, journal: Journal) -> Record:
    """Writes what became of files into the journal, each in a commit of its own."""

    def record(act: str, name: str, ground: str | None, details: dict[str, object]) -> None:
        with UnitOfWork(engine) as work:
            journal.append(
                work.connection, SERVICE, act, Subject("bank_file", name), ground=ground, details=details
            )

    return record
