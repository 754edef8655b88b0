"""The make-believe bank of the demonstration: its book, what people ask of it, and the files it writes.

It is another party: it knows its own book, the payout files it is handed and the transfers people make, never
the service's database. What it can do is what banks do: book transfers singly or as a batch, tell an instant
one at once, carry out standing orders, send back, take back, and send a statement again.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import defusedxml.ElementTree
from schwifty import IBAN

from scripts.camt053_writer import (
    BANK_TIME_ZONE,
    Detail,
    Entry,
    StatementFacts,
    write_notification,
    write_statement,
)
from scripts.cfonb120_writer import write_cfonb120
from scripts.demo_book import (
    DEFAULT_NAME,
    Book,
    BookedCredit,
    Credit,
    PaidTransfer,
    StandingTransfer,
    locked_book,
    save,
)
from scripts.mt940_writer import write_mt940
from scripts.pain002_writer import NameMatch, write_name_check
from wallet_service.protocol.text.money import parse_amount
from wallet_service.topups.rhythm import due_in
from wallet_service.treasury.payouts.outbox import write_whole

RETURN_REASON = "AC04"  # ISO 20022: closed account
#: An invented bank's, where make-believe payers have their accounts.
PAYERS_BANK, PAYERS_BRANCH = "99999", "00001"
ACCOUNT_DIGITS = 11
STANDING_ORDER_TEXT = "VIREMENT PERMANENT"
#: So many credits are remembered, to be taken back.
MAX_CREDITS_KEPT = 500

Form = Literal["camt.053", "cfonb120", "mt940"]
FORMS: tuple[Form, ...] = ("camt.053", "cfonb120", "mt940")
#: How a day's transfers are booked: each alone, as one entry with its parts, as a sum that tells one part.
Booking = Literal["singly", "batch", "sum"]
BOOKINGS: tuple[Booking, ...] = ("singly", "batch", "sum")


class BankDayError(Exception):
    """A sentence for the person at the keyboard."""


@dataclass(frozen=True)
class BankDay:
    """What happens beside plain credits and payouts.

    Attributes:
        returns: end-to-end ids of payouts it had paid, sent back.
        reversals: references of credits taken back; the last credit that had each.
    """

    returns: Sequence[str] = ()
    reversals: Sequence[str] = ()
    booking: Booking = "singly"
    form: Form = "camt.053"


@dataclass(frozen=True)
class DayReport:
    """What one statement holds; `path` is the file dropped in the inbox."""

    path: Path
    credits_count: int
    credits_cents: int
    paid_count: int
    paid_cents: int
    returned_count: int
    taken_back_count: int
    balance_cents: int


class DemoBank:
    """Keeps `ledger.json` and `expected/` in `folder`.

    Reads payout files from `outbox`, drops statements in `inbox`.
    """

    def __init__(self, folder: Path, inbox: Path, outbox: Path, iban: str) -> None:
        self._folder = folder
        self._inbox = inbox
        self._outbox = outbox
        self._iban = iban

    def make_statement(
        self,
        credits: Sequence[Credit] = (),
        returns: Sequence[str] = (),
        at_unix_s: int | None = None,
        day: BankDay | None = None,
    ) -> DayReport:
        """Books these credits, those told or standing, every payout file waiting and what `day` says.

        `at_unix_s` is when the bank writes it, now by default, always after the one before. Raises
        BankDayError for a return of something never paid, or a reversal of a credit that never came.
        """
        day = day or BankDay()
        with locked_book(self._folder) as book:
            written = _moment(at_unix_s, book.last_statement_unix_s + 1)
            opening_cents = book.balance_cents
            arriving = [*credits, *_due(book, written.date())]
            told = [_credit_entry(each) for each in book.told]
            entries = told + self._booked(book, written, arriving, day.booking)
            payouts, taken = self._payouts(book, written)
            back = [self._return(book, written, each) for each in (*returns, *day.returns)]
            reversed_ = [self._reversal(book, written, each) for each in day.reversals]
            entries += payouts + back + reversed_
            book.told = []
            book.balance_cents += sum(entry.signed_cents for entry in entries)
            facts = self._facts(book, written, opening_cents, entries)
            path = self._inbox / f"{facts.statement_id}.{_ENDINGS[day.form]}"
            book.last_statement_unix_s = int(written.timestamp())
            book.last_file = path.name
            save(self._folder, book)
            content = _WRITERS[day.form](facts)
            write_whole(self._folder / "last_statement", content)
            write_whole(path, content)
            for file in taken:
                (self._outbox / "taken").mkdir(0o700, exist_ok=True)
                file.replace(self._outbox / "taken" / file.name)
        return DayReport(
            path=path,
            credits_count=len(told) + len(arriving),
            credits_cents=sum(entry.amount_cents for entry in told)
            + sum(credit.amount_cents for credit in arriving),
            paid_count=sum(len(entry.details) for entry in payouts),
            paid_cents=sum(entry.amount_cents for entry in payouts),
            returned_count=len(back),
            taken_back_count=len(reversed_),
            balance_cents=facts.closing_cents,
        )

    def tell(self, credit: Credit, at_unix_s: int | None = None) -> Path:
        """An instant transfer: told at once in a notification, and again by the next statement."""
        with locked_book(self._folder) as book:
            written = _moment(at_unix_s, book.last_statement_unix_s + 1)
            booked = self._book_credit(book, written, credit)
            book.told.append(booked)
            facts = self._facts(book, written, book.balance_cents, [_credit_entry(booked)])
            save(self._folder, book)
            path = self._inbox / f"{facts.statement_id}.camt.054.xml"
            write_whole(path, write_notification(facts))
        return path

    def stand(self, credit: Credit, day_of_month: int, at_unix_s: int | None = None) -> None:
        """From now on that transfer is carried out each month, the first time when its day next comes."""
        with locked_book(self._folder) as book:
            since_on = _moment(at_unix_s, 0).date().isoformat()
            book.standing[credit.reference] = StandingTransfer(credit, day_of_month, since_on)
            save(self._folder, book)

    def send_again(self) -> Path:
        """The last statement once more, byte for byte. Raises BankDayError before the first."""
        with locked_book(self._folder) as book:
            if not book.last_file:
                raise BankDayError("no statement has been sent yet")
            path = self._inbox / f"again-{book.last_file}"
            write_whole(path, (self._folder / "last_statement").read_bytes())
        return path

    def answer_checks(self, checks: Path, first: NameMatch) -> list[Path]:
        """Its word on the names in every file it was only asked to check; `first` of the first in each."""
        answered = []
        for asked in sorted(checks.glob("*.xml")):
            message_id, transfers = read_payout(asked.read_bytes())
            matches: dict[str, tuple[NameMatch, str]] = dict.fromkeys(transfers, ("MTCH", ""))
            for end_to_end_id, paid in list(transfers.items())[:1]:
                matches[end_to_end_id] = (first, "" if first == "MTCH" else _as_known(paid.name, first))
            path = self._inbox / f"{message_id}.pain.002.xml"
            write_whole(path, write_name_check(message_id, _moment(None, 0), matches))
            (checks / "taken").mkdir(0o700, exist_ok=True)
            asked.replace(checks / "taken" / asked.name)
            answered.append(path)
        return answered

    def last_paid(self) -> str:
        """The end-to-end id of the last payout that was not sent back. Raises BankDayError without one."""
        with locked_book(self._folder) as book:
            for end_to_end_id, paid in reversed(book.paid.items()):
                if not paid.returned:
                    return end_to_end_id
        raise BankDayError("no payout was paid that could come back")

    def last_reference(self) -> str:
        """Of the last credit that named one and was not taken back. Raises BankDayError without one."""
        with locked_book(self._folder) as book:
            for booked in reversed(book.credits):
                if booked.credit.reference and not booked.taken_back:
                    return booked.credit.reference
        raise BankDayError("no credit came that could be taken back")

    def take_expected(self) -> list[Credit]:
        """The transfers people announced, each once."""
        credits = []
        for path in sorted((self._folder / "expected").glob("*.json")):
            stored = json.loads(path.read_text(encoding="utf-8"))
            credits.append(
                Credit(
                    str(stored["reference"]),
                    int(stored["amount_cents"]),
                    str(stored.get("name", DEFAULT_NAME)),
                )
            )
            path.unlink()
        return credits

    def _facts(
        self, book: Book, written: datetime.datetime, opening_cents: int, entries: Sequence[Entry]
    ) -> StatementFacts:
        number = book.next_number
        book.next_number += 1
        return StatementFacts(
            iban=self._iban,
            statement_id=f"{written:%Y%m%d}-{number:05d}",
            number=number,
            written=written,
            opening_cents=opening_cents,
            closing_cents=book.balance_cents,
            entries=tuple(entries),
        )

    def _booked(
        self, book: Book, written: datetime.datetime, credits: Sequence[Credit], booking: Booking
    ) -> list[Entry]:
        singly = [_credit_entry(self._book_credit(book, written, credit)) for credit in credits]
        if booking == "singly" or len(singly) < 2:
            return singly
        details = tuple(detail for entry in singly for detail in entry.details)
        return [replace(singly[0], details=details, details_shown=1 if booking == "sum" else None)]

    def _book_credit(self, book: Book, written: datetime.datetime, credit: Credit) -> BookedCredit:
        booked = BookedCredit(_next_reference(book), written.date().isoformat(), credit)
        book.credits = [*book.credits, booked][-MAX_CREDITS_KEPT:]
        return booked

    def _payouts(self, book: Book, written: datetime.datetime) -> tuple[list[Entry], list[Path]]:
        """One debit for each file, with a detail for each transfer.

        A message id seen before is not paid again.
        """
        entries, taken = [], []
        for path in sorted(self._outbox.glob("*.pain.001.xml")):
            message_id, transfers = read_payout(path.read_bytes())
            taken.append(path)
            if message_id in book.messages:
                continue
            book.messages.append(message_id)
            details = tuple(
                Detail(
                    amount_cents=paid.amount_cents,
                    name=paid.name,
                    iban=paid.iban,
                    end_to_end_id=end_to_end_id,
                )
                for end_to_end_id, paid in transfers.items()
            )
            book.paid.update(transfers)
            entry = Entry(_next_reference(book), "DBIT", written.date(), details)
            entries.append(replace(entry, batch_message_id=message_id))
        return entries, taken

    def _return(self, book: Book, written: datetime.datetime, end_to_end_id: str) -> Entry:
        paid = book.paid.get(end_to_end_id)
        if paid is None or paid.returned:
            raise BankDayError(f"no transfer {end_to_end_id} was paid, or it was sent back already")
        book.paid[end_to_end_id] = replace(paid, returned=True)
        detail = Detail(
            amount_cents=paid.amount_cents,
            name=paid.name,
            iban=paid.iban,
            end_to_end_id=end_to_end_id,
            return_reason=RETURN_REASON,
        )
        return Entry(_next_reference(book), "CRDT", written.date(), (detail,))

    def _reversal(self, book: Book, written: datetime.datetime, reference: str) -> Entry:
        for index, booked in reversed(list(enumerate(book.credits))):
            if booked.credit.reference == reference and not booked.taken_back:
                book.credits[index] = replace(booked, taken_back=True)
                entry = _credit_entry(booked)
                return replace(entry, direction="DBIT", booked_on=written.date(), is_reversal=True)
        raise BankDayError(f"no credit with the reference {reference} came, or it was taken back already")


_ENDINGS: dict[Form, str] = {"camt.053": "camt.053.xml", "cfonb120": "cfonb120.txt", "mt940": "mt940.txt"}
_WRITERS = {"camt.053": write_statement, "cfonb120": write_cfonb120, "mt940": write_mt940}


def _credit_entry(booked: BookedCredit) -> Entry:
    detail = Detail(
        amount_cents=booked.credit.amount_cents,
        name=booked.credit.name,
        iban=account_of(booked.credit.name),
        end_to_end_id=booked.end_to_end_id,
        structured_reference=booked.credit.reference or None,
        text=booked.credit.text,
    )
    return Entry(booked.entry_reference, "CRDT", datetime.date.fromisoformat(booked.day), (detail,))


def account_of(name: str) -> str:
    """The invented account of a make-believe payer, always the same; its check digits are right."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 10**ACCOUNT_DIGITS
    code = f"{number:0{ACCOUNT_DIGITS}d}"
    return str(
        IBAN.generate("FR", bank_code=PAYERS_BANK, branch_code=PAYERS_BRANCH, account_code=code).compact
    )


