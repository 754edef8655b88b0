"""Whether the disk takes what is written: by writing, since nothing else tells a full or read-only one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from prometheus_client import Gauge

PROBE_NAME = ".ready"
#: More than a block, so that the last few free blocks of a full disk do not pass for room.
PROBE_BYTES = 256 * 1024

FREE = Gauge("alba_disk_free_bytes", "Room on the disk of the data directory")


class DiskProbe:
    """One file in `folder`, written anew at each look beside the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def can_write(self) -> bool:
        """Raises OSError when the disk refuses."""
        FREE.set(shutil.disk_usage(self._folder).free)
        new = self._folder / f"{PROBE_NAME}.new"
        with new.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / PROBE_NAME)
        return True
