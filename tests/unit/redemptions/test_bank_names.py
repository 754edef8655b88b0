"""Our names in what a bank writes, however it cuts its lines; accounts and holders as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.bank.reported import References, TransferDetail
from wallet_service.bank.statement import EntryLine
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.redemptions import errors
from wallet_service.redemptions.iban import EEA_COUNTRIES, Payee, checked_payee
from wallet_service.redemptions.matching import MAX_NAMES, named_in, names_in

NAME, OTHER = f"ALBA{new_id()}", f"ALBA{new_id()}"


@pytest.mark.parametrize(
    "field",
    ["servicer", "entry", "transaction", "end_to_end", "instruction", "payment_information", "message"],
)
def test_a_name_is_found_in_whatever_reference_the_bank_echoes_it(field: str) -> None:
    line = EntryLine("DBIT", 100, "2026-05-29", references=References(**{field: NAME}))
    assert names_in(line) == {NAME}


@pytest.mark.parametrize(
    "texts",
    [
        (f"VIR SEPA EMIS {NAME} MOTIF",),
        (NAME[:20], NAME[20:]),
        (f"REF {NAME[:11]} {NAME[11:].lower()}",),
    ],
)
def test_a_name_is_found_in_texts_though_lines_are_cut_and_letters_small(texts: tuple[str, ...]) -> None:
    assert names_in(EntryLine("DBIT", 100, "2026-05-29", texts=texts)) == {NAME}


def test_a_sum_is_known_by_the_transfers_the_bank_shows_in_it() -> None:
    parts = (
        TransferDetail(references=References(end_to_end=NAME)),
        TransferDetail(texts=(f"x {OTHER}",)),
    )
    assert names_in(EntryLine("DBIT", 100, "2026-05-29", parts=parts)) == {NAME, OTHER}


@given(st.text(max_size=300))
def test_no_other_text_is_taken_for_a_name_of_ours(text: str) -> None:
    assert all(name.startswith("ALBA") and len(name) == len(NAME) for name in named_in(text))


def test_a_text_full_of_names_is_read_up_to_a_bound() -> None:
    assert len(named_in(" ".join(f"ALBA{new_id()}" for _ in range(2 * MAX_NAMES)))) == MAX_NAMES


@pytest.mark.parametrize(
    ("iban", "refused"),
    [
        ("CH9300762011623852957", errors.IbanOutsideEea),
        ("GB33BUKB20201555555555", errors.IbanOutsideEea),
        ("MC5811222000010123456789030", errors.IbanOutsideEea),
        ("AD1200012030200359100100", errors.IbanOutsideEea),
        ("SM86U0322509800000000270100", errors.IbanOutsideEea),
        ("VA59001123000012345678", errors.IbanOutsideEea),
        ("SA0380000000608010167519", errors.IbanNotSepa),
        ("FR7699999000010000000099929", errors.IbanInvalid),
    ],
)
def test_an_account_that_a_name_and_a_number_do_not_reach_is_refused(
    iban: str, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        checked_payee(Payee(iban, "Élise Exemple"))


@pytest.mark.parametrize(
    "iban", ["DE89370400440532013000", "IS140159260076545510730339", "LI21088100002324013AA"]
)
def test_accounts_in_the_whole_economic_area_are_taken(iban: str) -> None:
    assert checked_payee(Payee(iban, " Élise   Exemple ")) == Payee(iban, "Élise Exemple")
    assert len(EEA_COUNTRIES) == 30


@pytest.mark.parametrize("holder", ["", "   ", "🥖", "…", "--", "Élise\u202eExemple"])
def test_a_holder_whom_no_bank_could_be_told_is_refused(holder: str) -> None:
    with pytest.raises(errors.HolderInvalid):
        checked_payee(Payee("FR7699999000010000000099928", holder))


def test_a_holder_is_written_as_banks_take_it() -> None:
    assert Payee("FR7699999000010000000099928", "Épicerie & fils").written_holder == "Epicerie + fils"
