"""The book of the demonstration's make-believe bank: what it remembers between two runs. A file, locked."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wallet_service.treasury.payouts.outbox import write_whole

BOOK_FILE = "ledger.json"
DEFAULT_NAME = "CLIENT DE DEMONSTRATION"


@dataclass(frozen=True)
class Credit:
    """A transfer somebody makes to the reserve account. `text` is used when there is no reference."""

    reference: str
    amount_cents: int
    name: str = DEFAULT_NAME
    text: str = ""


@dataclass(frozen=True)
class PaidTransfer:
    amount_cents: int
    name: str
    iban: str
    returned: bool = False


@dataclass(frozen=True)
class BookedCredit:
    """A credit the bank has in its book. `day`: ISO date of the booking."""

    entry_reference: str
    day: str
    credit: Credit
    taken_back: bool = False

    @property
    def end_to_end_id(self) -> str:
        return f"VIR-{self.entry_reference}"


@dataclass(frozen=True)
class StandingTransfer:
    """A transfer somebody lets the bank repeat. `last_on`: ISO date it was last carried out, "" before."""

    credit: Credit
    day_of_month: int
    since_on: str
    last_on: str = ""


@dataclass
class Book:
    """All the bank remembers of the account."""

    balance_cents: int = 0
    next_number: int = 1
    next_entry: int = 1
    last_statement_unix_s: int = 0
    messages: list[str] = field(default_factory=list)
    paid: dict[str, PaidTransfer] = field(default_factory=dict)
    credits: list[BookedCredit] = field(default_factory=list)
    #: Told by a notification, not in a statement yet.
    told: list[BookedCredit] = field(default_factory=list)
    standing: dict[str, StandingTransfer] = field(default_factory=dict)
    last_file: str = ""


@contextmanager
def locked_book(folder: Path) -> Iterator[Book]:
    """The book of that folder, nobody else's until the block ends; what is not saved is forgotten."""
    folder.mkdir(0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _loaded(folder)


def save(folder: Path, book: Book) -> None:
    write_whole(folder / BOOK_FILE, json.dumps(asdict(book), indent=1).encode())


def _loaded(folder: Path) -> Book:
    try:
        stored = json.loads((folder / BOOK_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Book()
    stored["paid"] = {key: PaidTransfer(**value) for key, value in stored["paid"].items()}
    stored["standing"] = {
        key: StandingTransfer(**{**value, "credit": Credit(**value["credit"])})
        for key, value in stored["standing"].items()
    }
    for name in ("credits", "told"):
        stored[name] = [_stored_credit(value) for value in stored[name]]
    return Book(**stored)


def _stored_credit(stored: dict[str, Any]) -> BookedCredit:
    return BookedCredit(**{**stored, "credit": Credit(**stored["credit"])})
