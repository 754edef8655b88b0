"""The names in an order are checked by the bank before anybody signs; what is checked pays nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select

from tests.support.bank_side import BankSide
from tests.support.payout_reports import answers
from wallet_service.bank.reported import TransferStatus
from wallet_service.database.tables.supervision import journal
from wallet_service.treasury import errors
from wallet_service.treasury.payouts.models import PayoutFile


def prepared(side: BankSide, shop: str, *amounts_cents: int) -> tuple[PayoutFile, list[str]]:
    """A file nobody has signed, and its end-to-end ids."""
    refs = [side.redeem(shop, amount_cents).ref for amount_cents in amounts_cents]
    return side.payouts.prepare_payout("officer-1"), [side.end_to_end_id(ref) for ref in refs]


def lying(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def checked_names(side: BankSide, file: PayoutFile, *transfers: TransferStatus, status: str = "") -> None:
    """The bank's answer to the newest check."""
    asked = side.payouts.one(file.id).checks_asked
    answers(side, f"{file.message_id}V{asked}", status, "FF01" if status else "", transfers=transfers)


def test_an_unsigned_order_goes_out_to_be_checked_where_and_as_no_bank_pays_it(
    side: BankSide, shop: str
) -> None:
    file, ids = prepared(side, shop, 100_00, 50_00)
    asked = side.payouts.ask_check(file.id, "officer-1")
    assert (asked.state, asked.checks_asked, asked.checked) == ("prepared", 1, 0)
    assert lying(side.folder / "outbox") == []
    (path,) = lying(side.folder / "payee-checks")
    assert path.name.endswith(f"-{file.message_id}V1.payee-check.xml")
    root = etree.fromstring(path.read_bytes())
    told = {node.text for node in root.iterfind(".//{*}MsgId")} | {
        node.text for node in root.iterfind(".//{*}PmtInfId")
    }
    assert told == {f"{file.message_id}V1"}  # the order itself must not look like a repetition of it
    assert sorted(node.text or "" for node in root.iterfind(".//{*}EndToEndId")) == sorted(ids)
    with side.engine.connect() as connection:
        acts = connection.execute(select(journal.c.act).where(journal.c.subject_id == file.id)).scalars()
        assert list(acts) == ["payout.prepared", "payout.check_asked"]


def test_a_mismatch_holds_the_order_until_an_officer_decides(side: BankSide, shop: str) -> None:
    file, ids = prepared(side, shop, 100_00, 50_00)
    side.payouts.ask_check(file.id, "officer-1")
    matched = TransferStatus(ids[0], None, "RCVC", payee_match="MTCH")
    other = TransferStatus(ids[1], None, "RVNM", payee_match="NMTC", payee_name="Camille Autre")
    checked_names(side, file, matched, other)
    shown = side.payouts.one(file.id)
    assert (shown.checked, shown.bank_status) == (2, None)
    assert {line.payee_match for line in shown.lines} == {"MTCH", "NMTC"}
    with pytest.raises(errors.PayeeUndecided):
        side.payouts.approve_payout(file.id, "officer-2")
    (held,) = [line for line in shown.lines if line.waits_for_decision]
    side.payouts.accept_payee(file.id, held.redemption_ref, "officer-1", "RIB au dossier")
    assert side.payouts.approve_payout(file.id, "officer-2").state == "approved"
    assert lying(side.folder / "payee-checks") == []


def test_who_accepts_another_name_does_not_sign_what_pays_it(side: BankSide, shop: str) -> None:
    """Four eyes on the name: that the other officer prepared the order says nothing of it."""
    file, ids = prepared(side, shop, 100_00)
    side.payouts.ask_check(file.id, "officer-1")
    checked_names(side, file, TransferStatus(ids[0], None, "RVNM", payee_match="NMTC"))
    ref = file.lines[0].redemption_ref
    side.payouts.accept_payee(file.id, ref, "officer-2", "RIB au dossier")
    with pytest.raises(errors.PayeeAcceptedBySigner):
        side.payouts.approve_payout(file.id, "officer-2")
    assert side.payouts.one(file.id).state == "prepared"
    side.payouts.accept_payee(file.id, ref, "officer-1", "appelé aussi")  # in the other's place
    assert side.payouts.approve_payout(file.id, "officer-2").state == "approved"


