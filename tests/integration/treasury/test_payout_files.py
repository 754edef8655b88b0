"""Payout files: prepared by one officer, approved by another, in the bank's outbox once and whole."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import update

from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import SHOP_IBAN, BankSide
from tests.support.payout_reports import at_bank, signed
from wallet_service.database.tables.bank import payout_files, redemptions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.redemptions.iban import Payee
from wallet_service.territory.currency import LOCAL_ZONE
from wallet_service.treasury.errors import (
    PayoutActAskedFor,
    PayoutHandedOver,
    PayoutLinesChanged,
    PayoutNothingToPay,
    PayoutNotPrepared,
    PayoutSameOfficer,
)
from wallet_service.treasury.payouts import outbox
from wallet_service.treasury.payouts.outbox import write_whole
from wallet_service.treasury.payouts.service import HOLDER_MISSING, HOLDER_UNWRITABLE, OUTSIDE_EEA

#: How long the second writer may have the processor to itself; it uses it only when nothing holds it back.
HEAD_START_S = 1.0


def test_who_prepared_a_payout_file_cannot_approve_it(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    file = side.payouts.prepare_payout("officer-1")
    with pytest.raises(PayoutSameOfficer):
        side.payouts.approve_payout(file.id, "officer-1")
    folder = side.folder / "outbox"
    assert not folder.exists()
    approved = side.payouts.approve_payout(file.id, "officer-2")
    assert (approved.state, approved.prepared_by, approved.approved_by) == (
        "approved",
        "officer-1",
        "officer-2",
    )
    assert [path.name for path in folder.iterdir()] == [file.file_name]
    with pytest.raises(PayoutNotPrepared):
        side.payouts.approve_payout(file.id, "officer-3")
    with pytest.raises(PayoutNothingToPay):
        side.payouts.prepare_payout("officer-1")


def test_a_cancelled_payout_file_gives_its_redemptions_to_the_next(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    first = side.payouts.prepare_payout("officer-1")
    side.payouts.cancel_payout(first.id, "officer-1", "erreur")
    second = side.payouts.prepare_payout("officer-1")
    assert [line.redemption_ref for line in second.lines] == [view.ref]
    with pytest.raises(PayoutNotPrepared):
        side.payouts.approve_payout(first.id, "officer-2")


def test_an_approved_file_missing_from_the_outbox_is_written_again_with_the_same_bytes(
    side: BankSide, shop: str
) -> None:
    side.redeem(shop, 200_00)
    side.pay_out()
    (path,) = (side.folder / "outbox").iterdir()
    content = path.read_bytes()
    path.unlink()
    assert side.payouts.write_approved() == 0  # the bank has taken it: not our business any more
    with UnitOfWork(side.engine) as work:  # as after a crash between the decision and the file
        work.connection.execute(update(payout_files).values(written_at_unix_ms=None))
    assert side.payouts.write_approved() == 1
    assert path.read_bytes() == content


def test_the_officer_and_the_worker_write_a_file_once_though_they_come_at_once(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.redeem(shop, 200_00)
    written: list[Path] = []
    worker = threading.Thread(target=side.payouts.write_approved)

    def write_while_the_worker_comes(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == 1:
            worker.start()
            worker.join(timeout=HEAD_START_S)
        write_whole(path, content)

    monkeypatch.setattr(outbox, "write_whole", write_while_the_worker_comes)
    side.pay_out()
    worker.join()
    assert len(written) == 1
    assert [path.name for path in (side.folder / "outbox").iterdir()] == [written[0].name]


def files_in(side: BankSide) -> list[Path]:
    return sorted(path for path in (side.folder / "outbox").iterdir() if not path.name.startswith("."))


def say_payee(side: BankSide, ref: str, payee: Payee) -> None:
    """As a redemption of before the rules of today holds it: sealed whatever it is."""
    member_id = side.redemption(ref).member_id
    with UnitOfWork(side.engine) as work:
        sealed = side.redemptions.payees.sealed(work.connection, member_id, ref, payee)
        if not payee.holder:
            sealed["sealed_holder"] = None  # type: ignore[assignment]
        work.connection.execute(update(redemptions).where(redemptions.c.ref == ref).values(**sealed))


def test_the_file_is_written_at_approval_for_the_first_open_day_from_then_on(
    side: BankSide, shop: str
) -> None:
    side.redeem(shop, 200_00)
    saturday = datetime.datetime(2026, 6, 6, 20, 0, tzinfo=LOCAL_ZONE)
    side.clock.advance_ms(int(saturday.timestamp()) * 1000 - side.clock.now_unix_ms())
    file = side.payouts.prepare_payout("officer-1")
    side.clock.advance_ms(4 * 86_400_000)
    side.payouts.approve_payout(file.id, "officer-2")
    root = etree.parse(str(files_in(side)[0]))
    assert root.findtext(".//{*}ReqdExctnDt/{*}Dt") == "2026-06-10"
    assert root.findtext(".//{*}CreDtTm") == "2026-06-10T20:00:00"
    assert root.findtext(".//{*}GrpHdr/{*}MsgId") == file.message_id


def test_the_file_names_the_holder_and_never_the_shops_sign(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    side.pay_out()
    root = etree.parse(str(files_in(side)[0]))
    assert root.findtext(".//{*}Cdtr/{*}Nm") == "Elise Exemple + fils"
    assert "Boulangerie" not in files_in(side)[0].read_text()


@pytest.mark.parametrize(
    ("payee", "reason"),
    [
        (Payee(SHOP_IBAN, ""), HOLDER_MISSING),
        (Payee(SHOP_IBAN, "🥖🚲"), HOLDER_UNWRITABLE),
        (Payee("CH9300762011623852957", "Élise Exemple"), OUTSIDE_EEA),
    ],
)
def test_a_transfer_that_cannot_be_written_is_set_aside_and_the_others_go(
    side: BankSide, shop: str, payee: Payee, reason: str
) -> None:
    odd, sound = side.redeem(shop, 100_00).ref, side.redeem(shop, 50_00).ref
    say_payee(side, odd, payee)
    file = side.payouts.prepare_payout("officer-1")
    assert [line.redemption_ref for line in file.lines] == [sound]
    (held,) = side.redemptions.list_held_back()
    assert (held.ref, held.held_reason) == (odd, reason)
    assert side.redemptions.sums_by_step()["held_back"] == (1, 100_00)
    side.acts.give_back(odd, "officer-1", "compte à redonner")
    side.ledger.run()
    assert side.redemption(odd).state == "returned"
    assert side.balance(shop) == (SALES_CENTS - 50_00, 0)


def test_what_can_no_longer_be_written_leaves_before_the_signature_which_is_asked_again(
    side: BankSide, shop: str
) -> None:
    odd, sound = side.redeem(shop, 100_00).ref, side.redeem(shop, 50_00).ref
    file = side.payouts.prepare_payout("officer-1")
    say_payee(side, odd, Payee(SHOP_IBAN, "🥖"))
    with pytest.raises(PayoutLinesChanged):
        side.payouts.approve_payout(file.id, "officer-2")
    assert not (side.folder / "outbox").exists()
    approved = side.payouts.approve_payout(file.id, "officer-2")
    assert (approved.total_cents, [line.redemption_ref for line in approved.transfers]) == (50_00, [sound])


def test_a_signed_file_the_bank_has_not_taken_is_cancelled_by_two(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    asked = side.acts.ask_cancel(file.id, "officer-1", "mauvais jour")
    assert files_in(side) == []
    assert side.payouts.one(file.id).is_withheld
    assert side.payouts.write_approved() == 0
    assert files_in(side) == []
    with pytest.raises(PayoutActAskedFor):
        side.acts.ask_cancel(file.id, "officer-3", "encore")
    signed(side, asked)
    assert side.payouts.one(file.id).state == "cancelled"
    assert list((side.folder / "outbox").iterdir()) == []
    assert side.redemption(refs[0]).state == "locked"
    second = side.payouts.prepare_payout("officer-1")
    assert [line.redemption_ref for line in second.lines] == refs
    assert second.message_id != file.message_id


def test_a_cancellation_that_nobody_signs_lets_the_same_bytes_go(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    (path,) = files_in(side)
    content = path.read_bytes()
    asked = side.acts.ask_cancel(file.id, "officer-1", "mauvais jour")
    side.approvals.refuse(asked, "il est juste", "officer-2", {"treasury"})
    side.payouts.write_approved()
    assert path.read_bytes() == content
    assert side.redemption(refs[0]).state == "exported"


def test_a_file_the_bank_has_taken_is_not_cancelled(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    files_in(side)[0].unlink()
    with pytest.raises(PayoutHandedOver):
        side.acts.ask_cancel(file.id, "officer-1", "trop tard")
    assert side.redemption(refs[0]).state == "exported"


def test_a_crash_between_the_signature_and_the_folder_is_mended_by_the_next_round(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _, _ = at_bank(side, shop, 100_00)
    asked = side.acts.ask_cancel(file.id, "officer-1", "mauvais jour")
    monkeypatch.setattr(side.payouts.handover, "destroy", lambda file_name: None)
    signed(side, asked)
    assert len(list((side.folder / "outbox").iterdir())) == 1
    monkeypatch.undo()
    side.payouts.write_approved()
    assert list((side.folder / "outbox").iterdir()) == []


def test_the_ledgers_lock_said_again_leaves_what_is_at_the_bank_there(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    told = next(event for event in side.ledger.events if event.name == "RedemptionRequested")
    with UnitOfWork(side.engine) as work:
        for rewind in side.ledger.rewinds:
            rewind(work, told.block_number - 1)
    with UnitOfWork(side.engine) as work:
        side.ledger.project(work, told)
    assert side.redemption(refs[0]).state == "exported"
    assert len(side.payouts.one(file.id).transfers) == 1
