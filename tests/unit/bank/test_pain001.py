"""Payout files: valid against the bank's schema, saying what they were given and nothing else."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scripts.demo_bank import read_payout
from wallet_service.bank import epc217, pain001
from wallet_service.bank.errors import PayoutContentInvalid
from wallet_service.territory.currency import LOCAL_ZONE

DEBTOR = pain001.Debtor("Association L'alba (compte cantonné)", "FR7699999000010000000015441", "ALBAFR2XXXX")
IBAN = "FR7699999000010000000099928"
TERMS = pain001.FileTerms()
EACH_VERSION = pytest.mark.parametrize("version", ["pain.001.001.03", "pain.001.001.09"])
ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")


def transfer(number: int, amount_cents: int, name: str = "Epicerie + fils") -> pain001.Transfer:
    return pain001.Transfer(f"ALBA{number}", amount_cents, name, IBAN, f"Conversion {number}")


def written(
    *transfers: pain001.Transfer,
    at_unix_s: int = 1_780_000_000,
    debtor: pain001.Debtor = DEBTOR,
    terms: pain001.FileTerms = TERMS,
) -> bytes:
    return pain001.write("ALBAMESSAGE", at_unix_s, debtor, transfers or [transfer(1, 100)], terms)


def said(content: bytes, path: str) -> str | None:
    return etree.fromstring(content).findtext(".//" + "/".join(f"{{*}}{step}" for step in path.split("/")))


@EACH_VERSION
def test_a_file_holds_each_transfer_with_its_own_id_and_exact_amount(version: pain001.Version) -> None:
    amounts_cents = [1, 5, 99, 100, 123_456_789]
    transfers = [transfer(number, amount) for number, amount in enumerate(amounts_cents)]
    content = written(*transfers, terms=pain001.FileTerms(version))
    assert f'xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"'.encode() in content
    message_id, read = read_payout(content)
    assert message_id == "ALBAMESSAGE"
    assert [(key, paid.amount_cents, paid.iban) for key, paid in read.items()] == [
        (f"ALBA{number}", amount, IBAN) for number, amount in enumerate(amounts_cents)
    ]
    for level in ("GrpHdr", "PmtInf"):
        assert (said(content, f"{level}/CtrlSum"), said(content, f"{level}/NbOfTxs")) == ("1234569.94", "5")
    assert said(content, "PmtInf/PmtInfId") == "ALBAMESSAGE"


def test_the_same_input_makes_the_same_bytes() -> None:
    assert written() == written()


def test_the_declaration_stands_in_double_quotes() -> None:
    assert written().startswith(b'<?xml version="1.0" encoding="UTF-8"?>')


@EACH_VERSION
@pytest.mark.parametrize("as_one_sum", [False, True])
def test_the_bank_is_told_whether_to_book_one_sum(version: pain001.Version, as_one_sum: bool) -> None:
    content = written(terms=pain001.FileTerms(version, as_one_sum))
    assert said(content, "PmtInf/BtchBookg") == str(as_one_sum).lower()


@EACH_VERSION
def test_a_reserve_account_without_bic_is_written(version: pain001.Version) -> None:
    content = written(debtor=pain001.Debtor("Association", DEBTOR.iban, ""), terms=pain001.FileTerms(version))
    assert said(content, "DbtrAgt/FinInstnId/Othr/Id") == "NOTPROVIDED"


@pytest.mark.parametrize(
    ("approved", "asked_for"),
    [
        ("2026-06-10 23:59", "2026-06-10"),  # a Wednesday
        ("2026-06-06 20:00", "2026-06-08"),  # a Saturday
        ("2026-04-02 18:00", "2026-04-02"),
        ("2026-04-03 09:00", "2026-04-07"),  # Good Friday, over Easter Monday
        ("2026-12-24 09:00", "2026-12-24"),
        ("2026-12-25 09:00", "2026-12-28"),  # 26 is a Saturday
        ("2026-12-31 23:59", "2026-12-31"),
        ("2027-01-01 00:00", "2027-01-04"),
        ("2026-05-01 12:00", "2026-05-04"),
        ("2026-05-08 12:00", "2026-05-08"),  # closed in France, not for the banks
    ],
)
def test_execution_is_asked_for_on_the_first_open_day_from_the_approval_on(
    approved: str, asked_for: str
) -> None:
    moment = datetime.datetime.fromisoformat(approved).replace(tzinfo=LOCAL_ZONE)
    content = written(at_unix_s=int(moment.timestamp()))
    assert said(content, "PmtInf/ReqdExctnDt/Dt") == asked_for
    assert said(content, "GrpHdr/CreDtTm") == moment.strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        ("Épicerie & fils", "Epicerie + fils"),
        ("Crêperie de l’Œuf_rouge", "Creperie de l'OEuf rouge"),
        ("Chez “Zoé” ; café @ coin #1", "Chez Zoe cafe coin 1"),
        ("//Garage//", "Garage"),
        ("Garage / / du pont", "Garage / du pont"),
        ("/ Bar*Tabac! /", "Bar Tabac"),
        ("Ελένη Παπά", "Elene Papa"),
        ("Булочная", "Bulochnaia"),
        ("🥖🚲", ""),
        ("...", ""),
        ("", ""),
        ("x" * 69 + "/" + "y", "x" * 69),
    ],
)
def test_texts_are_put_into_the_characters_banks_take(name: str, leaves: str) -> None:
    assert epc217.writable(name, 70) == leaves


@given(st.text(max_size=200), st.integers(1, 140))
def test_cleaning_only_ever_yields_allowed_characters(text: str, most: int) -> None:
    cleaned = epc217.writable(text, most)
    assert set(cleaned) <= ALLOWED
    assert len(cleaned) <= most
    assert not cleaned.startswith(("/", " "))
    assert not cleaned.endswith(("/", " "))
    assert "//" not in cleaned
    assert epc217.is_writable(cleaned)
    assert epc217.writable(cleaned, most) == cleaned


@pytest.mark.parametrize("name", ["Épicerie", "A & B", "a_b", "/a", "a/", "a//b", "a\tb"])
def test_a_character_that_banks_refuse_never_leaves(name: str) -> None:
    with pytest.raises(PayoutContentInvalid):
        written(transfer(1, 100, name))


@pytest.mark.parametrize(
    ("message_id", "name"), [("M" * 36, "Garage"), ("M1", ""), ("M1", "x" * 71)], ids=["id", "empty", "long"]
)
def test_what_the_schema_refuses_never_leaves(message_id: str, name: str) -> None:
    with pytest.raises(PayoutContentInvalid):
        pain001.write(message_id, 1_780_000_000, DEBTOR, [transfer(1, 100, name)], TERMS)