def test_nor_does_it_later_for_a_name_accepted_in_an_order_nobody_signed(side: BankSide, shop: str) -> None:
    file, ids = prepared(side, shop, 100_00)
    side.payouts.ask_check(file.id, "officer-1")
    checked_names(side, file, TransferStatus(ids[0], None, "RVNM", payee_match="CMTC"))
    side.payouts.accept_payee(file.id, file.lines[0].redemption_ref, "officer-2", "RIB au dossier")
    side.payouts.cancel_payout(file.id, "officer-2", "plus tard")
    side.clock.advance_ms(1_000)
    again = side.payouts.prepare_payout("officer-1")
    assert again.lines[0].accepted_by == "officer-2"
    with pytest.raises(errors.PayeeAcceptedBySigner):
        side.payouts.approve_payout(again.id, "officer-2")
    assert side.payouts.approve_payout(again.id, "officer-3").state == "approved"


def test_a_name_the_bank_knows_after_all_keeps_nobody_from_signing(side: BankSide, shop: str) -> None:
    file, ids = prepared(side, shop, 100_00)
    side.payouts.ask_check(file.id, "officer-1")
    for match in ("NMTC", "MTCH"):
        checked_names(side, file, TransferStatus(ids[0], None, "RCVC", payee_match=match))
        if match == "NMTC":
            side.payouts.accept_payee(file.id, file.lines[0].redemption_ref, "officer-2", "RIB au dossier")
    assert side.payouts.approve_payout(file.id, "officer-2").state == "approved"


@pytest.mark.parametrize("level", ["file", "block", "transfers"])
def test_no_answer_to_a_check_frees_what_may_be_being_paid(side: BankSide, shop: str, level: str) -> None:
    """A file for a check that the bank refuses says nothing of the order that was signed meanwhile."""
    file, ids = prepared(side, shop, 100_00)
    side.payouts.ask_check(file.id, "officer-1")
    side.payouts.approve_payout(file.id, "officer-2")
    name = f"{file.message_id}V1"
    if level == "file":
        answers(side, name, "RJCT", "FF01")
    elif level == "block":
        answers(side, file.message_id, blocks=((name, "RJCT", "FF01"),))
    else:
        answers(side, name, transfers=(TransferStatus(ids[0], None, "RJCT", "AC04"),))
    approved = side.payouts.one(file.id)
    assert (approved.state, approved.bank_status) == ("approved", None)
    assert [(line.state, line.out_reason, line.bank_status) for line in approved.lines] == [
        ("exported", None, None)
    ]
    assert side.acts.list_unplaced() == []


def test_why_the_bank_could_not_check_is_told_until_it_is_asked_again(side: BankSide, shop: str) -> None:
    file, ids = prepared(side, shop, 100_00)
    side.payouts.ask_check(file.id, "officer-1")
    checked_names(side, file, TransferStatus(ids[0], None, "RJCT", "AC01"), status="RJCT")
    told = side.payouts.one(file.id)
    assert (told.state, told.bank_status, told.bank_reason) == ("prepared", "RJCT", "FF01")
    assert [(line.bank_status, line.bank_reason) for line in told.lines] == [("RJCT", "AC01")]
    again = side.payouts.ask_check(file.id, "officer-3")
    assert (again.checks_asked, again.bank_status, again.lines[0].bank_status) == (2, None, None)
    assert len(lying(side.folder / "payee-checks")) == 2
    side.payouts.cancel_payout(file.id, "officer-1", "compte faux")
    assert lying(side.folder / "payee-checks") == []


def test_only_an_order_nobody_has_signed_is_checked(side: BankSide, shop: str) -> None:
    file, _ = prepared(side, shop, 100_00)
    side.payouts.approve_payout(file.id, "officer-2")
    with pytest.raises(errors.PayoutNotPrepared):
        side.payouts.ask_check(file.id, "officer-1")
    with pytest.raises(errors.PayoutFileUnknown):
        side.payouts.ask_check("Z" * 26, "officer-1")
    assert lying(side.folder / "payee-checks") == []


def test_a_check_that_is_not_of_ours_waits_for_an_officer(side: BankSide, shop: str) -> None:
    prepared(side, shop, 100_00)
    answers(side, f"ALBA{'Z' * 26}V1", "RJCT", "FF01")
    assert len(side.acts.list_unplaced()) == 1
