"""Bank entries as officers find and see them: pages without end and a search in sealed texts. Reads only.

A page goes on behind its last row (booking date and id), so it costs the same whichever it is. Amount, date,
direction and reason are asked of SQL; words are looked for in texts that are opened here, a bounded number
a look: a look that ends before its page is full says where the next one goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, or_, select

from wallet_service.database.tables.bank import bank_entries, bank_statements, topups
from wallet_service.database.unit_of_work import reading
from wallet_service.platform.push import Push
from wallet_service.platform.quarantine import RowKind
from wallet_service.protocol.text.lines import plain
from wallet_service.security.sealing import SealBroken, Sealer
from wallet_service.treasury.booking.details import details_field

PAGE_LENGTH = 50
#: Sealed texts opened in one look: some tenths of a second.
OPENED_PER_LOOK = 2_000
READ_AT_A_TIME = 500
MAX_WORDS_CHARACTERS = 80

#: Why an entry waits that has no reason of its own: it was looked at, and nothing fits.
UNTOLD_REASONS = {"CRDT": "no_reference", "DBIT": "unknown_debit"}

Among = Literal["waiting", "to_return", "all"]


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


class EntryFinder:
    """Opens what is sealed with the service's key; what does not open is shown without it and reported."""

    def __init__(self, engine: Engine, push: Push, sealer: Sealer) -> None:
        self._engine = engine
        self._push = push
        self._sealer = sealer

    def find(
        self, query: EntryQuery, page_length: int = PAGE_LENGTH, opened_at_most: int = OPENED_PER_LOOK
    ) -> EntryPage:
        """One page."""
        words = query.words.strip()[:MAX_WORDS_CHARACTERS]
        found: list[BankEntry] = []
        with reading(self._engine) as connection:
            last = None
            read_at_a_time = READ_AT_A_TIME if words else page_length + 1
            for row in islice(_rows(connection, query, read_at_a_time), opened_at_most):
                if len(found) == page_length:
                    return EntryPage(tuple(found), _mark(last))
                last = row
                entry = self.opened(row)
                if not words or entry.details.holds(words) or _is_named(entry, words):
                    found.append(entry)
            goes_on = last is not None and _is_more(connection, query, _mark(last))
        is_cut = goes_on and len(found) < page_length
        return EntryPage(tuple(found), _mark(last) if goes_on else None, is_cut)

    def one(self, entry_id: str) -> BankEntry | None:
        """An entry in whatever state."""
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(bank_entries.c.id == entry_id)).one_or_none()
        return None if row is None else self.opened(row)

    def waiting_by_reason(self) -> list[ReasonSum]:
        """Most frequent first."""
        columns = bank_entries.c
        rest_cents = func.sum(columns.amount_cents - columns.given_cents)
        query = (
            select(columns.direction, columns.reason, func.count(), rest_cents)
            .where(columns.state == "unmatched")
            .group_by(columns.direction, columns.reason)
        )
        sums: dict[str, ReasonSum] = {}
        with reading(self._engine) as connection:
            for direction, reason, count, cents in connection.execute(query):
                code = reason or UNTOLD_REASONS[direction]
                so_far = sums.get(code, ReasonSum(code, 0, 0))
                sums[code] = ReasonSum(code, so_far.count + count, so_far.rest_cents + int(cents))
        return sorted(sums.values(), key=lambda each: (-each.count, each.reason))

    def to_return(self) -> ReasonSum:
        """How many credits go back to their payers by a transfer made at the bank, and how much."""
        columns = bank_entries.c
        rests = select(func.coalesce(func.sum(columns.amount_cents - columns.given_cents), 0))
        given_up = select(func.coalesce(func.sum(topups.c.amount_cents), 0))
        with reading(self._engine) as connection:
            count = connection.execute(select(func.count()).where(_is_to_return())).scalar_one()
            cents = connection.execute(rests.where(columns.state == "resolved")).scalar_one()
            cents += connection.execute(given_up.where(topups.c.state == "returned")).scalar_one()
        return ReasonSum("to_return", int(count), int(cents))

    def opened(self, row: Row[Any]) -> BankEntry:
        details, is_readable = EntryDetails(), True
        if row.sealed_details is not None:
            try:
                opened = self._sealer.unseal_service(details_field(row.id), row.sealed_details)
                details = EntryDetails.from_bytes(opened)
            except (SealBroken, ValueError, KeyError, TypeError, AttributeError) as error:
                is_readable = False  # its amount and day are still shown
                self._push.quarantine.put_alone(RowKind.BANK_ENTRY, row.id, error)
        return BankEntry(
            id=row.id,
            direction=row.direction,
            amount_cents=row.amount_cents,
            given_cents=row.given_cents,
            booked_on=row.booked_on,
            state=row.state,
            reason=row.reason or UNTOLD_REASONS[row.direction],
            structured_reference=row.structured_reference,
            details=details,
            file_name=row.file_name,
            statement_id=row.statement_id,
            statement_row_id=row.bank_statement_id,
            is_to_return=bool(row.is_to_return),
            is_readable=is_readable,
        )


