"""From a signed redemption to euros paid, or given back, with everything that can go wrong at the bank."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy import insert, select, update

from scripts.camt053_writer import Detail
from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import RESERVE_IBAN, SHOP_IBAN, SHOP_PAYEE, BankSide
from tests.support.fake_ledger import Refused
from wallet_service.accounts.errors import KeySuspended, RulesTooOld
from wallet_service.accounts.models import Stops
from wallet_service.accounts.stops import REDEEMING_BIT
from wallet_service.database.tables.bank import redemptions
from wallet_service.database.tables.members import devices
from wallet_service.database.tables.push import push_events
from wallet_service.database.tables.supervision import key_suspensions
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.wallet.routers.redemptions import MAX_REDEMPTIONS
from wallet_service.platform.errors import ClockWrong
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.floors import PasskeyFloors
from wallet_service.protocol.text.identifiers import new_ref
from wallet_service.redemptions import errors
from wallet_service.redemptions.service import NOT_OPENED
from wallet_service.treasury.booking.deciding import BookedCounts


def debit(side: BankSide, *details: Detail, **more: object) -> BookedCounts:
    entry = replace(side.entry(*details, direction="DBIT"), **more)  # type: ignore[arg-type]
    received = side.receive(side.statement(entry))
    side.ledger.run()
    return received


def sent_back(
    side: BankSide, end_to_end_id: str, amount_cents: int, reason: str | None = "AC04"
) -> BookedCounts:
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
    view = side.redemptions.request(shop, order, SHOP_PAYEE, signature)
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
        side.redemptions.quote(resident, 10_00, SHOP_PAYEE)
    assert "loi" in refusal.value.sentence("fr")
    assert side.balance(resident) == (50_00, 0)


def test_the_fee_is_shown_first_and_kept_back_from_the_transfer(side: BankSide, shop: str) -> None:
    side.redemptions._terms = replace(side.terms, fee_basis_points=150)
    quoted = side.redemptions.quote(shop, 200_00, SHOP_PAYEE).quote
    assert (quoted.fee_cents, quoted.net_cents, quoted.delay_days) == (3_00, 197_00, 2)
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    debit(side, Detail(197_00, end_to_end_id=end_to_end_id))
    assert side.redemption(view.ref).state == "paid"


def test_a_reference_that_is_not_the_accounts_own_is_refused_at_once(side: BankSide, shop: str) -> None:
    """The ledger would refuse it: a rival could have used it up before."""
    order, signature = side.signed(shop, 200_00, ref=new_ref())
    with pytest.raises(errors.RedemptionReferenceNotOwn):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)


def test_the_same_request_twice_is_one_redemption_and_another_body_is_refused(
    side: BankSide, shop: str
) -> None:
    order, signature = side.signed(shop, 200_00)
    first, second = (side.redemptions.request(shop, order, SHOP_PAYEE, signature) for _ in range(2))
    assert first == second
    assert side.balance(shop) == (SALES_CENTS, 200_00)
    with pytest.raises(errors.RedemptionReferenceReused):
        side.redemptions.request(shop, replace(order, amount_cents=1_00), SHOP_PAYEE, signature)
    with pytest.raises(errors.RedemptionReferenceReused):
        side.redemptions.request(side.merchant(), order, SHOP_PAYEE, signature)


def test_more_than_is_available_is_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 300_00)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    with pytest.raises(errors.RedemptionBalanceTooLow) as refusal:
        side.redemptions.quote(shop, 200_01, SHOP_PAYEE)
    assert refusal.value.values == {"available_cents": 200_00}


def test_a_signature_over_other_words_or_by_another_device_is_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    with pytest.raises((BadSignature, errors.RedemptionSignerUnknown)):
        side.redemptions.request(shop, replace(order, amount_cents=300_00), SHOP_PAYEE, signature)
    with pytest.raises((BadSignature, errors.RedemptionSignerUnknown)):
        side.redemptions.request(shop, order, replace(SHOP_PAYEE, iban=RESERVE_IBAN), signature)
    with UnitOfWork(side.engine) as work:
        work.connection.execute(update(devices).where(devices.c.member_id == shop).values(state="revoked"))
    with pytest.raises(errors.RedemptionSignerUnknown):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)


def test_a_suspended_key_converts_nothing_until_its_end(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    until_unix_s = side.clock.now_unix_s() + 60
    with UnitOfWork(side.engine) as work:
        signer = select(devices.c.signer_address).where(devices.c.member_id == shop).scalar_subquery()
        suspended = {"id": "S1", "member_id": shop, "signer_address": signer, "ground_hash": "0x" + "ab" * 32}
        states = {"until_unix_s": until_unix_s, "state": "active", "asked_at_unix_ms": 0}
        work.connection.execute(insert(key_suspensions).values(**suspended, **states))
    with pytest.raises(KeySuspended):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)
    side.clock.advance_ms(60_000)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 200_00)


def test_a_nonce_serves_once(side: BankSide, shop: str) -> None:
    first, signature = side.signed(shop, 100_00)
    side.redemptions.request(shop, first, SHOP_PAYEE, signature)
    second, signature = side.signed(shop, 100_00, nonce=first.nonce)
    with pytest.raises(errors.RedemptionNonceUsed):
        side.redemptions.request(shop, second, SHOP_PAYEE, signature)


def test_a_stop_refuses_new_requests_and_frees_what_the_ledger_refused(side: BankSide, shop: str) -> None:
    order, signature = side.signed(shop, 200_00)
    side.redemptions.request(shop, order, SHOP_PAYEE, signature)
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
        side.redemptions.request(shop, other, SHOP_PAYEE, signature)


def test_a_stop_on_its_way_refuses_new_requests(side: BankSide, shop: str) -> None:
    with UnitOfWork(side.engine) as work:
        side.ledger.queue_command(work.connection, "stop", [REDEEMING_BIT], "PAUSER", "stop:1")
    order, signature = side.signed(shop, 200_00)
    with pytest.raises(errors.RedeemingStopped):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)


def test_the_account_to_pay_is_not_readable_in_the_database(side: BankSide, shop: str) -> None:
    side.redeem(shop, 200_00)
    side.payouts.prepare_payout("officer-1")
    with side.engine.connect() as connection:
        said = repr(connection.execute(select(redemptions)).all())
    assert SHOP_IBAN not in said
    assert "0099928" not in said


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


def test_a_credit_of_another_amount_is_no_return_by_itself(side: BankSide, shop: str) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    assert sent_back(side, end_to_end_id, 200_01).unmatched == 1
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
    assert side.redemptions.quote(shop, 100_00, SHOP_PAYEE).needs_passkey is False
    assert side.redemptions.quote(shop, 100_01, SHOP_PAYEE).needs_passkey is True
    order, signature = side.signed(shop, 100_01)
    with pytest.raises(errors.RedemptionPasskeyRequired):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)
    side.redeem(shop, 100_00)
    assert side.balance(shop) == (SALES_CENTS - 100_00, 0)


def test_while_the_floors_are_not_known_the_ledger_decides(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> None:
        raise RulesTooOld()

    monkeypatch.setattr(side.ledger, "current", silent)
    order, signature = side.signed(shop, 200_00)
    assert side.redemptions.request(shop, order, SHOP_PAYEE, signature).state == "requested"


def refuse_to_end(*arguments: object) -> NoReturn:
    raise Refused("AccessManagedUnauthorized")


def test_what_the_ledger_would_not_end_waits_for_an_officer_until_it_is_ended(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = side.redeem(shop, 200_00)
    (end_to_end_id,) = side.pay_out()
    with monkeypatch.context() as refusing:
        refusing.setattr(side.ledger, "_completeRedemption", refuse_to_end)
        debit(side, Detail(200_00, end_to_end_id=end_to_end_id))
    (trouble,) = side.redemptions.list_in_trouble()
    assert (trouble.ref, trouble.state) == (view.ref, "exported")
    assert trouble.refusal_code == "ledger.AccessManagedUnauthorized"
    with side.engine.connect() as connection:
        heard = connection.execute(
            select(push_events).where(push_events.c.kind == "redemption.trouble")
        ).one()
    assert heard.topic == "console"
    assert heard.data == {"ref": view.ref, "error": "AccessManagedUnauthorized"}
    with UnitOfWork(side.engine) as work:
        side.ledger.queue_command(
            work.connection, "completeRedemption", [view.ref], "ISSUER", f"complete:{view.ref}:again"
        )
    side.ledger.run()
    assert side.redemptions.list_in_trouble() == []
    assert side.redemption(view.ref).state == "paid"


def test_an_old_redemption_is_found_by_its_reference_behind_more_than_a_page_of_newer_ones(
    side: BankSide, shop: str
) -> None:
    oldest = side.redeem(shop, 100_00)
    with UnitOfWork(side.engine) as work:
        row = dict(work.connection.execute(select(redemptions)).mappings().one())
        for number in range(MAX_REDEMPTIONS + 1):
            newer = {"ref": new_ref(), "nonce": str(1_000 + number), "end_to_end_id": f"ALBA{number}"}
            at_unix_ms = row["requested_at_unix_ms"] + 1 + number
            work.connection.execute(
                insert(redemptions).values({**row, **newer, "requested_at_unix_ms": at_unix_ms})
            )
    assert side.redemptions.find(shop, oldest.ref).ref == oldest.ref
    assert side.redemptions.find(shop, oldest.ref.upper().replace("0X", "0x")).ref == oldest.ref
    assert side.redemptions.sums_by_step()["locked"] == (MAX_REDEMPTIONS + 2, (MAX_REDEMPTIONS + 2) * 100_00)
    with pytest.raises(errors.RedemptionUnknown):
        side.redemptions.find(side.merchant(), oldest.ref)
    with pytest.raises(errors.RedemptionUnknown):
        side.redemptions.find(shop, new_ref())


def test_redemptions_in_an_unsigned_file_are_a_step_of_their_own(side: BankSide, shop: str) -> None:
    side.redeem(shop, 100_00)
    side.payouts.prepare_payout("officer-1")
    side.redeem(shop, 50_00)
    assert side.redemptions.sums_by_step() == {"in_file": (1, 100_00), "locked": (1, 50_00)}


def test_while_the_clock_is_wrong_no_redemption_is_accepted(
    side: BankSide, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side.redemptions, "_clock_is_right", lambda: False)
    order, signature = side.signed(shop, 200_00)
    with pytest.raises(ClockWrong):
        side.redemptions.request(shop, order, SHOP_PAYEE, signature)
    assert side.balance(shop) == (SALES_CENTS, 0)


def test_one_who_was_erased_hides_no_other_from_officers(side: BankSide, shop: str) -> None:
    other = side.merchant()
    side.load(other, SALES_CENTS)
    erased, kept = side.redeem(shop, 100_00), side.redeem(other, 200_00)
    file = side.payouts.prepare_payout("officer-1")
    with UnitOfWork(side.engine) as work:
        side.sealer.destroy_member_key(work.connection, shop)
    shown = {each.ref: (each.iban_end, each.holder) for each in side.redemptions.list_redemptions()}
    assert shown == {erased.ref: (NOT_OPENED, ""), kept.ref: (kept.iban_end, kept.holder)}
    with UnitOfWork(side.engine) as work:
        lines = side.payouts._views.of(work.connection, file.id).lines
    assert {line.redemption_ref: line.holder for line in lines} == {erased.ref: "", kept.ref: kept.holder}
