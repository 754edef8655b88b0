"""Amounts, identifiers, references, addresses, QR texts and clocks."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.clock import SystemClock, VirtualClock
from wallet_service.protocol.errors import (
    AddressInvalid,
    AmountInvalid,
    AmountOutOfRange,
    ProtocolError,
    QrForeign,
    QrTampered,
    QrVersionUnknown,
    TopupReferenceInvalid,
    WordInvalid,
)
from wallet_service.protocol.signing.addresses import checksum_address, normal_address
from wallet_service.protocol.text.identifiers import (
    BASE32_ALPHABET,
    new_id,
    new_ref,
    new_sale_id,
    new_short_code,
    normal_word,
)
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS, decimal_amount, parse_amount
from wallet_service.protocol.text.qr import epc_payload, parse_sale_qr, sale_url
from wallet_service.protocol.text.references import (
    derived_ref,
    normal_topup_reference,
    proof_code,
    topup_reference,
    topup_reference_view,
    topup_references_in,
)

ORIGIN = "https://wallet.example"


@pytest.mark.parametrize(
    ("text", "amount_cents"),
    [
        ("12,50", 1250),
        ("12.5", 1250),
        ("12", 1200),
        ("0,01", 1),
        (" 1 234,56 ", 123456),
        ("1\u202f234,56", 123456),
        ("7,", 700),
        ("99999999,99", MAX_AMOUNT_CENTS),
    ],
)
def test_amounts_people_type_are_read(text: str, amount_cents: int) -> None:
    assert parse_amount(text) == amount_cents


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "+1", "1,234", "1.234,56", "1,2,3", "1e3", "0x10", ",5", "١٢", "1" * 25, "NaN"]
)
def test_amounts_nobody_can_be_sure_of_are_refused(text: str) -> None:
    with pytest.raises(AmountInvalid):
        parse_amount(text)


@pytest.mark.parametrize("text", ["0", "0,00", "100000000,00", "999999999999"])
def test_amounts_too_small_or_too_large_are_refused(text: str) -> None:
    with pytest.raises(AmountOutOfRange):
        parse_amount(text)


def test_amounts_are_shown_in_both_languages() -> None:
    assert format_amount(123450, "fr") == "1\u202f234,50"
    assert format_amount(123450, "en") == "1,234.50"
    assert format_amount(-5, "fr") == "-0,05"
    assert decimal_amount(123450) == "1234.50"
    with pytest.raises(AmountOutOfRange):
        decimal_amount(-1)


def test_identifiers_have_their_form_and_do_not_repeat() -> None:
    letters = f"[{BASE32_ALPHABET}]"
    for make, form in (
        (new_id, f"{letters}{{26}}"),
        (new_sale_id, f"{letters}{{16}}"),
        (new_short_code, "[0-9]{6}"),
        (new_ref, "0x[0-9a-f]{64}"),
    ):
        made = [make() for _ in range(50)]
        assert all(re.fullmatch(form, one) for one in made)
        assert len(set(made)) > 45


def test_words_are_lower_case_and_whole() -> None:
    assert normal_word("0x" + "AB" * 32) == "0x" + "ab" * 32
    for broken in ("", "ab" * 32, "0x" + "ab" * 31, "0x" + "zz" * 32, "0x" + "ab" * 33):
        with pytest.raises(WordInvalid):
            normal_word(broken)


def test_addresses_are_lower_case_inside_and_a_wrong_checksum_is_refused() -> None:
    address = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    assert checksum_address(address) == to_checksum_address(address)
    assert normal_address(checksum_address(address)) == address
    assert normal_address("0x" + address[2:].upper()) == address
    with pytest.raises(AddressInvalid):
        normal_address(checksum_address(address).replace("A", "a", 1))
    for broken in ("", address[2:], address + "0", "0x" + "g" * 40):
        with pytest.raises(AddressInvalid):
            normal_address(broken)


def test_topup_references_carry_check_digits() -> None:
    reference = topup_reference("ABC123")
    assert re.fullmatch("RF[0-9]{2}ABC123", reference)
    assert normal_topup_reference(topup_reference_view(reference).lower()) == reference
    wrong = reference[:-1] + ("4" if reference[-1] == "3" else "3")
    for broken in (wrong, "RF", "", "hello"):
        with pytest.raises(TopupReferenceInvalid):
            normal_topup_reference(broken)
    for serial in ("", "A" * 22, "a-b"):
        with pytest.raises(TopupReferenceInvalid):
            topup_reference(serial)


def test_references_are_found_inside_what_people_write() -> None:
    first, second = topup_reference("K7XM2P9Q"), topup_reference(42)
    text = f"VIR DE CAMILLE {topup_reference_view(first)} MERCI, et {second.lower()}; RF00NOPE"
    assert topup_references_in(text) == [first, second]
    assert topup_references_in(f"{first} {first}") == [first]
    assert topup_references_in("loyer de mars") == []


def test_derived_references_are_stable_and_apart() -> None:
    assert derived_ref("mint", "FR76|E1") == derived_ref("mint", "FR76|E1")
    assert len({derived_ref("mint", "E1"), derived_ref("mint", "E2"), derived_ref("payout", "E1")}) == 3
    assert re.fullmatch("[0-9A-F]{2}-[0-9A-F]{3}", proof_code(new_ref()))


def test_a_sales_qr_gives_its_id_back_in_any_case() -> None:
    sale_id = new_sale_id()
    text = sale_url(ORIGIN, sale_id)
    assert text == text.upper()
    assert len(text) - len(ORIGIN) == 3 + 21
    assert parse_sale_qr(text, ORIGIN) == parse_sale_qr(f" {text.lower()}\n", ORIGIN) == sale_id


@pytest.mark.parametrize("sale_id", ["0123456789ABCDEF", "7QK3M9XW2T5V8N1P", "ZZZZZZZZZZZZZZZZ"])
def test_every_byte_of_a_sales_qr_changed_into_every_other_is_refused_or_is_the_same_sale(
    sale_id: str,
) -> None:
    text, read = sale_url(ORIGIN, sale_id), set()
    for place in range(len(text)):
        for byte in range(256):
            with contextlib.suppress(QrForeign, QrTampered, QrVersionUnknown):
                read.add(parse_sale_qr(text[:place] + chr(byte) + text[place + 1 :], ORIGIN))
    assert read == {sale_id}


def test_every_changed_character_of_a_members_transfer_reference_is_refused() -> None:
    """A digit for a digit, a letter for a letter: what ISO 7064's check is certain to notice."""
    reference = topup_reference("K7XM2P9Q")
    for place in range(len(reference)):
        for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if other != reference[place] and other.isdigit() == reference[place].isdigit():
                with pytest.raises(TopupReferenceInvalid):
                    normal_topup_reference(reference[:place] + other + reference[place + 1 :])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("https://evil.example/P/1" + "A" * 20, QrForeign),
        ("https://wallet.example.evil/P/1" + "A" * 20, QrForeign),
        ("WIFI:S:cafe;;", QrForeign),
        ("", QrForeign),
        ("HTTPS://WALLET.EXAMPLE/P/" + "1" * 500, QrForeign),
        ("HTTPS://WALLET.EXAMPLE/P/2ABCDEF", QrVersionUnknown),
        ("HTTPS://WALLET.EXAMPLE/P/", QrTampered),
        ("HTTPS://WALLET.EXAMPLE/P/1", QrTampered),
    ],
)
def test_foreign_newer_and_cut_qr_codes_are_told_apart(text: str, error: type[ProtocolError]) -> None:
    with pytest.raises(error):
        parse_sale_qr(text, ORIGIN)


