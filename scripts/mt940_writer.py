"""Writes MT940 statements as a bank would, for the demonstration and for tests.

SWIFT category 9, customer statement message: fields 20, 25, 28C, 60F, 61 with 86, 62F. Field 86 carries codes
(/NAME/, /EREF/, /REMI/). Shares nothing with the reader but the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from scripts.camt053_writer import Entry, StatementFacts
from wallet_service.protocol.text.money import decimal_amount

LINE_CHARACTERS = 65
MAX_LINES = 6
OWN_REFERENCE_CHARACTERS = BANK_REFERENCE_CHARACTERS = 16
#: Field 61's mark and kind: a credit, a debit, and each undone (RD puts money in, RC takes it out).
MARKS = {("CRDT", False): "C", ("DBIT", False): "D", ("CRDT", True): "RD", ("DBIT", True): "RC"}
TRANSFER, RETURNED_ITEM = "NTRF", "NRTI"


def write_mt940(facts: StatementFacts) -> bytes:
    """ASCII, CRLF between lines."""
    day = f"{facts.written:%y%m%d}"
    lines = [
        f":20:{facts.statement_id[:OWN_REFERENCE_CHARACTERS]}",
        f":25:{facts.iban}",
        f":28C:{facts.number % 100_000}/1",
        f":60F:{_balance(facts.opening_cents, day)}",
    ]
    for entry in facts.entries:
        lines += _movement(entry)
    lines += [f":62F:{_balance(facts.closing_cents, day)}", "-"]
    return "\r\n".join([*lines, ""]).encode("ascii", "replace")


def _balance(amount_cents: int, day: str) -> str:
    return f"{'C' if amount_cents >= 0 else 'D'}{day}EUR{_amount(abs(amount_cents))}"


def _movement(entry: Entry) -> Iterator[str]:
    mark = MARKS[entry.direction, entry.is_reversal]
    is_return = any(detail.return_reason is not None for detail in entry.details)
    kind = RETURNED_ITEM if is_return else TRANSFER
    day = entry.booked_on
    yield (
        f":61:{day:%y%m%d}{day:%m%d}{mark}{_amount(entry.amount_cents)}{kind}NONREF"
        f"//{entry.reference[:BANK_REFERENCE_CHARACTERS]}"
    )
    told = f"/NBTR/{len(entry.details)}" if len(entry.details) > 1 else ""
    for detail in entry.shown_details[:1]:
        remitted = " ".join(filter(None, (detail.structured_reference, detail.text)))
        values = {
            "NAME": detail.name,
            "IBAN": detail.iban,
            "EREF": detail.end_to_end_id,
            "RTRN": detail.return_reason,
            "REMI": remitted,
        }
        told += "".join(f"/{code}/{value}" for code, value in values.items() if value)
    pieces = [told[start : start + LINE_CHARACTERS] for start in range(0, len(told), LINE_CHARACTERS)]
    if pieces:
        yield f":86:{pieces[0]}"
        yield from pieces[1:MAX_LINES]


def _amount(amount_cents: int) -> str:
    return decimal_amount(amount_cents).replace(".", ",")
