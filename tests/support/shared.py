"""What all test processes of one run share, as files: made once under a lock, then copied or read.

Owns the run's folder and the lock on each name in it. Nothing here knows what is made.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

#: Named by the process that starts a run (tests/conftest.py); its workers inherit it.
VARIABLE = "ALBA_TESTS_SHARED"


@functools.cache
def shared_folder() -> Path:
    """The run's folder; outside pytest one of this process's own, removed when it ends."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    folder = Path(tempfile.mkdtemp(prefix="alba-shared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, filled by `make` in the first process that asks for it.

    The others wait until it is whole; a `make` that raises leaves nothing, and the next one tries again.
    """
    folder, unfinished = shared_folder() / name, shared_folder() / f"{name}.unfinished"
    with (shared_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder
