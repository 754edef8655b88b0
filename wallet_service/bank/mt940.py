"""Reads MT940 customer statements (SWIFT category 9): bare, or in their {1:..}{4:..-} blocks.

Our own reader: the kept library (mt-940) ends a whole file at one odd line and joins the messages of a file,
where one odd entry must stay one entry and each message has its own account and balances. Field 86 is read
in the two structured forms banks use (``?20`` subfields with ``EREF+``, DFÜ agreement, annex 3; ``/EREF/``
codes) and as plain words. Must not decide what a movement means.
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

FORMAT = "mt940"
CURRENCY = "EUR"
#: A balance sums many amounts, so its bound is wider than one operation's.
MAX_BALANCE_CENTS = MAX_AMOUNT_CENTS * 10_000
#: A line this long is cut in the middle of a word (6*65x); a ``?20`` subfield holds 27.
LINE_CHARACTERS, SUBFIELD_CHARACTERS = 65, 27
#: Money leaves the account for D and for the reversal of a credit (wolph/mt940#130).
LEAVING = ("D", "RC")
#: A returned transfer: field 61's "returned item", and the code of field 86 (DFÜ agreement, annex 3).
RETURNED_ITEM, RETURNED_CODE = "RTI", "159"
#: Fields a message holds once; a second one means that the next message has lost its beginning.
ONCE = {"20", "25", "25P", "28", "28C", "60F", "60M", "62F", "62M"}
_TAG = re.compile(r":(\d\d[A-Z]?):(.*)")
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,13}(?:[,.]\d*)?)", re.ASCII)
_MOVEMENT = re.compile(
    r"(?P<valued>[0-9A-Z ]{6})(?P<booked>[0-9 ]{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])? ?"
    r"(?P<amount>\d{1,13}(?:[,.]\d*)?)(?:[NFS](?P<type>[A-Z0-9 ]{3})(?P<reference>.*))?",
    re.ASCII,
)
_SUBFIELDS = re.compile(r"(?P<code>\d{3})(?P<mark>[?<>^~|])\d\d")
_PURPOSE_KEY = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|RREF|BREF|COAM|OAMT|IBAN|BIC)\+")
_CODE = re.compile(
    r"/(ORDP|BENM|EREF|REMI|IREF|PREF|KREF|MARF|CSID|IBAN|BIC|NAME|ADDR|ISDT|TRTP|RTRN|CNTP|PURP|ULTC|ULTD"
    r"|ULTB|SVCL|OCMT|CHGS|EXCH|NBTR)/"
)
#: What those codes hold that are no words of a person.
WORDLESS = {
    "IBAN", "BIC", "CRED", "DEBT", "CSID", "ISDT", "TRTP", "SVCL", "OCMT", "CHGS", "EXCH", "NBTR", "COAM",
    "OAMT",
}  # fmt: skip
_EUROS = re.compile(r"EUR *(\d{1,13}(?:[,.]\d*)?)", re.ASCII)
_ISO_REASON = re.compile(r"[A-Z]{2}\d{2}\b")


def read(content: bytes, reserve_iban: str) -> tuple[list[AccountReport], int]:
    """One report for each statement of the reserve account (its pages joined), and how many on others.

    Raises FileBroken, BalanceMissing, WrongCurrency, AmountUnreadable, SumMismatch.
    """
    messages = list(_messages(content))
    if not messages:
        raise FileBroken(format="MT940", line=1)
    ours = [message for message in messages if message.is_of(reserve_iban)]
    pages: list[_Page] = []
    for message in ours:
        page = _page(message, reserve_iban)
        if pages and page.continues(pages[-1]):
            page = pages.pop().joined(page)
        pages.append(page)
    return [page.report() for page in pages], len(messages) - len(ours)


@dataclass
class _Message:
    """The fields of one message in their order: tag, lines, number of the first line."""

    fields: list[tuple[str, list[str], int]] = field(default_factory=list)

    def find(self, *tags: str) -> tuple[str, str] | None:
        """The tag and first line of the first of these fields."""
        return next(((tag, lines[0].strip()) for tag, lines, _number in self.fields if tag in tags), None)

    def is_of(self, iban: str) -> bool:
        """Field 25 holds the IBAN, the BBAN or the RIB without its key, after a BIC or before a currency."""
        found = self.find("25", "25P")
        if found is None:
            raise FileBroken(format="MT940", line=self.fields[0][2])
        account = re.sub(r"[^0-9A-Z]", "", found[1].upper()).removesuffix(CURRENCY)
        return account.endswith((iban, iban[4:], iban[4:-2]))


def _messages(content: bytes) -> Iterator[_Message]:
    """A message is what follows a field 20; headers before it, blocks or a bank's own lines, are no field.

    Raises FileBroken for a message that lacks its field 20: nothing of it may be left out in silence.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-1")
    current: _Message | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text.strip("\x1a\0 \t")), 1):
        if line.startswith("-}") or line.strip() == "-":
            if current is not None:
                yield current
            current = None
        tagged = _TAG.match(line.split("{4:", 1)[-1] if line.startswith(("{", "-")) else line)
        tag = tagged[1] if tagged else ""
        if tag == "20":
            if current is not None:
                yield current
            current = _Message()
        elif tag and (current is None or (tag in ONCE and current.find(tag))):
            raise FileBroken(format="MT940", line=number)
        if current is None:
            continue
        if tagged:
            current.fields.append((tag, [tagged[2]], number))
        else:
            current.fields[-1][1].append(line)
    if current is not None:
        yield current


