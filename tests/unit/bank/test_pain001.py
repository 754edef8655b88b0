"""Payout files: valid against the bank's schema, saying what they were given and nothing else."""

from __future__ import annotations

import pytest
from lxml import etree

from scripts.bank_day import read_payout
from wallet_service.bank import pain001
from wallet_service.bank.errors import PayoutContentInvalid

DEBTOR = pain001.Debtor("Association L'alba (compte cantonné)", "FR7699999000010000000015441", "ALBAFR2XXXX")
IBAN = "FR7699999000010000000099928"


def transfer(number: int, amount_cents: int, name: str = "Épicerie & fils") -> pain001.Transfer:
    return pain001.Transfer(f"ALBA{number}", amount_cents, name, IBAN, f"Conversion {number}")


def test_a_file_holds_each_transfer_with_its_own_id_and_exact_amount() -> None:
    amounts_cents = [1, 5, 99, 100, 123_456_789]
    transfers = [transfer(number, amount) for number, amount in enumerate(amounts_cents)]
    content = pain001.write("ALBAMESSAGE", 1_780_000_000, DEBTOR, transfers)
    message_id, read = read_payout(content)
    assert message_id == "ALBAMESSAGE"
    assert [(key, paid.amount_cents, paid.iban) for key, paid in read.items()] == [
        (f"ALBA{number}", amount, IBAN) for number, amount in enumerate(amounts_cents)
    ]
    root = etree.fromstring(content)
    assert root.findtext(".//{*}GrpHdr/{*}CtrlSum") == "1234569.94"
    assert root.findtext(".//{*}GrpHdr/{*}NbOfTxs") == "5"


def test_the_same_input_makes_the_same_bytes() -> None:
    first, second = (pain001.write("M1", 1_780_000_000, DEBTOR, [transfer(1, 100)]) for _ in range(2))
    assert first == second


def test_names_are_put_into_the_characters_banks_take_and_cut_to_their_length() -> None:
    content = pain001.write("M1", 1_780_000_000, DEBTOR, [transfer(1, 100, "Crêperie Œuf <b>" + "x" * 90)])
    name = etree.fromstring(content).findtext(".//{*}Cdtr/{*}Nm")
    assert name is not None
    assert name.startswith("Creperie OEuf <b>")
    assert len(name) <= pain001.MAX_NAME_CHARACTERS


def test_what_the_schema_refuses_never_leaves() -> None:
    with pytest.raises(PayoutContentInvalid):
        pain001.write("M" * 36, 1_780_000_000, DEBTOR, [transfer(1, 100)])
