"""Whether the bank's files come in and go out: by the folders and SQL, whichever process does the round."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import reading
from wallet_service.treasury.inbox import waiting_files
from wallet_service.treasury.payouts import repository
from wallet_service.treasury.payouts.outbox import undecided

#: A round comes every second and takes a file that rests; an approved payout is written at once.
TAKEN_WITHIN_S = 30.0


class BankWatch:
    """One look at a time: what was there at the look before is remembered."""

    def __init__(
        self, engine: Engine, inbox: Path, outbox: Path, passing_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._inbox = inbox
        self._outbox = outbox
        self._passing_s = passing_s
        self._since_s: dict[str, float] = {}

    def is_well(self) -> bool:
        """The folders can be used, nothing waits in them, and no payout's handing over waits for a person.

        Raises OSError when one cannot be read.
        """
        if self._outbox.exists() and not os.access(self._outbox, os.R_OK | os.W_OK | os.X_OK):
            return False
        if self._outbox.exists() and not self._outbox.is_dir():
            return False
        if undecided(self._outbox):
            return False
        now_s = self._passing_s()
        waiting = {*(f"in/{path.name}" for path in waiting_files(self._inbox)), *self._unwritten()}
        self._since_s = {name: self._since_s.get(name, now_s) for name in waiting}
        return all(now_s - since_s <= TAKEN_WITHIN_S for since_s in self._since_s.values())

    def _unwritten(self) -> set[str]:
        with reading(self._engine) as connection:
            return {f"out/{name}" for name in repository.unwritten_names(connection)}
