"""The files of the embedded node's saved states: written aside, synced, renamed; three are kept.

Owns the files only. What a whole state is, and when it is saved, is `embedded`'s.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import structlog

DUMPS_KEPT = 3

log = structlog.get_logger(__name__)


class Dumps:
    """The saved states in one folder, numbered as they come."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, content: bytes) -> Path:
        """Keep one more, atomically, and forget the oldest. Raises OSError when the disk refuses."""
        turn = max((_turn(path) for path in self._paths()), default=0) + 1
        path = self._directory / f"state-{turn:012d}.json"
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
        _sync_directory(self._directory)
        for old in self._paths()[:-DUMPS_KEPT]:
            old.unlink()
        return path

    def newest_whole(self) -> Path | None:
        """None when there is none. A torn one is passed over."""
        for path in reversed(self._paths()):
            try:
                content = json.loads(path.read_bytes())
            except ValueError:
                log.warning("chain.dump_torn", name=path.name)
                continue
            if isinstance(content, dict) and "accounts" in content:
                return path
        return None

    def _paths(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._directory.glob("state-*.json"), key=_turn)


def _turn(path: Path) -> int:
    digits = path.stem.removeprefix("state-")
    return int(digits) if digits.isdigit() else 0


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