def _as_known(name: str, match: NameMatch) -> str:
    """The name the bank has for the account: the same with its words turned, or somebody else's."""
    return " ".join(reversed(name.split())) if match == "CMTC" else "Camille Autre"


def _due(book: Book, today: datetime.date) -> list[Credit]:
    """The standing transfers whose day has come since they were last carried out."""
    due = []
    for key, standing in book.standing.items():
        month = today.year * 12 + today.month - 1
        while (due_on := due_in(month, standing.day_of_month)) > today:
            month -= 1
        if due_on.isoformat() < standing.since_on or due_on.isoformat() <= standing.last_on:
            continue
        book.standing[key] = replace(standing, last_on=today.isoformat())
        due.append(replace(standing.credit, text=STANDING_ORDER_TEXT))
    return due


def _next_reference(book: Book) -> str:
    reference = f"BQ{book.next_entry:010d}"
    book.next_entry += 1
    return reference


def _moment(at_unix_s: int | None, earliest_unix_s: int) -> datetime.datetime:
    now_unix_s = at_unix_s or int(datetime.datetime.now(datetime.UTC).timestamp())
    return datetime.datetime.fromtimestamp(max(now_unix_s, earliest_unix_s), BANK_TIME_ZONE)


def read_payout(content: bytes) -> tuple[str, dict[str, PaidTransfer]]:
    """Message id, and the transfers by end-to-end id, of a pain.001 file of any version."""
    root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    transfers = {}
    for node in root.iterfind(".//{*}CdtTrfTxInf"):
        amount = node.findtext("{*}Amt/{*}InstdAmt") or ""
        transfers[node.findtext("{*}PmtId/{*}EndToEndId") or ""] = PaidTransfer(
            amount_cents=parse_amount(amount),
            name=node.findtext("{*}Cdtr/{*}Nm") or "",
            iban=node.findtext("{*}CdtrAcct/{*}Id/{*}IBAN") or "",
        )
    return root.findtext(".//{*}GrpHdr/{*}MsgId") or "", transfers
