"""What an MT940 message says, in whatever envelope and words a bank wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet_service.bank import errors, mt940
from wallet_service.bank.reported import AccountReport, Entry

IBAN = "FR7699999000010000000015441"
OTHER_IBAN = "FR7699999000010000000099928"
REFERENCE = "RF18539007547034"


def money(cents: int) -> str:
    return f"{abs(cents) // 100},{abs(cents) % 100:02d}"


def balance(cents: int, day: str) -> str:
    return f"{'C' if cents >= 0 else 'D'}{day}EUR{money(cents)}"


def message(
    *fields: str,
    opening_cents: int = 1000_00,
    closing_cents: int,
    account: str = IBAN,
    number: str = "12/1",
    days: tuple[str, str] = ("260527", "260528"),
    kinds: str = "FF",
) -> str:
    lines = (
        ":20:REL1",
        f":25:{account}",
        f":28C:{number}",
        f":60{kinds[0]}:{balance(opening_cents, days[0])}",
        *fields,
        f":62{kinds[1]}:{balance(closing_cents, days[1])}",
        f":64:{balance(closing_cents, days[1])}",
        "-",
    )
    return "".join(f"{line}\r\n" for line in lines)


CREDIT = message(
    ":61:2605280528C20,00NTRFNONREF//BQ1", f":86:VIR SEPA CAMILLE R {REFERENCE}", closing_cents=1020_00
)


def only(text: str) -> AccountReport:
    (report,), others = mt940.read(text.encode(), IBAN)
    assert others == 0
    return report


def entry(movement: str, *told: str, cents: int = 20_00) -> Entry:
    (found,) = only(message(movement, *told, closing_cents=1000_00 + cents)).entries
    return found


def balances(report: AccountReport) -> tuple[int | None, int | None]:
    return (
        report.opening.amount_cents if report.opening else None,
        report.closing.amount_cents if report.closing else None,
    )


def test_a_day_with_one_credit() -> None:
    report = only(CREDIT)
    assert (report.format, report.message_id, report.report_id) == ("mt940", "REL1", "12")
    assert (report.from_on, report.to_on) == ("2026-05-28", "2026-05-28")
    assert balances(report) == (1000_00, 1020_00)
    (credit,) = report.entries
    assert (credit.direction, credit.amount_cents, credit.booked_on) == ("CRDT", 20_00, "2026-05-28")
    assert credit.references.servicer == "BQ1"
    assert credit.references.instruction is None  # NONREF names nothing
    assert credit.texts == (f"VIR SEPA CAMILLE R {REFERENCE}",)


@pytest.mark.parametrize(
    "text",
    [
        CREDIT.replace("\r\n", "\n"),
        CREDIT.removesuffix("-\r\n"),
        "{1:F01BANKFRPPAXXX0000000000}{2:O940}{4:\r\n" + CREDIT.removesuffix("\r\n") + "}{5:{CHK:0123AB}}",
        "{1:F01BANKFRPPAXXX0000000000}{4:" + CREDIT,
        f":940:\r\n{CREDIT}",
        f"BANKFRPP\r\n940\r\nBANKFRPP\r\n{CREDIT}",
        "\ufeff" + CREDIT + "\x1a",
        CREDIT.replace(f":25:{IBAN}", f":25:BANKFRPPXXX/{IBAN}"),
        CREDIT.replace(f":25:{IBAN}", f":25:{IBAN} EUR"),
        CREDIT.replace(f":25:{IBAN}", f":25:{IBAN[4:]}"),
        CREDIT.replace(f":25:{IBAN}", ":25:99999/00001/00000000154"),
        CREDIT.replace("20,00N", "20,N"),
        CREDIT.replace("C20,00", "CR20,00"),
    ],
    ids=["LF", "no last dash", "blocks", "block on the line", ":940:", "a bank's own header", "BOM and ^Z",
         "BIC/IBAN", "IBAN EUR", "BBAN", "RIB", "no decimals", "third letter of EUR"],
)  # fmt: skip
def test_the_same_day_however_it_is_written(text: str) -> None:
    assert only(text) == only(CREDIT)


@pytest.mark.parametrize(
    ("mark", "cents", "is_reversal"),
    [
        ("C", 20_00, False),
        ("D", -20_00, False),
        ("RC", -20_00, True),
        ("RD", 20_00, True),
        ("RCR", -20_00, True),
    ],
)
def test_a_reversal_moves_money_the_other_way(mark: str, cents: int, is_reversal: bool) -> None:
    """wolph/mt940#130, proven by the closing balance: the reversal of a credit takes money out."""
    found = entry(f":61:2605280528{mark}20,00NTRFNONREF//BQ1", cents=cents)
    assert (found.signed_cents, found.is_reversal) == (cents, is_reversal)


