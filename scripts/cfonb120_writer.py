"""Writes CFONB 120 account statements as a French bank would, for the demonstration and for tests.

Records of 120 characters (CFONB, "Relevé de compte sur support informatique", July 2004): 01 old balance, 04
movement, 05 complements, 07 new balance. Its own writing of the norm: shares nothing with the reader but the
facts. The format has no name for a statement, none for a reversal, and tells a batch by its sum alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from scripts.camt053_writer import Detail, Entry, StatementFacts

RECORD_CHARACTERS = 120
LABEL_CHARACTERS = 31
COMPLEMENT_CHARACTERS = 70
#: The last digit of an amount carries the sign.
POSITIVE_ENDS, NEGATIVE_ENDS = "{ABCDEFGHI", "}JKLMNOPQR"
#: Interbank codes of operations: a transfer received, a transfer sent.
RECEIVED, SENT = "05", "06"
#: The norm's reject code of a transfer sent back: account closed.
REJECTED = "04"


def write_cfonb120(facts: StatementFacts) -> bytes:
    """ISO-8859-1, CRLF between records."""
    day = facts.written.date()
    lines = [_balance("01", facts.iban, day - datetime.timedelta(days=1), facts.opening_cents)]
    for entry in facts.entries:
        lines += _movement(facts.iban, entry)
    lines.append(_balance("07", facts.iban, day, facts.closing_cents))
    return "\r\n".join([*lines, ""]).encode("iso-8859-1", "replace")


def _head(kind: str, iban: str, operation: str, day: datetime.date) -> str:
    """Positions 1 to 40, with the RIB that stands in the IBAN: bank, branch, account."""
    bank, branch, account = iban[4:9], iban[9:14], iban[14:25]
    return f"{kind}{bank}    {branch}EUR2 {account}{operation:2}{day:%d%m%y}"


def _balance(kind: str, iban: str, day: datetime.date, amount_cents: int) -> str:
    return f"{_head(kind, iban, '', day):90}{_signed(amount_cents)}".ljust(RECORD_CHARACTERS)


def _movement(iban: str, entry: Entry) -> Iterator[str]:
    operation = RECEIVED if entry.direction == "CRDT" else SENT
    shown = entry.shown_details
    only = shown[0] if len(entry.details) == 1 and shown else None
    is_return = only is not None and only.return_reason is not None
    label = f"{'VIR SEPA RECU' if entry.direction == 'CRDT' else 'VIR SEPA EMIS'} {only.name if only else ''}"
    head = _head("04", iban, operation, entry.booked_on) + (REJECTED if is_return else "  ")
    number = entry.reference[-7:]
    yield (
        f"{head}{entry.booked_on:%d%m%y}{label[:LABEL_CHARACTERS]:31}  {number:7}  "
        f"{_signed(entry.signed_cents)}{entry.reference[:16]:16}"
    )
    for detail in shown:
        yield from _complements(_head("05", iban, operation, entry.booked_on), entry.direction, detail)


def _complements(head: str, direction: str, detail: Detail) -> Iterator[str]:
    party = "PY" if direction == "CRDT" else "BE"
    told = [
        (f"N{party}", detail.name),
        (f"C{party}", detail.iban),
        ("RCN", detail.end_to_end_id or ""),
        ("LCC", " ".join(filter(None, (detail.structured_reference, detail.text)))),
        ("RET", detail.return_reason or ""),
    ]
    for qualifier, text in told:
        if text:
            yield f"{head:45}{qualifier}{text[:COMPLEMENT_CHARACTERS]:70}  "


def _signed(amount_cents: int) -> str:
    """14 characters, the last one overpunched."""
    ends = POSITIVE_ENDS if amount_cents >= 0 else NEGATIVE_ENDS
    digits = f"{abs(amount_cents):014}"
    return digits[:-1] + ends[int(digits[-1])]
