"""Bank entries as officers look for them and see them. Data only: opened elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wallet_service.protocol.text.lines import plain

#: Why an entry waits that has no reason of its own: it was looked at, and nothing fits.
UNTOLD_REASONS = {"CRDT": "no_reference", "DBIT": "unknown_debit"}

#: Why the movements of a held report wait.
HELD_REASONS = ("repeated", "corrected")

Among = Literal["waiting", "to_return", "all"]


@dataclass(frozen=True)
class HeldLine:
    """A movement of a held report; `reference`: what it says it is for, where the bank gave it a field."""

    booked_on: str
    direction: str
    amount_cents: int
    reference: str | None


@dataclass(frozen=True)
class EntryPart:
    """One transfer of a batch as the bank tells it, None where it said nothing.

    `direction`: its own, where it is not the whole entry's.
    """

    amount_cents: int | None
    direction: str | None
    counterparty_name: str
    counterparty_iban: str
    references: Mapping[str, str]
    structured: tuple[str, ...]
    texts: tuple[str, ...]
    charges_cents: int | None

    @property
    def messages(self) -> tuple[str, ...]:
        return (*self.structured, *self.texts)


@dataclass(frozen=True)
class EntryDetails:
    """What is sealed of an entry. `references`: the bank's names for it, by kind (bank.reported)."""

    counterparty_name: str = ""
    counterparty_iban: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    structured: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    charges_cents: int | None = None
    parts: tuple[EntryPart, ...] = ()

    @staticmethod
    def from_bytes(data: bytes) -> EntryDetails:
        """Raises ValueError, KeyError, TypeError or AttributeError when it is none.

        What was sealed before 0007 has one `remittance` instead of texts.
        """
        told = json.loads(data)
        texts = told["texts"] if "texts" in told else [told["remittance"]]
        return EntryDetails(
            counterparty_name=told["name"],
            counterparty_iban=told["iban"],
            references=dict(told.get("references", {})),
            structured=tuple(told.get("structured", ())),
            charges_cents=told.get("charges_cents"),
            texts=tuple(text for text in texts if text),
            parts=tuple(_part(part) for part in told.get("parts", ())),
        )

    @property
    def messages(self) -> tuple[str, ...]:
        """What the payer said, in the order of the bank."""
        return (*self.structured, *self.texts)

    def holds(self, words: str) -> bool:
        """Whether each of these words is somewhere in it, or all of them without their spaces.

        Accents, case and order do not count; references and accounts are found with and without spaces.
        """
        told = plain(" ".join(self._all_texts()))
        asked = plain(words)
        run = _compact(asked)
        return all(word in told for word in asked.split()) or (run != "" and run in _compact(told))

    def _all_texts(self) -> Iterator[str]:
        told: tuple[EntryDetails | EntryPart, ...] = (self, *self.parts)
        for each in told:
            yield from (each.counterparty_name, each.counterparty_iban)
            yield from (*each.references.values(), *each.messages)


@dataclass(frozen=True)
class BankEntry:
    """An entry as the console sees it, personal details opened. `direction`: CRDT in, DBIT out.

    Attributes:
        given_cents: what officers have given of it to members so far, part by part.
        reason: why it waits, or waited: a code (bank.statement.Reason, or of UNTOLD_REASONS).
        file_name, statement_id: where it came from; `statement_row_id` is our own id of that report.
        is_readable: False when its sealed details do not open.
        is_to_return: an officer has set it, or its member's part, aside for its payer.
    """

    id: str
    direction: str
    amount_cents: int
    given_cents: int
    booked_on: str
    state: str
    reason: str
    structured_reference: str | None
    details: EntryDetails
    file_name: str
    statement_id: str
    statement_row_id: str
    is_readable: bool = True
    is_to_return: bool = False

    @property
    def rest_cents(self) -> int:
        """What of a waiting credit nobody has been given yet."""
        return self.amount_cents - self.given_cents

    @property
    def is_waiting(self) -> bool:
        return self.state == "unmatched"

    def holds(self, words: str) -> bool:
        """Whether they are in its details, or name it by what is not sealed: its reference, its statement."""
        run = _compact(plain(words))
        named = (self.structured_reference or "", self.statement_id)
        return self.details.holds(words) or (
            run != "" and any(run in _compact(plain(text)) for text in named)
        )


@dataclass(frozen=True)
class EntryQuery:
    """What an officer looks for; empty fields ask nothing.

    Attributes:
        words: part of a name, a text, a reference or an account.
        since, until: ISO dates, both within.
        among: what waits (oldest first), what is to be sent back to its payer, or every entry of every file
            (newest first).
        after: where the last page ended, as its `next` said.
    """

    words: str = ""
    amount_cents: int | None = None
    since: str = ""
    until: str = ""
    direction: str = ""
    reason: str = ""
    among: Among = "waiting"
    after: str = ""


@dataclass(frozen=True)
class EntryPage:
    """`next` goes on behind the last row looked at, None at the end.

    `is_cut`: texts are opened a bounded number a look, and this look ended before its page was full.
    """

    entries: tuple[BankEntry, ...]
    next: str | None
    is_cut: bool = False


@dataclass(frozen=True)
class ReasonSum:
    """How many entries wait for one reason, and what of them is not given yet."""

    reason: str
    count: int
    rest_cents: int


def _part(told: Mapping[str, Any]) -> EntryPart:
    return EntryPart(
        amount_cents=told["amount_cents"],
        direction=told["direction"],
        charges_cents=told["charges_cents"],
        counterparty_name=told["name"],
        counterparty_iban=told["iban"],
        references=dict(told["references"]),
        structured=tuple(told["structured"]),
        texts=tuple(text for text in told["texts"] if text),
    )


def _compact(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