@dataclass(frozen=True)
class _Page:
    """One message: a whole statement, or a page of it between balances that are only intermediate (M)."""

    statement_number: str
    message_id: str
    iban: str
    opening: Balance
    closing: Balance
    is_first: bool
    is_last: bool
    entries: tuple[Entry, ...]

    def continues(self, before: _Page) -> bool:
        return (
            not before.is_last
            and not self.is_first
            and before.statement_number == self.statement_number
            and before.closing.amount_cents == self.opening.amount_cents
        )

    def joined(self, after: _Page) -> _Page:
        return replace(
            self, closing=after.closing, is_last=after.is_last, entries=self.entries + after.entries
        )

    def report(self) -> AccountReport:
        """A balance in the middle of a statement is none of its own: the other page is in another file."""
        to_on = _day(self.closing)
        return AccountReport(
            kind="statement",
            format=FORMAT,
            message_id=self.message_id,
            report_id=self.statement_number or self.message_id,
            iban=self.iban,
            opening=self.opening if self.is_first else None,
            closing=self.closing if self.is_last else None,
            from_on=min(_day(self.opening) + datetime.timedelta(days=1), to_on).isoformat(),
            to_on=to_on.isoformat(),
            created_unix_s=self.closing.as_of_unix_s,
            entries=self.entries,
        )


def _page(message: _Message, iban: str) -> _Page:
    opening, closing = message.find("60F", "60M"), message.find("62F", "62M")
    if opening is None or closing is None:
        raise BalanceMissing()
    number, name = message.find("28C", "28"), message.find("20")
    opens, closes = _balance(opening[1], message), _balance(closing[1], message)
    return _Page(
        statement_number="" if number is None else number[1].split("/")[0],
        message_id="" if name is None else name[1],
        iban=iban,
        opening=opens,
        closing=closes,
        is_first=opening[0] == "60F",
        is_last=closing[0] == "62F",
        entries=proven(list(_entries(message)), opens.amount_cents, closes.amount_cents),
    )


def _balance(text: str, message: _Message) -> Balance:
    found = _BALANCE.fullmatch(text)
    day = None if found is None else _date(found[2])
    if found is None or day is None:
        raise FileBroken(format="MT940", line=message.fields[0][2])
    if found[3] != CURRENCY:
        raise WrongCurrency(currency=found[3])
    amount_cents = _cents(found[4])
    if amount_cents is None or amount_cents > MAX_BALANCE_CENTS:
        raise AmountUnreadable()
    end_of_day = datetime.datetime.combine(day, datetime.time(23, 59, 59), LOCAL_ZONE)
    return Balance(amount_cents if found[1] == "C" else -amount_cents, int(end_of_day.timestamp()))