@pytest.mark.parametrize(
    ("dates", "booked_on"),
    [
        ("2605280529", "2026-05-29"),
        ("260528", "2026-05-28"),
        ("2512310102", "2026-01-02"),
        ("2601021231", "2025-12-31"),
        ("2402280229", "2024-02-29"),
    ],
)
def test_the_entry_date_takes_the_nearest_year(dates: str, booked_on: str) -> None:
    assert entry(f":61:{dates}C20,00NTRFNONREF").booked_on == booked_on


@pytest.mark.parametrize("dates", ["2602310231", "26052X0528", "2605281399"])
def test_an_odd_date_sets_its_entry_apart(dates: str) -> None:
    odd, sound = only(
        message(f":61:{dates}C5,00NTRFX//1", ":61:260528C20,00NTRFX//2", closing_cents=1025_00)
    ).entries
    assert (odd.oddity, odd.amount_cents, odd.booked_on) == ("bank.entry_date", 5_00, "")
    assert sound.oddity is None


def test_references_of_field_61() -> None:
    found = entry(":61:260528D20,00NTRFALBA0123456789//BQ-77\r\n/OCMT/EUR21,00/CHGS/EUR1,00/", cents=-20_00)
    assert (found.references.instruction, found.references.servicer) == ("ALBA0123456789", "BQ-77")
    assert found.charges_cents == 1_00
    assert entry(":61:260528C20,00NCHK0012345").references.cheque == "0012345"


def test_subfields_with_sepa_keys() -> None:
    found = entry(
        ":61:260528C20,00N166NONREF//BQ1",
        ":86:166?00SEPA-GUTSCHRIFT?109310?20EREF+E2E-0123456789-0123456?21789?22KREF+K1?23SVWZ+Miete im "
        "Mai RF1853900\r\n?247547034 danke?30BANKFRPP?31FR7630001007941234567890185"
        "?32Camille Riviere-du-Port-?33Dieu",
    )
    (transfer,) = found.transfers
    assert found.texts == ("SEPA-GUTSCHRIFT",)
    assert (transfer.references.end_to_end, transfer.references.instruction) == (
        "E2E-0123456789-0123456789",
        "K1",
    )
    assert (transfer.counterparty_name, transfer.counterparty_account) == (
        "Camille Riviere-du-Port-Dieu",
        "FR7630001007941234567890185",
    )
    assert f"Miete im Mai {REFERENCE} danke" in transfer.texts
    assert transfer.amount_cents == 20_00


def test_subfields_without_keys_are_words() -> None:
    (transfer,) = entry(
        ":61:260528C20,00N051NONREF", f":86:051?00GUTSCHR?20MERCI?21{REFERENCE}?32CAMILLE"
    ).transfers
    assert f"MERCI {REFERENCE}" in transfer.texts


def test_slash_codes() -> None:
    found = entry(
        ":61:260528C20,00N541NONREF//BQ1",
        ":86:/EREF/E2E-9/ORDP//NAME/Camille R/IBAN/FR7630001007941234567890185/REMI/loyer de mai, merci bie",
        f"n {REFERENCE}/ISDT/2026-05-28",
    )
    (transfer,) = found.transfers
    assert (transfer.references.end_to_end, transfer.counterparty_name) == ("E2E-9", "Camille R")
    assert f"loyer de mai, merci bien {REFERENCE}" in transfer.texts
    assert transfer.counterparty_account == "FR7630001007941234567890185"


def test_slash_codes_with_account_bank_and_name_in_one() -> None:
    (transfer,) = entry(
        ":61:260528C20,00N541NONREF",
        f":86:/CNTP/{OTHER_IBAN}/BANKFRPP/Camille R/Rouen//REMI/STRD/CUR/{REFERENCE}/",
    ).transfers
    assert (transfer.counterparty_account, transfer.counterparty_name) == (OTHER_IBAN, "Camille R")
    assert transfer.structured == (REFERENCE,)


def test_a_sum_for_several_transfers_gives_no_transfers_amount() -> None:
    found = entry(":61:260528C20,00N541NONREF", f":86:/NBTR/3/REMI/{REFERENCE}")
    assert found.declared_transfers == 3
    assert [each.amount_cents for each in found.transfers] == [None]


