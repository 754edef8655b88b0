"""What one entry of a camt message says, and how odd it may be without hurting the others."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.camt_files import DAY, IBAN, OTHER_IBAN, CamtBuilder, euros, tag, within
from wallet_service.bank import files
from wallet_service.bank.camt import schemas
from wallet_service.bank.reported import AccountReport, Entry, References

MADE = CamtBuilder()
FIRST_SERIES = CamtBuilder("camt.053.001.02")
REFERENCE = "RF18539007547034"


def report_of(*entries: str, made: CamtBuilder = MADE, moved: str = "0") -> AccountReport:
    (report,) = files.read(made.file(made.report(*entries, moved=moved)), IBAN).reports
    return report


def only(entry: str, made: CamtBuilder = MADE, moved: str = "20.00") -> Entry:
    (found,) = report_of(entry, made=made, moved=moved).entries
    return found


def texts_of(entry: str) -> tuple[str, ...]:
    (transfer,) = only(entry).transfers
    return transfer.texts


@pytest.mark.parametrize("version", sorted(schemas.versions()))
def test_every_version_says_the_same(version: str) -> None:
    """Valid by its own schema (no warning), and read alike."""
    made = CamtBuilder(version)
    refs = tag("EndToEndId", "E2E-1") + tag("TxId", "T-1")
    entry = made.entry("20.00", made.detail("20.00", refs=refs, remittance=tag("Ustrd", "pour juin")))
    report = report_of(entry, made=made, moved="20.00")
    (found,) = report.entries
    (transfer,) = found.transfers
    assert (report.format, report.report_id, report.message_id, report.warnings) == (version, "S1", "M1", ())
    assert (found.direction, found.amount_cents, found.booked_on, found.oddity) == ("CRDT", 2000, DAY, None)
    assert found.references == References(servicer="BQ1")
    assert transfer.references == References(end_to_end="E2E-1", transaction="T-1")
    assert (transfer.amount_cents, transfer.texts) == (2000, ("pour juin",))
    assert (transfer.counterparty_name, transfer.counterparty_account) == ("Camille R.", OTHER_IBAN)
    kind = {"052": "report", "053": "statement", "054": "notification"}[made.kind]
    assert report.kind == kind
    if made.kind == "054":
        assert (report.opening, report.closing) == (None, None)
    else:
        assert report.opening is not None
        assert report.closing is not None
        assert (report.opening.amount_cents, report.closing.amount_cents) == (1000_00, 1020_00)


def test_all_versions_are_of_three_messages_and_go_up_to_14() -> None:
    assert len(schemas.versions()) == 3 * 14


def test_every_reference_a_bank_may_echo_is_kept() -> None:
    names = (
        "MsgId",
        "AcctSvcrRef",
        "PmtInfId",
        "InstrId",
        "EndToEndId",
        "UETR",
        "MndtId",
        "ChqNb",
        "ClrSysRef",
    )
    refs = "".join(tag(name, f"{name}-9") for name in names)
    batch = tag("MsgId", "OUR-FILE") + tag("PmtInfId", "OUR-PART") + tag("NbOfTxs", "86")
    found = only(MADE.entry("20.00", MADE.detail("20.00", refs=refs), batch=batch))
    assert found.transfers[0].references == References(
        servicer="AcctSvcrRef-9",
        transaction="UETR-9",
        end_to_end="EndToEndId-9",
        instruction="InstrId-9",
        payment_information="PmtInfId-9",
        message="MsgId-9",
        mandate="MndtId-9",
        cheque="ChqNb-9",
    )
    assert (found.references.message, found.references.payment_information) == ("OUR-FILE", "OUR-PART")
    assert found.declared_transfers == 86


@pytest.mark.parametrize("nothing", ["NOTPROVIDED", "NonRef", "not provided", "0000000", " ", ""])
def test_a_placeholder_names_nothing(nothing: str) -> None:
    refs = tag("EndToEndId", nothing) + tag("TxId", nothing) + tag("ClrSysRef", "C-1")
    found = only(MADE.entry("20.00", MADE.detail("20.00", refs=refs), reference=nothing))
    assert found.references.servicer is None
    assert found.transfers[0].references == References(transaction="C-1")


def test_two_batches_of_one_entry_have_no_common_name_and_their_counts_add_up() -> None:
    first, second = (within("NtryDtls/Btch", tag("MsgId", each), tag("NbOfTxs", "3")) for each in "AB")
    entry = MADE.entry("20.00").replace("</Ntry>", f"{first}{second}</Ntry>")
    found = only(entry)
    assert (found.references.message, found.declared_transfers) == (None, 6)


def test_every_text_is_kept_wherever_the_bank_put_it() -> None:
    remittance = (
        tag("Ustrd", "ligne un") + tag("Ustrd", "") + tag("Ustrd", "ligne deux")
        + tag("Strd", within("RfrdDocInf/Nb", "FAC-7"), within("CdtrRefInf/Ref", REFERENCE),
              tag("AddtlRmtInf", "en plus"))
    )  # fmt: skip
    after = within("RtrInf/AddtlInf", "compte clos") + tag("AddtlTxInf", "encore")
    entry = MADE.entry(
        "20.00", MADE.detail("20.00", remittance=remittance, after=after), text="VIR RECU  CAMILLE"
    )
    found = only(entry)
    assert found.texts == ("VIR RECU CAMILLE",)
    assert found.transfers[0].texts == ("ligne un", "ligne deux", "en plus", "encore", "compte clos")
    assert found.transfers[0].structured == (REFERENCE, "FAC-7")


def test_texts_of_the_first_version_are_found_under_their_old_names() -> None:
    made = CamtBuilder("camt.053.001.01")
    remittance = tag("Strd", within("RfrdDocInf/RfrdDocNb", "FAC-7"), within("CdtrRefInf/CdtrRef", REFERENCE))
    entry = made.entry("20.00", made.detail("20.00", remittance=remittance), batch=tag("NbOfTxs", "1"))
    found = only(entry, made)
    assert (found.transfers[0].structured, found.declared_transfers) == ((REFERENCE, "FAC-7"), 1)


def test_a_text_far_too_long_is_cut_and_hidden_letters_go() -> None:
    entry = MADE.entry("20.00", MADE.detail("20.00", remittance=tag("Ustrd", "a\u202eb" + "x" * 9_999)))
    (text,) = texts_of(entry)
    assert text.startswith("abxxx")
    assert len(text) < 2_001


def test_references_and_reasons_far_too_long_are_cut() -> None:
    refs = tag("EndToEndId", "E" * 999)
    (transfer,) = only(
        MADE.entry("20.00", MADE.detail("20.00", refs=refs, after=within("RtrInf/Rsn/Prtry", "R" * 99)))
    ).transfers
    assert (transfer.references.end_to_end, transfer.return_reason) == ("E" * 140, "R" * 35)


@pytest.mark.parametrize(
    ("after", "sub_family", "reason"),
    [
        (within("RtrInf/Rsn/Cd", "AC04"), "ESCT", "AC04"),
        (within("RtrInf/Rsn/Prtry", "clos"), "ESCT", "clos"),
        (within("RtrInf/AddtlInf", "?"), "ESCT", ""),
        (within("BkTxCd/Domn/Fmly/SubFmlyCd", "RRTN"), "ESCT", ""),
        ("", "ESCT", None),
    ],
)
def test_a_returned_transfer_says_why(after: str, sub_family: str, reason: str | None) -> None:
    found = only(MADE.entry("20.00", MADE.detail("20.00", after=after), sub_family=sub_family))
    assert (found.return_reason, found.transfers[0].return_reason) == (None, reason)


@pytest.mark.parametrize("code", ["RRTN", "RPCR"])
def test_an_entry_says_by_its_code_that_money_comes_back(code: str) -> None:
    assert only(MADE.entry("20.00", sub_family=code)).return_reason == ""


def test_the_other_side_of_a_return_is_the_one_that_is_not_us() -> None:
    """Parties stand as in the first transfer: we pay, the shop receives; the credit is its money back."""
    parties = tag(
        "RltdPties",
        within("Dbtr/Pty/Nm", "Association L'alba"), within("DbtrAcct/Id/IBAN", IBAN),
        within("Cdtr/Pty/Nm", "Boulangerie du Pont"), within("CdtrAcct/Id/IBAN", OTHER_IBAN),
    )  # fmt: skip
    detail = tag("TxDtls", euros("20.00"), parties, within("RtrInf/Rsn/Cd", "AC04"))
    (transfer,) = only(MADE.entry("20.00", detail)).transfers
    assert (transfer.counterparty_name, transfer.counterparty_account) == ("Boulangerie du Pont", OTHER_IBAN)


def test_of_a_plain_credit_only_the_payer_is_the_other_side() -> None:
    parties = tag("RltdPties", within("Cdtr/Pty/Nm", "Association L'alba"))
    (transfer,) = only(MADE.entry("20.00", tag("TxDtls", euros("20.00"), parties))).transfers
    assert (transfer.counterparty_name, transfer.counterparty_account) == ("", "")


@pytest.mark.parametrize(
    ("amounts", "cents"),
    [
        (euros("20.00"), 2000),
        (within("AmtDtls/TxAmt", euros("20.00")), 2000),
        (euros("25.00", "USD") + within("AmtDtls/TxAmt", euros("20.00")), 2000),
        (within("AmtDtls/TxAmt", euros("25.00", "USD")) + within("AmtDtls/CntrValAmt", euros("20.0")), 2000),
        (within("AmtDtls/TxAmt", euros("25.00", "USD")), None),
        (within("AmtDtls/InstdAmt", euros("21.00")), None),
        (euros("12.34567"), None),
        (euros("-20.00"), None),
        (euros("2e1"), None),
        (euros(""), None),
        ("<Amt>20.00</Amt>", None),
        ("", None),
    ],
)
def test_an_odd_amount_of_a_detail_is_not_given(amounts: str, cents: int | None) -> None:
    found = only(MADE.entry("20.00", tag("TxDtls", amounts)))
    assert (found.transfers[0].amount_cents, found.oddity) == (cents, None)


def test_details_may_go_both_ways() -> None:
    details = (MADE.detail("100.00", direction="CRDT"), MADE.detail("80.00", direction="DBIT"))
    found = only(MADE.entry("20.00", *details))
    assert [(each.amount_cents, each.direction) for each in found.transfers] == [
        (10000, "CRDT"),
        (8000, "DBIT"),
    ]


@pytest.mark.parametrize(
    ("charges", "cents"),
    [
        (tag("Chrgs", tag("TtlChrgsAndTaxAmt", "1.50", Ccy="EUR")), 150),
        (tag("Chrgs", tag("Rcrd", euros("1.00")), tag("Rcrd", euros("0.50"), tag("CdtDbtInd", "DBIT"))), 150),
        (tag("Chrgs", tag("Rcrd", euros("1.00")), tag("Rcrd", euros("0.50"), tag("CdtDbtInd", "CRDT"))), 50),
        (tag("Chrgs", euros("1.00")) + tag("Chrgs", euros("0.50")), 150),
        (tag("Chrgs", euros("1.00", "CHF")), None),
        ("", None),
    ],
)
def test_charges_are_read_of_the_entry_and_of_the_detail(charges: str, cents: int | None) -> None:
    found = only(MADE.entry("20.00", MADE.detail("21.50", after=charges), charges=charges))
    assert (found.charges_cents, found.transfers[0].charges_cents) == (cents, cents)


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_does_not_count(status: str) -> None:
    assert report_of(MADE.entry("20.00", status=status)).entries == ()


@pytest.mark.parametrize(
    "made", [MADE, FIRST_SERIES, CamtBuilder("camt.052.001.08"), CamtBuilder("camt.054.001.02")]
)
def test_an_empty_entry_is_no_movement(made: CamtBuilder) -> None:
    assert report_of(made.entry("0.00"), made=made).entries == ()


@pytest.mark.parametrize(
    ("booked", "day"),
    [
        (tag("Dt", "2026-05-28"), "2026-05-28"),
        (tag("Dt", "2026-05-28+02:00"), "2026-05-28"),
        (tag("DtTm", "2026-05-27T22:30:00Z"), "2026-05-28"),
        (tag("DtTm", "2026-05-28T22:30:00.123456789Z"), "2026-05-29"),
        (tag("DtTm", "2026-05-28T23:30:00"), "2026-05-28"),
        (tag("DtTm", "2026-05-28T24:00:00"), "2026-05-28"),
        ("", ""),
    ],
)
def test_a_booking_day_is_the_day_where_the_currency_is_at_home(booked: str, day: str) -> None:
    found = only(MADE.entry("20.00", booked=booked))
    assert (found.booked_on, found.oddity) == (day, None)


SOUND = MADE.entry("25.00", reference="GOOD")
ODD = {
    "bank.entry_currency": MADE.entry("23.10", currency="USD"),
    "bank.entry_amount": MADE.entry("20.005"),
    "bank.entry_direction": MADE.entry("20.00", direction="MAYBE"),
    "bank.entry_status": MADE.entry("20.00", status="XXXX"),
    "bank.entry_date": MADE.entry("20.00", booked=tag("Dt", "12026-05-28")),
    "bank.entry_reversal": MADE.entry("20.00", reversal="oui"),
    "bank.entry_batch": MADE.entry("20.00", batch=tag("NbOfTxs", "beaucoup")),
}


@pytest.mark.parametrize("code", ODD)
def test_an_odd_entry_is_said_to_be_so_and_the_next_is_read(code: str) -> None:
    """The sums know the amount or the direction that cannot be read: it is what the others lack."""
    odd, sound = report_of(ODD[code], SOUND, moved="45.00").entries
    assert (odd.oddity, odd.amount_cents, odd.direction) == (code, 2000, "CRDT")
    assert (sound.oddity, sound.amount_cents, sound.references.servicer) == (None, 2500, "GOOD")


@pytest.mark.parametrize(
    "entry",
    [
        MADE.entry("20.00").replace(euros("20.00"), euros("20.00") + euros("30.00")),
        MADE.entry("20.00").replace(
            tag("CdtDbtInd", "CRDT"), tag("CdtDbtInd", "CRDT") + tag("CdtDbtInd", "DBIT")
        ),
        MADE.entry("20.00").replace(euros("20.00"), ""),
    ],
)
def test_what_stands_twice_or_nowhere_is_not_chosen(entry: str) -> None:
    odd, _ = report_of(entry, SOUND, moved="45.00").entries
    assert odd.oddity in ("bank.entry_amount", "bank.entry_direction")
    assert odd.signed_cents == 2000


@pytest.mark.parametrize("second", ["false", "true", "1"])
def test_one_of_two_words_about_a_reversal_is_not_chosen(second: str) -> None:
    said = tag("RvslInd", "0") + tag("RvslInd", second)
    entry = MADE.entry("20.00", reversal="0").replace(tag("RvslInd", "0"), said)
    odd, _ = report_of(entry, SOUND, moved="45.00").entries
    assert (odd.oddity, odd.is_reversal) == ("bank.entry_reversal", second != "false")


def test_an_amount_beyond_one_operations_bound_is_odd_and_still_counts() -> None:
    found = only(MADE.entry("999999999.99"), moved="999999999.99")
    assert (found.oddity, found.amount_cents) == ("bank.entry_amount", 999_999_999_99)


@pytest.mark.parametrize("text", ["20", "20.", "+20.0", "0020.00000", "20.00", " 20.00 "])
def test_amounts_are_exact_cents(text: str) -> None:
    found = only(MADE.entry(text))
    assert (found.amount_cents, found.oddity) == (2000, None)


def test_schema_errors_are_warnings_that_name_the_element_and_quote_nothing() -> None:
    refs = tag("UETR", "pas-un-uetr") + tag("EndToEndId", "x" * 60)
    long_text = tag("Ustrd", "Camille R. " * 30) + tag("Ustrd", "")
    entry = MADE.entry("20.00", MADE.detail("20.00", refs=refs, remittance=long_text))
    moved = entry.replace(tag("AcctSvcrRef", "BQ1"), "").replace(
        "</Ntry>", tag("AcctSvcrRef", "BQ1") + "</Ntry>"
    )
    report = report_of(moved, moved="20.00")
    (found,) = report.entries
    assert (found.oddity, found.references.servicer) == (None, "BQ1")
    assert set(report.warnings) == {
        f"bank.schema_invalid:{name}" for name in ("AcctSvcrRef", "UETR", "EndToEndId", "Ustrd")
    }


def test_entries_without_a_reference_or_with_the_same_one_are_all_read() -> None:
    entries = [MADE.entry("20.00", reference="") for _ in range(2)] + [MADE.entry("20.00") for _ in range(2)]
    found = report_of(*entries, moved="80.00").entries
    assert [each.references.servicer for each in found] == [None, None, "BQ1", "BQ1"]
    assert {dataclasses.replace(each, references=References()) for each in found} == {
        dataclasses.replace(found[0], references=References())
    }
