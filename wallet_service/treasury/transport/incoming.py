"""Files the bank has for us: fetched by the client into a folder of its own, then into the inbox, whole.

Each order (C53, C52 ..., or however the client calls a service of EBICS 3.0) has its own hidden folder, on
the inbox's file system; what lies in it when the client has ended well is renamed into the inbox. What a
client leaves behind when it fails is kept in `unfinished/`: the bank may not give it a second time.
"""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from wallet_service.treasury.payouts.outbox import FOLDER_MODE
from wallet_service.treasury.transport.commands import CommandEnd
from wallet_service.treasury.transport.ports import Record

FETCHING_PREFIX = ".fetching-"
UNFINISHED = "unfinished"
MAX_NAME_CHARACTERS = 80
_ODD_LETTER = re.compile(r"[^A-Za-z0-9._-]")

log = structlog.get_logger(__name__)


class Incoming:
    """Owns the hidden folders of the inbox. One process at a time: the caller holds the lock."""

    def __init__(
        self, inbox: Path, orders: tuple[str, ...], fetch: Callable[[str, Path], CommandEnd], record: Record
    ) -> None:
        self._inbox = inbox
        self._orders = orders
        self._fetch = fetch
        self._record = record
        self._failing: set[str] = set()

    def fetch_all(self) -> int:
        """Asks for every order, one after the other; returns how many files came into the inbox."""
        self._inbox.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        for left in sorted(self._inbox.glob(f"{FETCHING_PREFIX}*")):
            self._keep_unfinished(left)
        return sum(self._fetch_one(order) for order in self._orders)

    def _fetch_one(self, order: str) -> int:
        folder = Path(tempfile.mkdtemp(prefix=FETCHING_PREFIX, dir=self._inbox))
        end = self._fetch(order, folder)
        if end.exit_code != 0:
            log.error("bank.fetch_failed", order=order, exit_code=end.exit_code, has_started=end.has_started)
            if order not in self._failing:  # told once, not at every round of a long night
                self._failing.add(order)
                details: dict[str, object] = {"order": order, "exit": str(end.exit_code)}
                self._record("bank.fetch_failed", order, None, details)
            self._keep_unfinished(folder)
            return 0
        if order in self._failing:
            self._failing.discard(order)
            self._record("bank.fetch_mended", order, None, {"order": order})
        return self._bring_in(order, folder)

    def _bring_in(self, order: str, folder: Path) -> int:
        """Under names that meet no other file's, go by their time, and are not passed over by the inbox."""
        unique = f"{time.strftime('%Y%m%dT%H%M%S')}-{folder.name.removeprefix(FETCHING_PREFIX)}"
        fetched = sorted(path for path in folder.rglob("*") if stat.S_ISREG(path.lstat().st_mode))
        for number, path in enumerate(fetched, 1):
            path.replace(self._inbox / _plain(f"{unique}-{number}-{order}-{path.name}"))
        shutil.rmtree(folder)
        if fetched:
            log.info("bank.fetched", order=order, files=len(fetched))
            self._record("bank.fetched", order, None, {"order": order, "files": len(fetched)})
        return len(fetched)

    def _keep_unfinished(self, folder: Path) -> None:
        if not any(path.is_file() for path in folder.rglob("*")):
            shutil.rmtree(folder)
            return
        kept = self._inbox / UNFINISHED
        kept.mkdir(FOLDER_MODE, exist_ok=True)
        folder.replace(kept / folder.name.removeprefix("."))
        log.error("bank.fetch_unfinished", folder=folder.name)


def _plain(name: str) -> str:
    return _ODD_LETTER.sub("_", name)[:MAX_NAME_CHARACTERS].removesuffix(".part")
