"""What the demonstration's bank writes is read back as it was meant, by readers that know nothing of it."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from scripts.camt053_writer import (
    BANK_TIME_ZONE,
    Detail,
    Entry,
    StatementFacts,
    write_notification,
    write_statement,
)
from scripts.cfonb120_writer import RECORD_CHARACTERS, write_cfonb120
from scripts.mt940_writer import LINE_CHARACTERS, write_mt940
from wallet_service.bank.files import read
from wallet_service.bank.reported import AccountReport
from wallet_service.protocol.text.references import topup_reference

IBAN = "FR7699999000010000000015441"
PAYER_IBAN = "FR7699999000010000000099928"
REFERENCE = topup_reference("0A1B2C3D4E")
DAY = datetime.date(2026, 6, 2)


def detail(amount_cents: int, **more: str) -> Detail:
    return Detail(amount_cents, "Camille Rœssel", PAYER_IBAN, **more)


CREDIT = Entry("BQ0000000001", "CRDT", DAY, (detail(40_00, structured_reference=REFERENCE),))
BATCH = Entry("BQ0000000002", "CRDT", DAY, (detail(10_00, text="A"), detail(20_05, text="B")))
PAYOUT = Entry("BQ0000000003", "DBIT", DAY, (detail(15_50, end_to_end_id="ALBA1"),))
RETURN = replace(
    PAYOUT,
    reference="BQ0000000004",
    direction="CRDT",
    details=(detail(15_50, end_to_end_id="ALBA1", return_reason="AC04"),),
)
REVERSAL = replace(CREDIT, reference="BQ0000000005", direction="DBIT", is_reversal=True)
ENTRIES = (CREDIT, BATCH, PAYOUT, RETURN, REVERSAL)
FACTS = StatementFacts(
    IBAN,
    "20260602-00001",
    1,
    datetime.datetime(2026, 6, 2, 20, 0, tzinfo=BANK_TIME_ZONE),
    opening_cents=-5_00,
    closing_cents=-5_00 + sum(entry.signed_cents for entry in ENTRIES),
    entries=ENTRIES,
)
WRITERS = {"camt.053": write_statement, "cfonb120": write_cfonb120, "mt940": write_mt940}


def report_of(content: bytes) -> AccountReport:
    (report,) = read(content, IBAN).reports
    return report


@pytest.mark.parametrize("form", WRITERS)
def test_sums_days_and_balances_are_read_back(form: str) -> None:
    report = report_of(WRITERS[form](FACTS))
    assert report.format.startswith(form)
    assert report.opening is not None
    assert report.closing is not None
    assert (report.opening.amount_cents, report.closing.amount_cents) == (-5_00, 25_05)
    assert [entry.signed_cents for entry in report.entries] == [each.signed_cents for each in ENTRIES]
    assert {entry.booked_on for entry in report.entries} == {DAY.isoformat()}
    assert all(entry.references.servicer or entry.transfers for entry in report.entries)


@pytest.mark.parametrize("form", WRITERS)
def test_who_and_why_are_read_back(form: str) -> None:
    credit, _batch, payout, returned, _reversal = report_of(WRITERS[form](FACTS)).entries
    (transfer,) = credit.transfers
    words = "".join((*transfer.structured, *transfer.texts)).replace(" ", "")
    assert REFERENCE in words
    assert (transfer.counterparty_account, transfer.amount_cents) == (PAYER_IBAN, 40_00)
    assert transfer.counterparty_name.startswith("Camille")
    assert payout.transfers[0].references.end_to_end == "ALBA1"
    reasons = {returned.return_reason, *(each.return_reason for each in returned.transfers)}
    assert "AC04" in reasons


@pytest.mark.parametrize("form", ["camt.053", "mt940"])
def test_a_reversal_is_said(form: str) -> None:
    assert [entry.is_reversal for entry in report_of(WRITERS[form](FACTS)).entries] == [False] * 4 + [True]


def test_a_notification_tells_the_same_movement_under_the_same_names_without_balances() -> None:
    told, stated = (
        report_of(write_notification(replace(FACTS, entries=(CREDIT,)))),
        report_of(write_statement(FACTS)),
    )
    assert (told.kind, told.opening, told.closing) == ("notification", None, None)
    assert told.entries[0] == stated.entries[0]


def test_a_sum_that_tells_one_part_says_how_many_there_are() -> None:
    entry = replace(BATCH, details_shown=1)
    facts = replace(FACTS, entries=(entry,), closing_cents=25_05)
    (read_back,) = report_of(write_statement(facts)).entries
    assert (read_back.declared_transfers, len(read_back.transfers)) == (2, 1)


def test_records_and_lines_have_the_length_of_their_norm() -> None:
    records = write_cfonb120(FACTS).decode("iso-8859-1").splitlines()
    assert {len(record) for record in records} == {RECORD_CHARACTERS}
    assert max(len(line) for line in write_mt940(FACTS).decode("ascii").splitlines()) <= LINE_CHARACTERS + 4
