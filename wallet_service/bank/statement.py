"""What a bank statement says, free of XML: frozen facts in cents. Owns the checks that need no database.

Must not know files, tables or members.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from wallet_service.bank.errors import SumMismatch

Direction = Literal["CRDT", "DBIT"]


@dataclass(frozen=True)
class EntryLine:
    """One movement of money: a booked entry, or one line of an entry the bank booked as a batch.

    Attributes:
        entry_reference: the bank's own (AcctSvcrRef), the same in every file that repeats the entry.
        line: 0 for an entry that stands alone, else 1, 2, ... inside its batch.
        amount_cents: always positive; `direction` gives the sign (CRDT: euros came in).
        batch_message_id: for a payout booked as one sum without its lines, the message id of our own file.
        return_reason: the bank's reason code when this is a transfer sent back, "" when it gave none.
        remittance, counterparty_name, counterparty_iban: personal, to be sealed before they are kept.
    """

    entry_reference: str
    line: int
    direction: Direction
    amount_cents: int
    booked_on: str
    end_to_end_id: str | None = None
    batch_message_id: str | None = None
    return_reason: str | None = None
    structured_references: tuple[str, ...] = ()
    remittance: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""

    @property
    def signed_cents(self) -> int:
        return self.amount_cents if self.direction == "CRDT" else -self.amount_cents

    def key(self, iban: str) -> str:
        """What makes this movement unique for ever, in whatever file it comes again."""
        return f"{iban}:{self.entry_reference}:{self.line}"


@dataclass(frozen=True)
class Statement:
    """One account's movements between two balances. `as_of_unix_s` is when the closing balance was true."""

    message_id: str
    statement_id: str
    iban: str
    opening_cents: int
    closing_cents: int
    as_of_unix_s: int
    lines: tuple[EntryLine, ...]

    def check_sum(self) -> None:
        """Raises SumMismatch unless opening + credits - debits = closing."""
        expected_cents = self.opening_cents + sum(line.signed_cents for line in self.lines)
        if expected_cents != self.closing_cents:
            raise SumMismatch(expected_cents=expected_cents, closing_cents=self.closing_cents)

    def content_hash(self) -> str:
        """SHA-256, as a 0x word, of what the statement says about money. Nothing personal goes into it: it is
        published on chain as the proof of which statement an attestation rests on."""
        said = {
            "iban": self.iban,
            "statement": self.statement_id,
            "opening_cents": self.opening_cents,
            "closing_cents": self.closing_cents,
            "as_of_unix_s": self.as_of_unix_s,
            "lines": sorted((line.entry_reference, line.line, line.signed_cents) for line in self.lines),
        }
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return "0x" + hashlib.sha256(canonical.encode()).hexdigest()
