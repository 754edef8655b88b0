"""What a statement file says, and every way it may be refused. Nothing hostile gets past the door."""

from __future__ import annotations

import datetime
import re

import pytest

from scripts.camt053_writer import BANK_TIME_ZONE, Detail, Entry, StatementFacts, write_statement
from wallet_service.bank import camt053, errors
from wallet_service.bank.statement import EntryLine

IBAN = "FR7699999000010000000015441"
OTHER_IBAN = "FR7699999000010000000099928"
WRITTEN = datetime.datetime(2026, 6, 2, 7, 30, tzinfo=BANK_TIME_ZONE)
VERSIONS = ("camt.053.001.02", "camt.053.001.08")


def entry(*details: Detail, direction: str = "CRDT", reference: str = "BQ1", **more: object) -> Entry:
    return Entry(reference, direction, WRITTEN.date(), details, **more)  # type: ignore[arg-type]


def file(
    *entries: Entry, version: str = "camt.053.001.08", opening_cents: int = 0, **changes: object
) -> bytes:
    moved_cents = sum(each.signed_cents for each in entries if each.status == "BOOK")
    facts = {
        "iban": IBAN,
        "statement_id": "R1",
        "number": 1,
        "written": WRITTEN,
        "opening_cents": opening_cents,
        "closing_cents": opening_cents + moved_cents,
        "entries": entries,
    }
    return write_statement(StatementFacts(**{**facts, **changes}), version)  # type: ignore[arg-type]


CREDIT = Detail(12_50, "Camille R.", OTHER_IBAN, structured_reference="RF18539007547034", text="pour juin")