def _day(balance: Balance) -> datetime.date:
    return datetime.datetime.fromtimestamp(balance.as_of_unix_s, LOCAL_ZONE).date()


def _entries(message: _Message) -> Iterator[Entry]:
    """A field 61 with the fields 86 that follow it at once."""
    for place, (tag, lines, _number) in enumerate(message.fields):
        if tag == "61":
            told: list[list[str]] = []
            for next_tag, next_lines, _next_number in message.fields[place + 1 :]:
                if next_tag != "86":
                    break
                told.append(next_lines)
            yield _entry(lines, told)


def _entry(lines: Sequence[str], told: Sequence[Sequence[str]]) -> Entry:
    found = _MOVEMENT.fullmatch(lines[0].strip())
    amount_cents = None if found is None else _cents(found["amount"])
    if found is None or amount_cents is None:
        return _unread(lines, told)
    direction: Direction = "DBIT" if found["mark"] in LEAVING else "CRDT"
    owners, _slashes, servicers = (found["reference"] or "").partition("//")
    narrative = _Narrative(told)
    booked_on = _booked_on(found["valued"], found["booked"])
    supplementary = _joined_lines(lines[1:])
    oddity = "bank.entry_date" if booked_on is None else None
    return Entry(
        direction=direction,
        amount_cents=amount_cents,
        booked_on="" if booked_on is None else booked_on.isoformat(),
        references=References(
            servicer=named(servicers),
            instruction=named(owners),
            cheque=named(owners) if found["type"] == "CHK" else None,
        ),
        is_reversal=found["mark"].startswith("R"),
        return_reason=narrative.return_reason(is_returned_item=found["type"] == RETURNED_ITEM),
        declared_transfers=narrative.declared_transfers(),
        charges_cents=_euro_cents(dict(_coded(supplementary)).get("CHGS") or narrative.value("CHGS")),
        texts=tuple(text for text in (supplementary, *narrative.own_texts()) if text),
        transfers=narrative.transfers(amount_cents, direction),
        oddity=AMOUNT_UNREADABLE if amount_cents > MAX_AMOUNT_CENTS else oddity,
    )


def _unread(lines: Sequence[str], told: Sequence[Sequence[str]]) -> Entry:
    """A movement whose field 61 is in disorder, with every word the bank wrote of it."""
    words = [_joined_lines(each) for each in (lines, *told)]
    return Entry("CRDT", 0, "", texts=tuple(text for text in words if text), oddity=AMOUNT_UNREADABLE)


