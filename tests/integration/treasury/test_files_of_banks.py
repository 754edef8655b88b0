"""Files as banks write them, each with one fault seen in the wild: who is credited, what waits.

The files are those of tests/vectors/bank; what follows a reversal up, and what ends a payout, have tests of
their own (reversals/test_from_files.py, test_payout_ends.py, test_payout_answers.py, test_inbox.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.support import bank_cases
from tests.support.bank_books import Books
from wallet_service.bank.errors import BankFileRefusal

Waiting = list[tuple[int, str | None]]


@dataclass(frozen=True)
class Held:
    """What the books hold afterwards: cents of A and B, those attested, (cents, why) of the rest."""

    a: int = 0
    b: int = 0
    attested: int = 0
    waiting: Waiting = field(default_factory=list)
    held: Waiting = field(default_factory=list)
    refusal: str | None = None


CASES = {
    "01-batch-two-transfers-no-amounts-one-reference": Held(
        attested=1100_00, waiting=[(100_00, "batch_incomplete")]
    ),
    "02-batch-announces-2-shows-1": Held(a=40_00, attested=1100_00, waiting=[(60_00, "batch_incomplete")]),
    "04-batch-mixed-directions": Held(attested=1070_00, waiting=[(70_00, "batch_mixed")]),
    "05-single-transfer-charges-deducted": Held(a=49_00, attested=1049_00),
    "06-batch-two-references-with-amounts": Held(a=60_00, b=40_00, attested=1100_00),
    "08-foreign-currency-in-one-detail": Held(b=25_00, attested=1048_10, waiting=[(23_10, None)]),
    "09-detail-with-five-decimals": Held(b=25_00, attested=1035_00, waiting=[(10_00, None)]),
    "10-reversal-of-our-debit-carries-a-reference": Held(attested=1050_00, waiting=[(50_00, "reversal")]),
    "11-reversal-of-a-credit-already-minted": Held(a=50_00, attested=1000_00, waiting=[(50_00, "reversal")]),
    "13-pending-then-booked-same-reference": Held(a=20_00, attested=1020_00),
    "14-information-entry-only": Held(attested=1000_00),
    "15-no-acctsvcrref-but-txid": Held(a=20_00, attested=1020_00),
    "16-no-acctsvcrref-on-a-fee-beside-honest-credits": Held(
        b=25_00, attested=1019_40, waiting=[(5_60, None)]
    ),
    "17-acctsvcrref-shared-by-two-entries-of-one-day": Held(a=20_00, b=25_00, attested=1045_00),
    "18-acctsvcrref-used-again-next-day-same-amount": Held(a=20_00, b=20_00, attested=1040_00),
    "20-acctsvcrref-renewed-when-the-statement-is-sent-again": Held(
        a=20_00, attested=1520_00, waiting=[(20_00, "repeated"), (500_00, "repeated"), (500_00, None)]
    ),
    "21-statement-id-starts-again-each-year": Held(a=20_00, b=25_00, attested=1045_00),
    "23-one-statement-in-two-pages": Held(a=20_00, b=25_00, attested=1045_00),
    "24-two-pages-each-with-both-balances": Held(a=20_00, b=25_00, attested=1045_00),
    "25-closing-balance-only": Held(a=20_00, attested=1020_00),
    "26-available-balances-only": Held(held=[(20_00, "ledger.ReserveExceeded")]),
    "28-no-movement-day": Held(attested=1000_00),
    "29-two-accounts-in-one-file": Held(a=20_00, attested=1020_00),
    "30-iban-in-othr": Held(a=20_00, attested=1020_00),
    "31-rib-instead-of-iban": Held(a=20_00, attested=1020_00),
    "32-reference-in-additional-entry-information-without-details": Held(a=20_00, attested=1020_00),
    "33-reference-in-additional-entry-information-with-one-detail": Held(a=20_00, attested=1020_00),
    "35-reference-in-end-to-end-id": Held(a=20_00, attested=1020_00),
    "36-reference-in-additional-remittance": Held(a=20_00, attested=1020_00),
    "37-reference-as-invoice-number": Held(a=20_00, attested=1020_00),
    "38-reference-split-over-two-lines-lower-case-spaces": Held(a=20_00, attested=1020_00),
    "39-reference-oh-for-zero": Held(b=20_00, attested=1020_00),
    "40-references-of-two-members": Held(attested=1020_00, waiting=[(20_00, "several_members")]),
    "41-structured-and-free-text-of-two-members": Held(
        attested=1020_00, waiting=[(20_00, "several_members")]
    ),
    "42-created-at-24-00-00": Held(a=20_00, attested=1020_00),
    "43-balance-at-24-00-00-then-an-honest-file": Held(a=20_00, attested=1020_00),
    "44-year-beyond-9999": Held(refusal="bank.moment_unreadable"),
    "45-year-zero": Held(refusal="bank.moment_unreadable"),
    "47-dated-end-of-the-business-day-and-delivered-in-the-evening": Held(refusal="bank.statement_in_future"),
    "48-utf8-bom": Held(a=20_00, attested=1020_00),
    "49-utf16-le-bom": Held(a=20_00, attested=1020_00),
    "50-utf16-be-bom": Held(a=20_00, attested=1020_00),
    "51-iso-8859-1": Held(a=20_00, attested=1020_00),
    "52-iso-8859-15": Held(a=20_00, attested=1020_00),
    "53-windows-1252": Held(a=20_00, attested=1020_00),
    "54-latin1-bytes-declared-utf8": Held(a=20_00, attested=1020_00),
    "55-crlf": Held(a=20_00, attested=1020_00),
    "56-blank-line-first": Held(a=20_00, attested=1020_00),
    "57-trailing-control-z": Held(a=20_00, attested=1020_00),
    "58-prefixed-namespace": Held(a=20_00, attested=1020_00),
    "60-business-message-envelope": Held(a=20_00, attested=1020_00),
    "61-zip-of-two-statements": Held(a=20_00, b=25_00, attested=1045_00),
    "62-stylesheet-instruction": Held(a=20_00, attested=1020_00),
    "63-doctype": Held(refusal="bank.xml_forbidden"),
    "64-version-03": Held(a=20_00, attested=1020_00),
    "65-version-04": Held(a=20_00, attested=1020_00),
    "66-version-06": Held(a=20_00, attested=1020_00),
    "68-version-09": Held(a=20_00, attested=1020_00),
    "69-version-10": Held(a=20_00, attested=1020_00),
    "70-version-12": Held(a=20_00, attested=1020_00),
    "71-version-13": Held(a=20_00, attested=1020_00),
    "73-uetr-not-version-4": Held(b=25_00, attested=1045_00, waiting=[(20_00, None)]),
    "74-remittance-longer-than-140": Held(b=25_00, attested=1045_00, waiting=[(20_00, None)]),
    "75-element-out-of-order": Held(b=25_00, attested=1045_00, waiting=[(20_00, None)]),
    "77-cfonb120": Held(a=20_00, attested=1020_00),
    "77-cfonb120-balances-of-another-scale": Held(refusal="bank.sum_mismatch"),
    "78-mt940": Held(a=20_00, attested=1020_00),
    "79-pain002-whole-file-rejected": Held(),
    "80-camt054-instant-credit": Held(held=[(20_00, "awaiting_statement")]),
    "82-overdrawn-opening": Held(attested=15_00, held=[(20_00, "ledger.ReserveExceeded")]),
    "83-booking-date-as-utc-time": Held(a=20_00, attested=1020_00),
    "85-no-party-no-refs": Held(a=20_00, attested=1020_00),
    "86-statement-sent-twice-identical": Held(a=20_00, attested=1020_00),
    "87-overlap-of-two-statements": Held(a=20_00, b=25_00, attested=1020_00),
    "89-no-booking-date": Held(a=20_00, attested=1020_00),
    "90-batch-first-as-a-sum-then-with-its-lines": Held(a=60_00, b=40_00, attested=1100_00),
}


def test_every_file_has_its_expected_values() -> None:
    assert sorted(CASES) == bank_cases.names()


@pytest.mark.parametrize("name", CASES)
def test_what_a_file_does_to_the_books(books: Books, name: str) -> None:
    refusal = None
    for content in bank_cases.contents(name):
        try:
            books.hand_in(content)
        except BankFileRefusal as refused:
            refusal = refused.code
    attested = books.side.ledger.attested.amount_cents
    assert Held(*books.balances, attested, books.waiting, books.held, refusal) == CASES[name]
