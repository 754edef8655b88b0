"""From a signed redemption to euros paid, or given back, with everything that can go wrong at the bank."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from scripts.camt053_writer import Detail
from tests.support.bank_side import SHOP_IBAN, BankSide
from wallet_service.bank import payouts
from wallet_service.bank.errors import PayoutNothingToPay, PayoutNotPrepared, PayoutSameOfficer
from wallet_service.bank.payouts import write_whole
from wallet_service.bank.service import Received
from wallet_service.chain.errors import ChainUnavailable
from wallet_service.chain.ports import Stops
from wallet_service.database.tables.bank import payout_files, redemptions
from wallet_service.database.tables.members import devices
from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.floors import PasskeyFloors
from wallet_service.redemptions import errors

SALES_CENTS = 500_00
#: How long the second writer may have the processor to itself; it uses it only when nothing holds it back.
HEAD_START_S = 1.0


@pytest.fixture
def shop(side: BankSide) -> str:
    """A merchant who has taken 500."""
    member = side.merchant()
    side.load(member, SALES_CENTS)
    return member


def debit(side: BankSide, *details: Detail, **more: object) -> Received:
    entry = replace(side.entry(*details, direction="DBIT"), **more)  # type: ignore[arg-type]
    received = side.receive(side.statement(entry))
    side.ledger.run()
    return received


def sent_back(side: BankSide, end_to_end_id: str, amount_cents: int, reason: str | None = "AC04") -> Received:
    detail = Detail(amount_cents, "BOULANGERIE", SHOP_IBAN, end_to_end_id=end_to_end_id, return_reason=reason)
    received = side.receive(side.statement(side.entry(detail)))
    side.ledger.run()
    return received


def states(side: BankSide, member: str) -> list[str]:
    with side.engine.connect() as connection:
        rows = connection.execute(
            select(push_events)
            .where(push_events.c.topic == f"member:{member}", push_events.c.kind == "redemption.changed")
            .order_by(push_events.c.id)
        )
        return [row.data["state"] for row in rows]


def test_a_redemption_is_reserved_locked_exported_paid_and_burned(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    view = side.redemptions.request(shop, order, SHOP_IBAN, signature)
    assert (view.state, view.iban_end) == ("requested", "FR76 … 9928")
    assert side.balance(shop) == (SALES_CENTS, 200_00)
    side.ledger.run()
    assert side.balance(shop) == (300_00, 0)
    (end_to_end_id,) = side.pay_out()
    assert side.redemption(order.ref).state == "exported"
    received = debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    assert received.paid == 1
    assert side.redemption(order.ref).state == "paid"
    assert side.ledger.supply_cents() == 300_00 == side.ledger.attested.amount_cents
    assert states(side, shop) == ["requested", "locked", "exported", "paid"]


def test_units_are_burned_before_the_lower_balance_is_attested(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    start = len(side.ledger.events)
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    assert [event.name for event in side.ledger.events[start:]] == ["RedemptionCompleted", "ReserveAttested"]


def test_a_private_person_is_refused_with_the_reason(side: BankSide) -> None:
    resident = side.member()
    side.load(resident, 50_00)
    with pytest.raises(errors.NotProfessional) as refusal:
        side.redemptions.quote(resident, 10_00, SHOP_IBAN)
    assert "loi" in refusal.value.sentence("fr")
    assert side.balance(resident) == (50_00, 0)


def test_the_fee_is_shown_first_and_kept_back_from_the_transfer(side: BankSide, shop: str) -> None:
    side.redemptions._terms = replace(side.terms, fee_basis_points=150)
    quoted = side.redemptions.quote(shop, 200_00, SHOP_IBAN).quote
    assert (quoted.fee_cents, quoted.net_cents, quoted.delay_days) == (3_00, 197_00, 2)
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    debit(side, Detail(197_00, end_to_end_id=end_to_end_id))
    assert side.redemption(view.ref).state == "paid"


def test_the_same_request_twice_is_one_redemption_and_another_body_is_refused(
    side: BankSide, shop: str
) -> None:
    order, signature = side.signed(shop, 200_00)
    first, second = (side.redemptions.request(shop, order, SHOP_IBAN, signature) for _ in range(2))
    assert first == second
    assert side.balance(shop) == (SALES_CENTS, 200_00)
    with pytest.raises(errors.RedemptionReferenceReused):
        side.redemptions.request(shop, replace(order, amount_cents=1_00), SHOP_IBAN, signature)
    with pytest.raises(errors.RedemptionReferenceReused):
        side.redemptions.request(side.merchant(), order, SHOP_IBAN, signature)


def test_more_than_is_available_is_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 300_00)
    side.redemptions.request(shop, order, SHOP_IBAN, signature)
    with pytest.raises(errors.RedemptionBalanceTooLow) as refusal:
        side.redemptions.quote(shop, 200_01, SHOP_IBAN)
    assert refusal.value.values == {"available_cents": 200_00}


def test_a_signature_over_other_words_or_by_another_device_is_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    with pytest.raises((BadSignature, errors.RedemptionSignerUnknown)):
        side.redemptions.request(shop, replace(order, amount_cents=300_00), SHOP_IBAN, signature)
    with pytest.raises((BadSignature, errors.RedemptionSignerUnknown)):
        side.redemptions.request(shop, order, "FR7699999000010000000015441", signature)
    with UnitOfWork(side.engine) as work:
        work.connection.execute(update(devices).where(devices.c.member_id == shop).values(state="revoked"))
    with pytest.raises(errors.RedemptionSignerUnknown):
        side.redemptions.request(shop, order, SHOP_IBAN, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)


def test_a_nonce_serves_once(side: BankSide, shop: str) -> None:
    first, signature = side.signed(shop, 100_00)
    side.redemptions.request(shop, first, SHOP_IBAN, signature)
    second, signature = side.signed(shop, 100_00, nonce=first.nonce)
    with pytest.raises(errors.RedemptionNonceUsed):
        side.redemptions.request(shop, second, SHOP_IBAN, signature)


def test_a_stop_refuses_new_requests_and_frees_what_the_ledger_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    side.redemptions.request(shop, order, SHOP_IBAN, signature)
    side.ledger.stopped = Stops(False, False, True)
    side.ledger.run()
    refused = side.redemption(order.ref)
    assert (refused.state, refused.refusal_code) == (
        "refused",
        "redemption.refused_on_chain.RedeemingStopped",
    )
    assert side.balance(shop) == (SALES_CENTS, 0)
    other, signature = side.signed(shop, 200_00)
    with pytest.raises(errors.RedeemingStopped):
        side.redemptions.request(shop, other, SHOP_IBAN, signature)


def test_the_account_to_pay_is_not_readable_in_the_database(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    side.payouts.prepare_payout("officer-1")
    with side.engine.connect() as connection:
        said = repr(connection.execute(select(redemptions)).all())
    assert SHOP_IBAN not in said
    assert "0099928" not in said


def test_who_prepared_a_payout_file_cannot_approve_it(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    file = side.payouts.prepare_payout("officer-1")
    with pytest.raises(PayoutSameOfficer):
        side.payouts.approve_payout(file.id, "officer-1")
    outbox = side.folder / "outbox"
    assert not outbox.exists()
    approved = side.payouts.approve_payout(file.id, "officer-2")
    assert (approved.state, approved.prepared_by, approved.approved_by) == (
        "approved",
        "officer-1",
        "officer-2",
    )
    assert [path.name for path in outbox.iterdir()] == [file.file_name]
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

    monkeypatch.setattr(payouts, "write_whole", write_while_the_worker_comes)
    side.pay_out()
    worker.join()
    assert len(written) == 1
    assert [path.name for path in (side.folder / "outbox").iterdir()] == [written[0].name]


@pytest.mark.parametrize("with_details", [True, False])
def test_a_file_booked_as_one_sum_closes_all_its_redemptions(
    side: BankSide, shop: str, with_details: bool
) -> None:
    refs = [side.redeem(shop, amount_cents).ref for amount_cents in (100_00, 50_00, 25_00)]
    ids = side.pay_out()
    (file,) = side.payouts.list_payout_files()
    details = [
        Detail(line.net_cents, end_to_end_id=end_to_end_id)
        for line, end_to_end_id in zip(file.lines, ids, strict=True)
    ]
    debit(side, *details, batch_message_id=file.message_id, with_details=with_details)
    assert [side.redemption(ref).state for ref in refs] == ["paid"] * 3
    assert side.ledger.supply_cents() == SALES_CENTS - 175_00


def test_a_debit_of_another_amount_or_made_twice_is_left_to_an_officer(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    assert debit(side, Detail(199_99, end_to_end_id=end_to_end_id)).unmatched == 1
    assert side.redemption(view.ref).state == "exported"
    assert debit(side, Detail(200_00, end_to_end_id=end_to_end_id)).paid == 1
    assert debit(side, Detail(200_00, end_to_end_id=end_to_end_id)).unmatched == 1
    assert side.redemption(view.ref).state == "paid"


def test_a_transfer_sent_back_before_its_debit_was_seen_unlocks_the_units(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    side.balance_cents -= 200_00  # the debit is in a statement that comes later
    assert sent_back(side, end_to_end_id, 200_00).sent_back == 1
    returned = side.redemption(view.ref)
    assert (returned.state, returned.return_reason) == ("returned", "AC04")
    assert side.balance(shop) == (SALES_CENTS, 0)
    side.balance_cents = SALES_CENTS
    assert debit(side, Detail(200_00, end_to_end_id=end_to_end_id)).paid == 1
    assert side.redemption(view.ref).state == "returned"
    assert side.ledger.supply_cents() == SALES_CENTS


def test_a_transfer_sent_back_after_the_burn_is_minted_again_once(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    assert side.balance(shop) == (300_00, 0)
    assert sent_back(side, end_to_end_id, 200_00).sent_back == 1
    assert side.redemption(view.ref).state == "returned"
    assert side.balance(shop) == (SALES_CENTS, 0)
    assert sent_back(side, end_to_end_id, 200_00).unmatched == 1
    assert side.balance(shop) == (SALES_CENTS, 0)
    assert states(side, shop)[-2:] == ["returning", "returned"]


def test_a_credit_that_only_borrows_our_end_to_end_id_is_not_a_return(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    assert sent_back(side, end_to_end_id, 200_00, reason=None).unmatched == 1
    assert sent_back(side, end_to_end_id, 150_00).unmatched == 1
    assert side.redemption(view.ref).state == "exported"


def test_events_said_twice_or_rewound_leave_the_same_books(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    told = [event for event in side.ledger.events if event.name.startswith("Redemption")]
    first_block = told[0].block_number
    with UnitOfWork(side.engine) as work:
        for rewind in side.ledger.rewinds:
            rewind(work, first_block - 1)
    assert side.redemption(view.ref).state == "exported"
    assert side.balance(shop)[1] == 200_00
    for event in [*told, *told]:
        with UnitOfWork(side.engine) as work:
            side.ledger.project(work, event)
    assert side.redemption(view.ref).state == "paid"
    assert side.balance(shop)[1] == 0


def test_above_the_ledgers_floor_the_member_is_told_before_anything_is_reserved(
    side: BankSide, shop: str
) -> None:
    side.ledger.floors = PasskeyFloors(per_payment_cents=100_00, per_day_cents=0)
    assert side.redemptions.quote(shop, 100_00, SHOP_IBAN).needs_passkey is False
    assert side.redemptions.quote(shop, 100_01, SHOP_IBAN).needs_passkey is True
    order, signature = side.signed(shop, 100_01)
    with pytest.raises(errors.RedemptionPasskeyRequired):
        side.redemptions.request(shop, order, SHOP_IBAN, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)
    side.redeem(shop, 100_00)
    assert side.balance(shop) == (SALES_CENTS - 100_00, 0)


def test_while_the_floors_are_not_known_the_ledger_decides(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> None:
        raise ChainUnavailable("no answer")

    monkeypatch.setattr(side.ledger, "passkey_floors", silent)
    order, signature = side.signed(shop, 200_00)
    assert side.redemptions.request(shop, order, SHOP_IBAN, signature).state == "requested"
