"""The folder the bank takes payout files from. Owns how a file appears in it, is withheld, and comes back.

Which of the three it is can be read from the disk alone: there under its name (the bank may take it), there
under a hidden name (withheld), or gone (the bank has it).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700
WITHHELD = ".withheld"


class Fate(StrEnum):
    """What became of a payout file that was handed over; also the folder it then lies in."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


#: Fates a person ends.
UNDECIDED = (Fate.FAILED, Fate.UNKNOWN)


def undecided(folder: Path) -> Sequence[tuple[Fate, str]]:
    """The files whose handing over waits for a person: fate and name."""
    return [(fate, path.name) for fate in UNDECIDED for path in sorted((folder / fate).glob("*.xml"))]


def write_whole(path: Path, content: bytes) -> None:
    """A reader of the folder sees the whole file or none: written aside, synced, then renamed."""
    path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def withhold(path: Path) -> bool:
    """Takes the file out of the bank's reach; False when the bank has taken it. Repeating changes nothing."""
    return _moved(path, _withheld(path)) or _withheld(path).exists()


def restore(path: Path) -> bool:
    """Puts a withheld file back; False when there was none."""
    return _moved(_withheld(path), path)


def destroy_withheld(path: Path) -> None:
    """For a file that is cancelled."""
    _withheld(path).unlink(missing_ok=True)


def discard(folder: Path, pattern: str) -> None:
    """Files that nobody has taken and nobody shall take any more."""
    for path in folder.glob(pattern) if folder.is_dir() else ():
        path.unlink(missing_ok=True)


def withheld_names(folder: Path) -> set[str]:
    """The names of the files that are withheld."""
    found = folder.glob(f".*{WITHHELD}") if folder.is_dir() else ()
    return {path.name.removeprefix(".").removesuffix(WITHHELD) for path in found}


def _withheld(path: Path) -> Path:
    return path.with_name(f".{path.name}{WITHHELD}")


def _moved(source: Path, target: Path) -> bool:
    try:
        source.rename(target)
    except FileNotFoundError:
        return False
    _sync_folder(source.parent)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
