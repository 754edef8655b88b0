"""Processes that others have started, as Linux lists them."""

from __future__ import annotations

from pathlib import Path

from wallet_service.platform.companion.tie import PROCESS_NAME


def is_running(pid: int) -> bool:
    """A zombie's work is over; its number waits for its parent."""
    try:
        return _stat(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def companions_of(pid: int) -> list[int]:
    """The processes of workers apart that this one has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_child = _stat(int(folder.name))[1] == str(pid)
            if is_child and (folder / "comm").read_text().strip() == PROCESS_NAME:
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _stat(pid: int) -> list[str]:
    """Its state, its parent and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