class _Narrative:
    """What the fields 86 of one movement say: plain words, or values by SEPA code."""

    def __init__(self, told: Sequence[Sequence[str]]) -> None:
        self._plain: list[str] = []
        self._values: list[tuple[str, str]] = []
        for lines in told:
            text = _joined_lines(lines)
            if found := _SUBFIELDS.match("".join(lines)):
                self._read_subfields("".join(lines)[3:], found["code"], found["mark"])
            elif _CODE.match(text):
                self._values += _coded(text)
            elif text:
                self._plain.append(text)

    def _read_subfields(self, text: str, code: str, mark: str) -> None:
        """``?00`` posting text, ``?20-29 ?60-63`` purpose, ``?30 ?31`` BIC and account, ``?32 ?33`` name."""
        self._values.append(("CODE", code))
        pieces = re.split(rf"{re.escape(mark)}(\d\d)", text)
        purpose: list[tuple[str, str]] = []
        for number, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            if "20" <= number <= "29" or "60" <= number <= "63":
                key = _PURPOSE_KEY.match(piece)
                if key is not None or not purpose:
                    purpose.append((key[1] if key else "SVWZ", ""))
                gap = "" if len(piece) >= SUBFIELD_CHARACTERS else " "
                name, before = purpose[-1]
                purpose[-1] = (name, before + piece[key.end() if key else 0 :] + gap)
            elif key_name := {"00": "LABEL", "30": "BIC", "31": "IBAN"}.get(number):
                self._values.append((key_name, piece))
        name = "".join(p for n, p in zip(pieces[1::2], pieces[2::2], strict=True) if n in ("32", "33"))
        self._values += [("NAME", name), *purpose]

    def value(self, *keys: str) -> str:
        """The first of these that says something."""
        return next(
            (seen_of(t) for wanted in keys for key, t in self._values if key == wanted and t.strip()), ""
        )

    def declared_transfers(self) -> int | None:
        count = self.value("NBTR")
        return int(count) if count.isascii() and count.isdigit() else None

    def return_reason(self, *, is_returned_item: bool) -> str | None:
        if reason := _ISO_REASON.search(self.value("RTRN")):
            return reason.group()
        is_return = is_returned_item or self.value("RTRN", "RREF") or self.value("CODE") == RETURNED_CODE
        return "" if is_return else None

    def own_texts(self) -> list[str]:
        return [text for text in (self.value("LABEL"), *self._plain) if text]

    def transfers(self, amount_cents: int, direction: Direction) -> tuple[TransferDetail, ...]:
        """None for plain words; a transfer without amount when it stands for several."""
        if not self._values:
            return ()
        counterparty = self.value("CNTP").split("/")  # account, BIC, name, town
        parties = ("ORDP", "BENM") if direction == "CRDT" else ("BENM", "ORDP")
        is_one = self.declared_transfers() in (None, 1)
        return (
            TransferDetail(
                amount_cents=(_euro_cents(self.value("OCMT", "OAMT")) or amount_cents) if is_one else None,
                references=References(
                    end_to_end=named(self.value("EREF")),
                    instruction=named(self.value("KREF", "IREF")),
                    payment_information=named(self.value("PREF")),
                    mandate=named(self.value("MREF", "MARF")),
                ),
                structured=tuple(
                    text.rsplit("/", 1)[-1]
                    for key, text in self._values
                    if key == "REMI" and text.startswith("STRD/")
                ),
                texts=tuple(
                    words
                    for key, text in self._values
                    if key not in WORDLESS and key not in ("CODE", "LABEL") and (words := seen_of(text))
                ),
                counterparty_name=self.value("NAME", *parties) or "".join(counterparty[2:3]),
                counterparty_account=self.value("IBAN") or counterparty[0],
            ),
        )


def _coded(text: str) -> list[tuple[str, str]]:
    """``/EREF/one/REMI/two`` as pairs."""
    parts = _CODE.split(text)
    return [(key, value.strip("/ ")) for key, value in zip(parts[1::2], parts[2::2], strict=True)]


def _joined_lines(lines: Sequence[str]) -> str:
    return seen_of("".join(line if len(line) >= LINE_CHARACTERS else f"{line} " for line in lines))


def _euro_cents(text: str) -> int | None:
    found = _EUROS.match(text)
    return None if found is None else _cents(found[1])


def _cents(text: str) -> int | None:
    """Exact cents of ``20,`` ``20,5`` ``20,50``; None when part of a cent is left over."""
    units, _comma, decimals = text.replace(".", ",").partition(",")
    cents, rest = decimals[:2].ljust(2, "0"), decimals[2:].strip("0")
    return None if rest else int(units) * 100 + int(cents)


def _date(text: str) -> datetime.date | None:
    """YYMMDD of this century."""
    return _real_date(2000 + int(text[:2]), text[2:]) if text.isascii() and text.isdigit() else None


def _booked_on(valued: str, booked: str | None) -> datetime.date | None:
    """The entry date (MMDD) in the year that brings it nearest to the value date; else the value date."""
    value_date = _date(valued)
    if value_date is None or booked is None or not booked.strip():
        return value_date
    years = (value_date.year, value_date.year - 1, value_date.year + 1)
    days = [day for year in years if (day := _real_date(year, booked)) is not None]
    return min(days, key=lambda day: abs(day - value_date), default=None)


def _real_date(year: int, month_and_day: str) -> datetime.date | None:
    if not (month_and_day.isascii() and month_and_day.isdigit()):
        return None
    try:
        return datetime.date(year, int(month_and_day[:2]), int(month_and_day[2:4]))
    except ValueError:
        return None
