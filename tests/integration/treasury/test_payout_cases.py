"""Files as banks write them about our transfers (tests/vectors/bank/payouts): how each conversion ends."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

import pytest

from scripts.camt053_writer import BANK_TIME_ZONE, Entry, StatementFacts, write_statement
from tests.support import bank_cases
from tests.support.bank_books import Books
from tests.support.bank_side import RESERVE_IBAN
from tests.support.payout_reports import at_bank

LOADED_CENTS: Final = 300_00
LOADED_AT: Final = datetime.datetime(2026, 5, 28, 18, tzinfo=BANK_TIME_ZONE)  # the files' days follow


@dataclass(frozen=True)
class Ends:
    states: list[str]
    supply: int
    attested: int
    b: int = 0
    waiting: tuple[tuple[int, str | None], ...] = ()


PAYS_OUT = {
    "batch-debit-known-by-pmtinfid-only": (100_00, 50_00),
    "batch-debit-less-one-rejected": (100_00, 50_00),
}
# These are about a transfer whose debit was booked the day before.
DEBITED_BEFORE = {"return-less-a-fee", "return-without-code-or-reason"}
CASES = {
    "batch-debit-known-by-pmtinfid-only": Ends(["paid", "paid"], 150_00, 150_00),
    "batch-debit-less-one-rejected": Ends(
        ["exported", "exported"], 300_00, 200_00, waiting=((100_00, None),)
    ),
    "debit-and-return-of-one-day-one-reference": Ends(["returned"], 300_00, 300_00),
    "return-less-a-fee": Ends(["paid"], 200_00, 298_50, waiting=((98_50, None),)),
    "return-with-the-reference-of-its-debit": Ends(["returned"], 325_00, 325_00, b=25_00),
    "return-without-code-or-reason": Ends(["returned"], 300_00, 300_00),
}


def loaded_shop(books: Books) -> str:
    """A merchant who has LOADED_CENTS, from the account's first statement."""
    shop = books.side.merchant()
    credit = books.side.credit(LOADED_CENTS, books.side.topups.reference_for(shop))
    entries = (Entry("BQ1", "CRDT", LOADED_AT.date(), (credit,)),)
    facts = StatementFacts(RESERVE_IBAN, "RELEVE-0001", 1, LOADED_AT, 0, LOADED_CENTS, entries)
    books.hand_in(write_statement(facts, "camt.053.001.08"))
    return shop


def test_every_file_has_its_expected_end() -> None:
    assert sorted(CASES) == bank_cases.payout_names()


@pytest.mark.parametrize("name", CASES)
def test_what_a_file_does_to_a_conversion(books: Books, name: str) -> None:
    side = books.side
    shop = loaded_shop(books)
    file, refs, transfers = at_bank(side, shop, *PAYS_OUT.get(name, (100_00,)))
    if name in DEBITED_BEFORE:
        (debit, _) = bank_cases.about_payouts(
            "return-with-the-reference-of-its-debit", file.message_id, transfers[0]
        )
        books.hand_in(debit)
    for content in bank_cases.about_payouts(name, file.message_id, transfers[0]):
        books.hand_in(content)
    found = Ends(
        [str(side.redemption(ref).state) for ref in refs],
        side.ledger.supply_cents(),
        side.ledger.attested.amount_cents,
        books.balances[1],
        tuple(books.waiting),
    )
    assert found == CASES[name]
