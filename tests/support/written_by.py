"""Finds a process by the file it writes its words to: the node names no port and no folder of ours."""

from __future__ import annotations

import contextlib
from pathlib import Path


def pid_writing_to(log: Path) -> int:
    """The process whose standard output is `log`; 0 when there is none."""
    target = log.resolve()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "fd" / "1").readlink() == target:
                return int(folder.name)
    return 0
