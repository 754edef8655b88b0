"""Reads CFONB 120 account statements ("relevé de compte sur support informatique", CFONB, July 2004).

Fixed records of 120 characters: 01 old balance, 04 movement, 05 complements of the movement before it, 07
new balance. Complements follow the CFONB's "Évolutions du relevé de compte 120 caractères" (March 2010).
Banks write ISO-8859-1 or UTF-8, with or without line ends, without trailing blanks, some with the French
EBCDIC letters for ``{`` and ``}``. Must not decide what a movement means.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from wallet_service.bank.errors import (
    AmountUnreadable,
    BalanceMissing,
    FileBroken,
    WrongCurrency,
)
from wallet_service.bank.reported import (
    AccountReport,
    Balance,
    Direction,
    Entry,
    References,
    TransferDetail,
    named,
)
from wallet_service.bank.statement import AMOUNT_UNREADABLE, proven
from wallet_service.protocol.text.lines import seen_of
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.territory.currency import LOCAL_ZONE

FORMAT = "cfonb120"
RECORD_CHARACTERS = 120
OLD_BALANCE, MOVEMENT, COMPLEMENT, NEW_BALANCE = RECORDS = ("01", "04", "05", "07")
CURRENCY = "EUR"
#: Some banks leave the decimals' field empty (OCA/l10n-france#66).
DEFAULT_DECIMALS = 2
#: The last digit carries the sign. é and è are what { and } become in the French EBCDIC table (IBM CP297).
POSITIVE, NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"
_SIGNED = {
    **{letter: (1, digit) for digit, letter in enumerate(POSITIVE)},
    **{letter: (-1, digit) for digit, letter in enumerate(NEGATIVE)},
    "é": (1, 0),
    "è": (-1, 0),
}  # fmt: skip
#: A balance sums many amounts, so its bound is wider than one operation's.
MAX_BALANCE_CENTS = MAX_AMOUNT_CENTS * 10_000
#: Complements that say whose transfer it is: another value of one of them begins another transfer.
NAMING = ("NPY", "NBE", "RCN")
#: Complements that hold accounts, identifiers and sums, not words.
WORDLESS = {"CPY", "CBE", "BPY", "BBE", "BDB", "MMO", "FEE", "RUM", "ICS"}
REFERENCE_CHARACTERS = 35
_NEW_LINE = re.compile(r"\r\n|\r|\n")
_ISO_REASON = re.compile(r"[A-Z]{2}\d{2}\b")


def read(content: bytes, reserve_iban: str) -> tuple[list[AccountReport], int]:
    """One report for each day of the reserve account, and how many of other accounts were left aside.

    Raises FileBroken (no record of it, or ours out of order), BalanceMissing, WrongCurrency,
    AmountUnreadable, SumMismatch.
    """
    statements = list(_statements(content, reserve_iban))
    if not statements:
        raise FileBroken(format="CFONB120", line=1)
    ours = [each for each in statements if each.old.is_of(reserve_iban)]
    reports: list[AccountReport] = []
    for statement in ours:
        reports = _with(reports, _report(statement, reserve_iban))
    return reports, len(statements) - len(ours)


class _Record:
    """One line of 120 characters, by the positions the standard gives (counted from 1, ends included)."""

    def __init__(self, text: str, number: int) -> None:
        self.text = text.ljust(RECORD_CHARACTERS)
        self.number = number

    def at(self, first: int, last: int) -> str:
        return self.text[first - 1 : last]

    @property
    def kind(self) -> str:
        return self.at(1, 2)

    def is_of(self, iban: str) -> bool:
        """The RIB (bank, branch, account) stands inside a French IBAN."""
        return self.at(3, 7) + self.at(12, 16) + self.at(22, 32) == iban[4:25]

    def currency(self) -> str:
        return self.at(17, 19).strip() or CURRENCY

    def date(self) -> datetime.date | None:
        """Positions 35-40, DDMMYY of this century."""
        return _date(self.at(35, 40))

    def is_blank(self) -> bool:
        """Banks say "no movement today" in records without an amount."""
        return not self.at(91, 104).strip()

    def signed_cents(self) -> int | None:
        """Positions 91-104 by the decimals of position 20; None when not a whole number of cents."""
        decimals = self.at(20, 20).strip() or str(DEFAULT_DECIMALS)
        return _signed_cents(self.at(91, 104), decimals)


@dataclass
class _Movement:
    record: _Record
    complements: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Statement:
    """From a 01 to its 07, which is None when it never came."""

    old: _Record
    movements: list[_Movement] = field(default_factory=list)
    new: _Record | None = None
    warnings: set[str] = field(default_factory=set)


def _statements(content: bytes, iban: str) -> Iterator[_Statement]:
    """Every statement of the file. Raises FileBroken when a record of ours stands outside our statements."""
    current: _Statement | None = None
    for record in _records(content):
        if record.kind == OLD_BALANCE and not record.is_blank():
            if current is not None:
                yield current
            current = _Statement(record)
            continue
        is_known = record.kind in (MOVEMENT, COMPLEMENT, NEW_BALANCE)
        if is_known and record.is_of(iban) and (current is None or not current.old.is_of(iban)):
            raise FileBroken(format="CFONB120", line=record.number)
        if current is None:
            continue
        if record.kind == MOVEMENT:
            current.movements.append(_Movement(record))
        elif record.kind == COMPLEMENT and current.movements:
            current.movements[-1].complements.append((record.at(46, 48).strip().upper(), record.at(49, 118)))
        elif record.kind == NEW_BALANCE:
            current.new = record
            yield current
            current = None
        else:
            current.warnings.add("bank.record_unknown")
    if current is not None:
        yield current


def _records(content: bytes) -> Iterator[_Record]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-1")
    number = 0
    for line in _NEW_LINE.split(text):
        for start in range(0, len(line), RECORD_CHARACTERS):
            piece = line[start : start + RECORD_CHARACTERS]
            if start and len(piece) < RECORD_CHARACTERS and piece[:2] not in RECORDS:
                break  # what a bank adds behind the 120th character
            if piece.strip("\x1a\0 \t"):
                number += 1
                yield _Record(piece, number)


def _report(statement: _Statement, iban: str) -> AccountReport:
    if statement.new is None:
        raise BalanceMissing()
    if statement.old.currency() != CURRENCY:
        raise WrongCurrency(currency=statement.old.currency())
    if not statement.new.is_of(iban):
        raise FileBroken(format="CFONB120", line=statement.new.number)
    opening, closing = _balance(statement.old), _balance(statement.new)
    movements = [_entry(each, iban) for each in statement.movements]
    entries = proven(movements, opening.amount_cents, closing.amount_cents)
    to_on = _day_of(statement.new)
    return AccountReport(
        kind="statement",
        format=FORMAT,
        message_id="",
        report_id=f"CFONB120-{to_on.isoformat()}",  # the format has no name for a statement
        iban=iban,
        opening=opening,
        closing=closing,
        from_on=min(_day_of(statement.old) + datetime.timedelta(days=1), to_on).isoformat(),
        to_on=to_on.isoformat(),
        created_unix_s=closing.as_of_unix_s,
        entries=entries,
        warnings=tuple(sorted(statement.warnings)),
    )


def _with(reports: list[AccountReport], report: AccountReport) -> list[AccountReport]:
    """The report added: as the next page of the last one's day, or not at all when it only repeats it."""
    last = reports[-1] if reports else None
    if last is None or last.to_on != report.to_on:
        return [*reports, report]
    if replace(last, warnings=report.warnings) == report:
        return [*reports[:-1], replace(last, warnings=(*last.warnings, "bank.statement_repeated"))]
    if _cents(last.closing) != _cents(report.opening):
        return [*reports, report]
    joined = replace(
        last,
        closing=report.closing,
        entries=last.entries + report.entries,
        warnings=tuple(sorted({*last.warnings, *report.warnings})),
    )
    return [*reports[:-1], joined]


