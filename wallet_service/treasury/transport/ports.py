"""What the bank's worker asks of whatever carries its files, and the adapter that carries nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

#: Journals an act: its code, the file or order it is about, its ground or None, details (nothing personal).
Record = Callable[[str, str, str | None, dict[str, object]], None]


class BankTransport(Protocol):
    """Between the bank and the two folders."""

    def exchange(self) -> int:
        """Hands over what waits in the outbox, brings into the inbox what the bank has.

        Returns how many files moved. May take as long as its commands may; one process does it at a time.
        """
        ...


class FolderTransport:
    """The folders are filled and emptied by somebody else's programs."""

    def exchange(self) -> int:
        return 0