def _rows(connection: Connection, query: EntryQuery, read_at_a_time: int) -> Iterator[Row[Any]]:
    """Every row the query's plain conditions leave."""
    after = query.after
    while True:
        rows = connection.execute(_page(query, after, read_at_a_time)).all()
        yield from rows
        if len(rows) < read_at_a_time:
            return
        after = _mark(rows[-1])


def _is_more(connection: Connection, query: EntryQuery, after: str) -> bool:
    return connection.execute(_page(query, after, 1)).first() is not None


def _joined() -> Select[Any]:
    source = (
        bank_statements.c.file_name,
        bank_statements.c.statement_id,
        _is_to_return().label("is_to_return"),
    )
    return select(bank_entries, *source).join(
        bank_statements, bank_statements.c.id == bank_entries.c.bank_statement_id
    )


def _page(query: EntryQuery, after: str, length: int) -> Select[Any]:
    day, key = bank_entries.c.booked_on, bank_entries.c.id
    asked = _joined().where(*_conditions(query))
    last_day, parts, last_id = after.partition(".")
    is_newest_first = query.among != "waiting"
    if parts and is_newest_first:
        asked = asked.where(or_(day < last_day, and_(day == last_day, key < last_id)))
    elif parts:
        asked = asked.where(or_(day > last_day, and_(day == last_day, key > last_id)))
    order = (day.desc(), key.desc()) if is_newest_first else (day, key)
    return asked.order_by(*order).limit(length)


def _conditions(query: EntryQuery) -> Iterator[ColumnElement[bool]]:
    columns = bank_entries.c
    if query.among == "waiting":
        yield columns.state == "unmatched"
    if query.among == "to_return":
        yield _is_to_return()
    if query.amount_cents is not None:
        yield columns.amount_cents == query.amount_cents
    if query.since:
        yield columns.booked_on >= query.since
    if query.until:
        yield columns.booked_on <= query.until
    if query.direction:
        yield columns.direction == query.direction
    if query.reason in UNTOLD_REASONS.values():
        yield columns.reason.is_(None)
        yield columns.direction.in_([way for way, code in UNTOLD_REASONS.items() if code == query.reason])
    elif query.reason:
        yield columns.reason == query.reason


def _is_to_return() -> ColumnElement[bool]:
    """A credit set aside for its payer, whole or what was left of it, or one whose credit was given up."""
    given_up = select(topups.c.bank_entry_id).where(topups.c.state == "returned")
    return or_(bank_entries.c.state == "resolved", bank_entries.c.id.in_(given_up))


def _mark(row: Any) -> str:
    return f"{row.booked_on}.{row.id}"


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


def _is_named(entry: BankEntry, words: str) -> bool:
    """By what is not sealed: its structured reference, its statement."""
    run = _compact(plain(words))
    named = (entry.structured_reference or "", entry.statement_id)
    return run != "" and any(run in _compact(plain(text)) for text in named)


def _compact(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