def only(content: bytes) -> EntryLine:
    (statement,) = camt053.parse(content, IBAN)
    (line,) = statement.lines
    return line


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_say_the_same(version: str) -> None:
    (statement,) = camt053.parse(
        file(entry(CREDIT), version=version, opening_cents=100), "fr76 9999 9000 0100 0000 0015 441"
    )
    assert (statement.statement_id, statement.opening_cents, statement.closing_cents) == ("R1", 100, 1350)
    assert statement.as_of_unix_s == int(WRITTEN.timestamp())
    assert statement.lines == (
        EntryLine(
            entry_reference="BQ1",
            line=0,
            direction="CRDT",
            amount_cents=1250,
            booked_on="2026-06-02",
            structured_references=("RF18539007547034",),
            remittance="pour juin",
            counterparty_name="Camille R.",
            counterparty_iban=OTHER_IBAN,
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_is_split_into_its_lines(version: str) -> None:
    details = (Detail(1000, end_to_end_id="E1"), Detail(2345, end_to_end_id="E2"))
    (statement,) = camt053.parse(
        file(entry(*details, direction="DBIT"), version=version, opening_cents=5000), IBAN
    )
    assert [(line.line, line.amount_cents, line.end_to_end_id) for line in statement.lines] == [
        (1, 1000, "E1"),
        (2, 2345, "E2"),
    ]
    assert len({line.key(IBAN) for line in statement.lines}) == 2


def test_a_batch_booked_without_lines_keeps_our_message_id() -> None:
    details = (Detail(1000), Detail(2345))
    line = only(
        file(
            entry(*details, direction="DBIT", batch_message_id="ALBAXYZ", with_details=False),
            opening_cents=5000,
        )
    )
    assert (line.line, line.amount_cents, line.batch_message_id) == (0, 3345, "ALBAXYZ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_returned_transfer_says_why(version: str) -> None:
    line = only(file(entry(Detail(900, end_to_end_id="E9", return_reason="AC04")), version=version))
    assert (line.end_to_end_id, line.return_reason) == ("E9", "AC04")


def test_pending_and_empty_entries_do_not_count() -> None:
    content = file(entry(CREDIT, status="PDNG"), entry(Detail(0), reference="BQ2"))
    assert camt053.parse(content, IBAN)[0].lines == ()


def test_the_content_hash_ignores_names_and_follows_money() -> None:
    first, renamed, dearer = (
        camt053.parse(file(entry(Detail(amount_cents, name, OTHER_IBAN))), IBAN)[0].content_hash()
        for amount_cents, name in ((100, "A"), (100, "B"), (101, "A"))
    )
    assert first == renamed != dearer


def test_a_statement_written_during_the_day_speaks_of_that_moment_and_one_of_the_next_day_of_midnight() -> (
    None
):
    content = file(entry(CREDIT))
    next_morning = content.replace(b"<Dt>2026-06-02</Dt>", b"<Dt>2026-06-01</Dt>")
    midnight = datetime.datetime(2026, 6, 1, 23, 59, 59, tzinfo=BANK_TIME_ZONE)
    assert camt053.parse(next_morning, IBAN)[0].as_of_unix_s == int(midnight.timestamp())


def replaced(old: str, new: str, content: bytes | None = None, count: int = 0) -> bytes:
    changed, made = re.subn(old, new, (content or file(entry(CREDIT))).decode(), count=count)
    assert made
    return changed.encode()


DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'

REFUSED = {
    "too large": (b" " * (camt053.MAX_FILE_BYTES + 1), errors.FileTooLarge),
    "empty": (b"", errors.NotXml),
    "not xml": (b"hello", errors.NotXml),
    "torn": (file(entry(CREDIT))[:-40], errors.NotXml),
    "unknown encoding": (b'<?xml version="1.0" encoding="nope"?><a/>', errors.NotXml),
    "external entity": (DTD, errors.ForbiddenXml),
    "entity bomb": (BOMB, errors.ForbiddenXml),
    "entity bomb in utf-16": (BOMB.decode().encode("utf-16"), errors.ForbiddenXml),
    "another message": (
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.052.001.08'/>",
        errors.VersionUnknown,
    ),
    "no namespace": (b"<Document/>", errors.VersionUnknown),
    "schema": (replaced("<CdtDbtInd>CRDT", "<CdtDbtInd>MAYBE"), errors.SchemaInvalid),
    "negative amount": (replaced(">12.50<", ">-12.50<"), errors.SchemaInvalid),
    "exponent": (replaced(">12.50<", ">1e9<"), errors.SchemaInvalid),
    "another account": (file(entry(CREDIT), iban=OTHER_IBAN), errors.WrongAccount),
    "dollars": (replaced('Ccy="EUR">12.50', 'Ccy="USD">12.50'), errors.WrongCurrency),
    "account in dollars": (replaced("<Ccy>EUR", "<Ccy>USD"), errors.WrongCurrency),
    "half cents": (replaced(">12.50<", ">12.505<"), errors.AmountUnreadable),
    "absurd amount": (replaced(">12.50<", ">9999999999999.00<"), errors.AmountUnreadable),
    "no closing balance": (replaced("CLBD", "CLAV"), errors.BalanceMissing),
    "two opening balances": (replaced("CLBD", "OPBD"), errors.BalanceMissing),
    "sums": (file(entry(CREDIT), closing_cents=1251), errors.SumMismatch),
    "no bank reference": (replaced("<AcctSvcrRef>[^<]*</AcctSvcrRef>", ""), errors.ReferenceMissing),
    "a reference twice": (file(entry(CREDIT), entry(CREDIT)), errors.ReferenceRepeated),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_whole(name: str) -> None:
    content, expected = REFUSED[name]
    with pytest.raises(expected) as refusal:
        camt053.parse(content, IBAN)
    assert refusal.value.sentence("fr")
    assert refusal.value.sentence("en")


def test_a_schema_refusal_never_quotes_the_file() -> None:
    content = replaced("<CdtDbtInd>CRDT", "<CdtDbtInd>Camille R.")
    with pytest.raises(errors.SchemaInvalid) as refusal:
        camt053.parse(content, IBAN)
    assert "Camille" not in refusal.value.sentence("fr")


@pytest.mark.parametrize(
    ("text", "cents"),
    [("0.01", 1), ("1", 100), ("12.5", 1250), ("0012.50000", 1250), ("99999999.99", 9_999_999_999)],
)
def test_amounts_are_exact_cents(text: str, cents: int) -> None:
    content = replaced(">1.00<", f">{text}<", file(entry(Detail(100)), closing_cents=cents))
    statement = camt053.parse(content, IBAN)[0]
    assert statement.lines[0].amount_cents == cents
