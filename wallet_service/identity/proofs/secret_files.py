"""Files of the settings that hold a provider's secrets: read once, by this program's user alone."""

from __future__ import annotations

import stat
from pathlib import Path


class ProviderKeyUnusable(Exception):
    """A file of the settings does not hold what it should. The sentence says which."""


def read_private(path: Path) -> bytes:
    """Raises ProviderKeyUnusable rather than take a secret that others may read."""
    try:
        mode, content = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
    except OSError as error:
        raise ProviderKeyUnusable(f"{path} cannot be read") from error
    if mode & 0o077:
        raise ProviderKeyUnusable(f"{path} is readable by others (mode {mode:04o}): run `chmod 600` on it")
    return content


def read_line(path: Path) -> str:
    """One line. Raises ProviderKeyUnusable."""
    try:
        lines = read_private(path).decode().split()
    except UnicodeDecodeError as error:
        raise ProviderKeyUnusable(f"{path} does not hold one line") from error
    if len(lines) != 1:
        raise ProviderKeyUnusable(f"{path} does not hold one line without spaces")
    return lines[0]