def test_an_epc_code_has_the_standards_lines() -> None:
    reference = topup_reference(7)
    payload = epc_payload(
        holder="Association fictive",
        iban="FR76 1273 9000 0100 0000 0000 154",
        bic="ALBAFR2XXXX",
        reference=reference,
        amount_cents=1250,
    )
    assert payload.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "ALBAFR2XXXX",
        "Association fictive",
        "FR7612739000010000000000154",
        "EUR12.50",
        "",
        reference,
    ]


def test_an_epc_code_refuses_what_would_forge_a_field() -> None:
    common: dict[str, Any] = {"iban": "FR76", "bic": "ALBAFR2XXXX", "reference": topup_reference(7)}
    with pytest.raises(ValueError, match="line break"):
        epc_payload(holder="A\nFR00", **common)
    with pytest.raises(AmountOutOfRange):
        epc_payload(holder="A", amount_cents=0, **common)
    with pytest.raises(TopupReferenceInvalid):
        epc_payload(holder="A", iban="FR76", bic="", reference="RF00NOPE")


def test_every_refusal_speaks_both_languages() -> None:
    def below(kind: type[ProtocolError]) -> list[type[ProtocolError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    refusals = below(ProtocolError)[1:]
    assert len({refusal.code for refusal in refusals}) == len(refusals) == 9
    for refusal in refusals:
        error = refusal()
        assert error.sentence("fr") != error.sentence("en")


def test_a_virtual_clock_moves_only_forward_and_only_when_told() -> None:
    clock = VirtualClock(1_000)
    assert (clock.now_unix_ms(), clock.now_unix_s()) == (1_000, 1)
    clock.advance_ms(500)
    clock.move_to_unix_ms(1_200)
    assert clock.now_unix_ms() == 1_500
    with pytest.raises(ValueError, match="go back"):
        clock.advance_ms(-1)
    assert SystemClock().now_unix_s() > 1_700_000_000
