"""What each kind of report does to the books: who is credited, what is attested, what waits and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.support.bank_books import A, B, Books
from tests.support.bank_reports import NEXT_DAY, credit, entry, notification, report, transfer
from wallet_service.bank.reported import AccountReport


@dataclass(frozen=True)
class Case:
    """Reports, one file each, and what the books then hold."""

    reports: tuple[AccountReport, ...]
    balances: tuple[int, int]
    attested_cents: int
    waiting: list[tuple[int, str | None]]


def case(
    *reports: AccountReport,
    a: int = 0,
    b: int = 0,
    attested: int,
    waiting: list[tuple[int, str | None]] | None = None,
) -> Case:
    return Case(reports, (a, b), attested, waiting or [])


TWICE = report(credit(20_00, A, bank="BQ1"))
CASES: dict[str, Case] = {
    "a batch without amounts, one reference in it": case(
        report(entry(100_00, transfer(None, A), transfer(None), bank="BQ1", declared_transfers=2)),
        attested=1100_00,
        waiting=[(100_00, "batch_incomplete")],
    ),
    "a batch that announces two and shows one": case(
        report(entry(100_00, transfer(40_00, A), bank="BQ1", declared_transfers=2)),
        a=40_00,
        attested=1100_00,
        waiting=[(60_00, "batch_incomplete")],
    ),
    "a batch of both directions": case(
        report(
            entry(70_00, transfer(100_00, A, direction="CRDT"), transfer(30_00, direction="DBIT"), bank="BQ1")
        ),
        attested=1070_00,
        waiting=[(70_00, "batch_mixed")],
    ),
    "charges deducted from one transfer": case(
        report(entry(49_00, transfer(50_00, A), bank="BQ1")), a=49_00, attested=1049_00
    ),
    "a batch of two members": case(
        report(entry(100_00, transfer(60_00, A), transfer(40_00, B), bank="BQ1")),
        a=60_00,
        b=40_00,
        attested=1100_00,
    ),
    "two members with the same amount in one batch": case(
        report(entry(40_00, transfer(20_00, A), transfer(20_00, B), bank="BQ1")),
        a=20_00,
        b=20_00,
        attested=1040_00,
    ),
    "the reversal of our own debit carries a reference": case(
        report(entry(50_00, transfer(50_00, A), bank="BQ1", is_reversal=True)),
        attested=1050_00,
        waiting=[(50_00, "reversal")],
    ),
    "the reversal of a credit already minted": case(
        report(credit(50_00, A, bank="C1")),
        report(
            entry(50_00, transfer(50_00, A), bank="C1R", direction="DBIT", is_reversal=True, on=NEXT_DAY),
            opening_cents=1050_00,
            name="S2",
            on=NEXT_DAY,
        ),
        a=50_00,
        attested=1000_00,
        waiting=[(50_00, "reversal")],
    ),
    "no reference of the bank's on a fee beside an honest credit": case(
        report(entry(5_60, direction="DBIT"), credit(25_00, B, bank="BQ2")),
        b=25_00,
        attested=1019_40,
        waiting=[(5_60, None)],
    ),
    "one reference of the bank's for two entries of a day": case(
        report(credit(20_00, A, bank="BQ1"), credit(25_00, B, bank="BQ1")),
        a=20_00,
        b=25_00,
        attested=1045_00,
    ),
    "one reference of the bank's for two equal amounts of a day": case(
        report(credit(20_00, A, bank="BQ1"), credit(20_00, B, bank="BQ1")),
        a=20_00,
        b=20_00,
        attested=1040_00,
    ),
    "a reference of the bank's used again the next day": case(
        report(credit(20_00, A, bank="BQ1")),
        report(
            credit(20_00, B, bank="BQ1", on=NEXT_DAY), opening_cents=1020_00, name="S2", on=NEXT_DAY
        ),
        a=20_00,
        b=20_00,
        attested=1040_00,
    ),
    "a statement sent again under a new id with new references": case(
        report(credit(20_00, A, bank="X1", end_to_end="E77"), credit(500_00, bank="X2")),
        report(credit(20_00, A, bank="Y1", end_to_end="E77"), credit(500_00, bank="Y2"), name="S1-BIS"),
        a=20_00,
        attested=1520_00,
        waiting=[(20_00, "repeated"), (500_00, None), (500_00, "repeated")],
    ),
    "a statement id that starts again each year": case(
        report(credit(20_00, A, bank="BQ1")),
        report(
            credit(25_00, B, bank="BQ1", on="2026-05-30"),
            opening_cents=1020_00,
            name="S1",
            on="2026-05-30",
        ),
        a=20_00,
        b=25_00,
        attested=1045_00,
    ),
    "a corrected statement of the same id": case(
        report(credit(20_00, A, bank="BQ1")),
        report(credit(20_00, A, bank="BQ1"), credit(25_00, B, bank="BQ2")),
        a=20_00,
        attested=1020_00,
        waiting=[(25_00, "corrected")],
    ),
    "one statement in two files": case(
        report(credit(20_00, A, bank="X1"), is_closed=False),
        report(credit(25_00, B, bank="X2"), opening_cents=None, closing_cents=1045_00),
        a=20_00,
        b=25_00,
        attested=1045_00,
    ),
    "a closing balance alone": case(
        report(credit(20_00, A, bank="BQ1"), opening_cents=None, closing_cents=1020_00),
        a=20_00,
        attested=1020_00,
    ),
    "no balance at all": case(report(credit(20_00, A, bank="BQ1"), opening_cents=None), attested=0),
    "a day without movements": case(report(), attested=1000_00),
    "a statement sent twice": case(TWICE, TWICE, a=20_00, attested=1020_00),
    "a statement sent again under a new id": case(
        TWICE, replace(TWICE, report_id="S1-BIS"), a=20_00, attested=1020_00
    ),
    "two statements that overlap": case(
        report(credit(20_00, A, bank="X1")),
        report(credit(20_00, A, bank="X1"), credit(25_00, B, bank="X2"), name="S2"),
        a=20_00,
        b=25_00,
        attested=1020_00,
    ),
    "a sum first, its transfers later": case(
        report(entry(100_00, bank="K1", declared_transfers=2)),
        report(
            entry(100_00, transfer(60_00, A), transfer(40_00, B), bank="K1", declared_transfers=2),
            name="S1-D",
        ),
        a=60_00,
        b=40_00,
        attested=1100_00,
    ),
    "a sum first, its transfers told by a notification": case(
        report(entry(100_00, bank="K1", declared_transfers=2)),
        notification(
            entry(100_00, transfer(60_00, A), transfer(40_00, B), bank="K1", declared_transfers=2)
        ),
        a=60_00,
        b=40_00,
        attested=1100_00,
    ),
    "references of two members": case(
        report(entry(20_00, transfer(20_00, A, texts=(B,)), bank="BQ1")),
        attested=1020_00,
        waiting=[(20_00, "several_members")],
    ),
    "an overdrawn account": case(
        report(credit(20_00, A, bank="BQ1"), opening_cents=-5_00), attested=15_00
    ),
    "an entry without its day": case(
        report(credit(20_00, A, bank="BQ1", on="")), a=20_00, attested=1020_00
    ),
    "two movements of one day told apart by nothing, in statements that follow each other": case(
        report(credit(20_00, A), at="12:00:00"),
        report(credit(20_00, A), opening_cents=1020_00, name="S2"),
        a=40_00,
        attested=1040_00,
    ),
    "a balance that is the same before and after, and the day sent again": case(
        report(credit(20_00, A, bank="X1"), entry(20_00, bank="X2", direction="DBIT"), at="12:00:00"),
        report(
            credit(20_00, A, bank="Y1"),
            entry(20_00, bank="Y2", direction="DBIT"),
            credit(5_00, B, bank="Y3"),
            name="S2",
        ),
        a=20_00,
        b=5_00,
        attested=1005_00,
        waiting=[(20_00, None), (20_00, "lookalike"), (20_00, "lookalike")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_reports_do_to_the_books(books: Books, name: str) -> None:
    expected = CASES[name]
    books.receive(*expected.reports)
    assert books.balances == expected.balances
    assert books.side.ledger.attested.amount_cents == expected.attested_cents
    assert books.waiting == sorted(expected.waiting, key=str)