@pytest.mark.parametrize(
    ("movement", "told", "reason"),
    [
        (":61:260528C20,00NTRFNONREF", ":86:/RTRN/AC04/REMI/x", "AC04"),
        (":61:260528C20,00NRTINONREF", ":86:RETOUR", ""),
        (":61:260528C20,00N159NONREF", ":86:159?00RETOURE?20x", ""),
        (":61:260528C20,00NTRFNONREF", ":86:x", None),
    ],
)
def test_returned_transfers(movement: str, told: str, reason: str | None) -> None:
    assert entry(movement, told).return_reason == reason


def test_pages_are_joined_and_their_balances_are_not_the_accounts() -> None:
    first = message(":61:260528C20,00NTRFX//1", closing_cents=1020_00, kinds="FM")
    second = message(
        ":61:260528C5,00NTRFX//2", opening_cents=1020_00, closing_cents=1025_00, kinds="MF", number="12/2"
    )
    report = only(first + second)
    assert balances(report) == (1000_00, 1025_00)
    assert [each.references.servicer for each in report.entries] == ["1", "2"]
    assert balances(only(first)) == (1000_00, None)
    assert balances(only(second)) == (None, 1025_00)


def test_several_days_and_accounts_in_one_file() -> None:
    later = message(opening_cents=1020_00, closing_cents=1020_00, days=("260528", "260529"), number="13")
    other = message(opening_cents=0, closing_cents=9_99, account=OTHER_IBAN)  # its sums are its own trouble
    reports, others = mt940.read((CREDIT + other + later).encode(), IBAN)
    assert ([each.to_on for each in reports], others) == (["2026-05-28", "2026-05-29"], 1)
    assert [each.report_id for each in reports] == ["12", "13"]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", errors.FileBroken),
        ("Bonjour", errors.FileBroken),
        (CREDIT.replace(":20:", ":2O:"), errors.FileBroken),
        ((CREDIT + CREDIT.replace(":20:", ":2O:")).replace("-\r\n", ""), errors.FileBroken),
        (CREDIT.replace(":25:", ":26:"), errors.FileBroken),
        (CREDIT.replace("C260528", "C260231"), errors.FileBroken),
        (CREDIT.split(":62F")[0], errors.BalanceMissing),
        (CREDIT.replace(":60F:", ":61F:"), errors.BalanceMissing),
        (CREDIT.replace("C20,00", "C20,01"), errors.SumMismatch),
        (CREDIT.replace("RF18", "RF18\r\n:61:260528C1,00NTRFX//9\r\n"), errors.SumMismatch),
        (
            CREDIT.replace(":86:", ":61:260528X1,00NTRFX//9\r\n:86:").replace("C20", "X20"),
            errors.AmountUnreadable,
        ),
        (CREDIT.replace("EUR1", "CHF1"), errors.WrongCurrency),
    ],
    ids=["empty", "no message", "no field 20", "the second has no field 20", "no account", "no such day",
         "cut", "no opening", "sums", "a movement written into a text", "two without a mark",
         "francs"],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        mt940.read(text.encode(), IBAN)


@pytest.mark.parametrize("amount", ["C20,001", "X20,00", "C-20,00", "c20,00", "C", "C99999999999999,00"])
def test_one_movement_that_cannot_be_read_is_what_the_others_lack_and_stays_odd(amount: str) -> None:
    sound, odd = only(
        message(
            ":61:260528C5,00NTRFX//1", f":61:260528{amount}NTRFX//2", f":86:VIR SEPA {REFERENCE}",
            closing_cents=1025_00,
        )
    ).entries  # fmt: skip
    assert (sound.oddity, sound.signed_cents) == (None, 5_00)
    assert (odd.oddity, odd.signed_cents, odd.transfers) == ("bank.entry_amount", 20_00, ())
    assert REFERENCE in " ".join(odd.texts)


LONG = (CREDIT + message(
    ":61:2605290529D3,00N541X//2\r\n/CHGS/EUR1,00", ":86:/EREF/E1/NBTR/2/REMI/y",
    ":61:2605290529RD1,00N166X", ":86:166?00A?20EREF+b?32n",
    opening_cents=1020_00, closing_cents=1018_00, days=("260528", "260529"), number="13",
)).encode()  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_gives_reports_whose_sums_hold_or_a_refusal(data: st.DataObject) -> None:
    damaged = bytearray(LONG)
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    kept = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        reports, _others = mt940.read(kept, IBAN)
    except errors.BankFileRefusal:
        return
    for report in reports:
        opening_cents, closing_cents = balances(report)
        if opening_cents is not None and closing_cents is not None:
            assert opening_cents + sum(each.signed_cents for each in report.entries) == closing_cents