def _cents(balance: Balance | None) -> int | None:
    return None if balance is None else balance.amount_cents


def _day_of(balance: _Record) -> datetime.date:
    day = balance.date()
    if day is None:
        raise FileBroken(format="CFONB120", line=balance.number)
    return day


def _balance(record: _Record) -> Balance:
    amount_cents = record.signed_cents()
    if amount_cents is None or abs(amount_cents) > MAX_BALANCE_CENTS:
        raise AmountUnreadable()
    end_of_day = datetime.datetime.combine(_day_of(record), datetime.time(23, 59, 59), LOCAL_ZONE)
    return Balance(amount_cents, int(end_of_day.timestamp()))


def _entry(movement: _Movement, iban: str) -> Entry:
    record = movement.record
    signed_cents = 0 if record.is_blank() else record.signed_cents()
    booked_on = record.date()
    direction: Direction = "CRDT" if signed_cents is None or signed_cents > 0 else "DBIT"
    amount_cents = None if signed_cents is None else abs(signed_cents)
    number, reference = named(record.at(82, 88)), named(record.at(105, 120))
    complements = movement.complements
    return Entry(
        direction=direction,
        amount_cents=amount_cents or 0,
        booked_on="" if booked_on is None else booked_on.isoformat(),
        references=References(
            servicer=f"{number}/{reference}" if number and reference else number or reference
        ),
        return_reason=_return_reason(record, complements),
        charges_cents=next((_euro_cents(text) for kind, text in complements if kind == "FEE"), None),
        texts=tuple(text for text in (seen_of(record.at(49, 79)), reference) if text),
        transfers=_transfers(complements, amount_cents, direction),
        oddity=_oddity(record, amount_cents, iban),
    )


def _oddity(record: _Record, amount_cents: int | None, iban: str) -> str | None:
    if amount_cents is None:
        return AMOUNT_UNREADABLE
    if not record.is_of(iban):
        return "bank.entry_account"
    if record.currency() != CURRENCY:
        return "bank.entry_currency"
    if record.date() is None:
        return "bank.entry_date"
    return AMOUNT_UNREADABLE if amount_cents > MAX_AMOUNT_CENTS else None


def _return_reason(record: _Record, complements: Sequence[tuple[str, str]]) -> str | None:
    """The ISO reason of a RET complement, else the reject code of positions 41-42; None for no return."""
    code = record.at(41, 42).strip()
    for kind, text in complements:
        if kind == "RET":
            iso = _ISO_REASON.match(text)
            return iso.group() if iso else code.strip("0")
    return code if code.strip("0") else None


def _transfers(
    complements: Sequence[tuple[str, str]], amount_cents: int | None, direction: Direction
) -> tuple[TransferDetail, ...]:
    """One transfer with the entry's amount; several without amounts when the complements name several."""
    groups: list[list[tuple[str, str]]] = []
    for kind, text in complements:
        if not groups or (kind in NAMING and any(k == kind and t != text for k, t in groups[-1])):
            groups.append([])
        groups[-1].append((kind, text))
    if len(groups) > 1:
        return tuple(_transfer(group, None, direction) for group in groups)
    return tuple(_transfer(group, amount_cents, direction) for group in groups)


def _transfer(
    complements: Sequence[tuple[str, str]], amount_cents: int | None, direction: Direction
) -> TransferDetail:
    parties = ("PY", "BE") if direction == "CRDT" else ("BE", "PY")

    def value(*kinds: str, last: int | None = None) -> str:
        return next((t for wanted in kinds for k, t in complements if k == wanted and t[:last].strip()), "")

    instructed_cents = _euro_cents(value("MMO"))
    return TransferDetail(
        amount_cents=instructed_cents if amount_cents is not None and instructed_cents else amount_cents,
        references=References(
            end_to_end=named(value("RCN", last=REFERENCE_CHARACTERS)[:REFERENCE_CHARACTERS]),
            payment_information=named(value("REF")[:REFERENCE_CHARACTERS]),
            mandate=named(value("RUM")[:REFERENCE_CHARACTERS]),
        ),
        structured=tuple(seen_of(text) for kind, text in complements if kind == "LCS" and text.strip()),
        texts=tuple(_texts(complements)),
        counterparty_name=seen_of(value(*(f"N{party}" for party in parties))),
        counterparty_account=seen_of(value(*(f"C{party}" for party in parties))[:REFERENCE_CHARACTERS]),
    )


def _texts(complements: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Every word there is, names and references too: some banks put the sender's words nowhere else.

    LC2 goes on where LCC ends, in the middle of a word when LCC is full.
    """
    client = "".join(text for kind, text in complements if kind in ("LCC", "LC2"))
    if words := seen_of(client):
        yield words
    for kind, text in complements:
        if kind not in WORDLESS and kind not in ("LCC", "LC2") and (words := seen_of(text)):
            yield words


def _euro_cents(text: str) -> int | None:
    """An amount of a complement: currency, decimals, 14 digits. None unless euros."""
    if text[:3] != CURRENCY or not text[3:4].isdecimal() or not _is_digits(text[4:18]):
        return None
    return _whole_cents(int(text[4:18]), int(text[3]))


def _signed_cents(text: str, decimals: str) -> int | None:
    sign, last_digit = _SIGNED.get(text[-1:], (0, 0))
    if sign == 0 or not _is_digits(text[:-1].lstrip(" ") or "0") or not _is_digits(decimals):
        return None
    cents = _whole_cents(int(text[:-1].lstrip(" ") or "0") * 10 + last_digit, int(decimals))
    return None if cents is None else sign * cents


def _whole_cents(number: int, decimals: int) -> int | None:
    cents, rest = divmod(number * 100, 10**decimals)
    return None if rest else cents


def _date(text: str) -> datetime.date | None:
    if not _is_digits(text):
        return None
    try:
        return datetime.date(2000 + int(text[4:6]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
