"""The bank's word on payout files: the rejected is free again, contradictions are shown, names checked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.bank_side import SHOP_PAYEE, BankSide
from tests.support.payout_reports import answers, at_bank, books, moved
from wallet_service.bank.reported import TransferStatus
from wallet_service.treasury import errors
from wallet_service.treasury.payouts.answers import BANK_REJECTED, DUPLICATE_REASONS
from wallet_service.treasury.payouts.service import TAKEN_OUT


def states(side: BankSide, refs: list[str]) -> list[str]:
    return [str(side.redemption(ref).state) for ref in refs]


@pytest.mark.parametrize("level", ["file", "block", "transfers"])
def test_a_rejected_file_leaves_its_conversions_to_the_next(side: BankSide, shop: str, level: str) -> None:
    file, refs, ids = at_bank(side, shop, 100_00, 50_00)
    for _ in range(2):  # the same answer again changes nothing
        if level == "file":
            answers(side, file.message_id, "RJCT", "FF01")
        elif level == "block":
            answers(side, file.message_id, blocks=((file.message_id, "RJCT", "FF01"),))
        else:
            told = tuple(TransferStatus(name, None, "RJCT", "MS03") for name in ids)
            answers(side, file.message_id, transfers=told)
        rejected = side.payouts.one(file.id)
        assert (rejected.state, rejected.transfers) == ("rejected", ())
        assert [line.out_reason for line in rejected.lines] == ["rejected", "rejected"]
        assert states(side, refs) == ["locked", "locked"]
    second = side.payouts.prepare_payout("officer-1")
    assert [line.redemption_ref for line in second.transfers] == refs
    answers(side, file.message_id, "RJCT", "FF01")  # the old file's answer, a third time
    assert side.payouts.one(second.id).transfers == second.transfers
    assert side.acts.list_unplaced() == []


@pytest.mark.parametrize("reason", sorted(DUPLICATE_REASONS))
def test_a_file_the_bank_has_already_is_being_paid_whatever_it_says_of_its_repetition(
    side: BankSide, shop: str, reason: str
) -> None:
    file, refs, ids = at_bank(side, shop, 100_00)
    answers(side, file.message_id, "RJCT", reason, transfers=(TransferStatus(ids[0], None, "RJCT", reason),))
    assert (side.payouts.one(file.id).state, states(side, refs)) == ("approved", ["exported"])


def test_an_account_the_bank_refuses_is_not_paid_again_by_itself(side: BankSide, shop: str) -> None:
    file, refs, ids = at_bank(side, shop, 100_00, 50_00)
    answers(side, file.message_id, "PART", transfers=(TransferStatus(None, ids[0], "RJCT", "AC04"),))
    assert states(side, refs) == ["locked", "exported"]
    assert side.redemption(refs[0]).held_reason == BANK_REJECTED
    with pytest.raises(errors.PayoutNothingToPay):
        side.payouts.prepare_payout("officer-1")
    side.acts.give_back(refs[0], "officer-1", "compte clos")
    side.ledger.run()
    assert states(side, refs) == ["returned", "exported"]


def test_accepted_words_are_noted(side: BankSide, shop: str) -> None:
    file, refs, ids = at_bank(side, shop, 100_00)
    answers(side, file.message_id, "ACSP", transfers=(TransferStatus(ids[0], None, "ACSC"),))
    noted = side.payouts.one(file.id)
    assert (noted.state, noted.bank_status, noted.lines[0].bank_status) == ("approved", "ACSP", "ACSC")
    assert states(side, refs) == ["exported"]


def test_words_about_what_is_not_ours_wait_for_an_officer_once(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    strange = f"ALBA{'Z' * 26}"
    for _ in range(2):
        answers(side, strange, "RJCT", "FF01")
        answers(side, file.message_id, transfers=(TransferStatus(strange, None, "RJCT", "AC01"),))
    found = side.acts.list_unplaced()
    assert {(each.message_id, each.named) for each in found} == {(strange, ""), (file.message_id, strange)}
    assert states(side, refs) == ["exported"]
    side.acts.settle_unplaced(found[0].id, "officer-1", "vu avec la banque")
    assert len(side.acts.list_unplaced()) == 1
    with pytest.raises(errors.PayoutLineUnknown):
        side.acts.settle_unplaced(found[0].id, "officer-1", "encore")


def test_a_rejection_after_its_debit_frees_nothing_and_is_shown(side: BankSide, shop: str) -> None:
    file, refs, ids = at_bank(side, shop, 100_00, 50_00)
    books(side, moved("DBIT", 100_00, end_to_end=ids[0]))
    answers(side, file.message_id, "RJCT", "FF01")
    assert states(side, refs) == ["paid", "locked"]
    assert [each.named for each in side.acts.list_unplaced()] == [ids[0]]
    assert side.payouts.one(file.id).state == "approved"


def test_a_rejection_while_the_ledger_still_burns_frees_nothing(side: BankSide, shop: str) -> None:
    file, refs, ids = at_bank(side, shop, 100_00)
    books(side, moved("DBIT", 100_00, end_to_end=ids[0]), is_final=False)
    assert states(side, refs) == ["exported"]
    answers(side, file.message_id, "RJCT", "FF01")
    assert states(side, refs) == ["exported"]
    side.ledger.run()
    assert states(side, refs) == ["paid"]
    assert len(side.acts.list_unplaced()) == 1


@pytest.mark.parametrize(
    ("match", "waits"), [("MTCH", False), ("CMTC", True), ("NMTC", True), ("NOAP", False)]
)
def test_a_name_the_bank_does_not_know_holds_the_order_until_an_officer_decides(
    side: BankSide, shop: str, match: str, waits: bool
) -> None:
    ref = side.redeem(shop, 100_00).ref
    file = side.payouts.prepare_payout("officer-1")
    told = TransferStatus(side.end_to_end_id(ref), None, "", payee_match=match, payee_name="Élise EXEMPLAIRE")
    answers(side, file.message_id, transfers=(told,))
    (line,) = side.payouts.one(file.id).lines
    assert (line.payee_match, line.payee_name, line.waits_for_decision) == (match, "Élise EXEMPLAIRE", waits)
    if waits:
        with pytest.raises(errors.PayeeUndecided):
            side.payouts.approve_payout(file.id, "officer-2")
        side.payouts.accept_payee(file.id, ref, "officer-1", "RIB au dossier")
        answers(side, file.message_id, transfers=(told,))  # the same word does not ask again
    assert side.payouts.approve_payout(file.id, "officer-2").state == "approved"


def test_another_word_about_a_name_asks_again(side: BankSide, shop: str) -> None:
    ref = side.redeem(shop, 100_00).ref
    file = side.payouts.prepare_payout("officer-1")
    for match in ("CMTC", "NMTC"):
        told = TransferStatus(side.end_to_end_id(ref), None, "", payee_match=match)
        answers(side, file.message_id, transfers=(told,))
        assert side.payouts.one(file.id).waits_for_decision
        side.payouts.accept_payee(file.id, ref, "officer-1", "RIB au dossier")


def test_a_transfer_taken_out_for_its_name_waits_and_the_others_go(side: BankSide, shop: str) -> None:
    refs = [side.redeem(shop, 100_00).ref, side.redeem(shop, 50_00).ref]
    file = side.payouts.prepare_payout("officer-1")
    told = TransferStatus(side.end_to_end_id(refs[0]), None, "", payee_match="NMTC")
    answers(side, file.message_id, transfers=(told,))
    left = side.payouts.take_out(file.id, refs[0], "officer-1", "autre nom")
    assert (left.total_cents, [line.redemption_ref for line in left.transfers]) == (50_00, [refs[1]])
    side.payouts.approve_payout(file.id, "officer-2")
    assert states(side, refs) == ["locked", "exported"]
    assert side.redemption(refs[0]).held_reason == TAKEN_OUT
    side.acts.pay_again(refs[0], "officer-1", "nom corrigé à la banque")
    assert [line.redemption_ref for line in side.payouts.prepare_payout("officer-1").lines] == [refs[0]]
    with pytest.raises(errors.RedemptionNotHeld):
        side.acts.pay_again(refs[0], "officer-1", "encore")
    with pytest.raises(errors.RedemptionNotHeld):
        side.acts.give_back(refs[0], "officer-1", "elle est dans un ordre")


def test_the_name_the_bank_gives_is_sealed(side: BankSide, shop: str) -> None:
    ref = side.redeem(shop, 100_00).ref
    file = side.payouts.prepare_payout("officer-1")
    told = TransferStatus(side.end_to_end_id(ref), None, "", payee_match="NMTC", payee_name="Camille Autre")
    answers(side, file.message_id, transfers=(told,))
    with side.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT * FROM payout_lines").all()
    assert "Camille" not in repr(raw)
    assert side.payouts.one(file.id).lines[0].payee_name == "Camille Autre"


@pytest.mark.parametrize("is_same_name", [True, False])
def test_the_next_order_to_the_same_account_and_name_shows_what_the_bank_said(
    side: BankSide, shop: str, is_same_name: bool
) -> None:
    file, _, ids = at_bank(side, shop, 100_00)
    told = TransferStatus(ids[0], None, "ACSC", payee_match="CMTC", payee_name="Élise EXEMPLAIRE")
    answers(side, file.message_id, transfers=(told,))
    payee = SHOP_PAYEE if is_same_name else replace(SHOP_PAYEE, holder="Élise Exemplaire")
    order, signature = side.signed(shop, 50_00, payee)
    side.redemptions.request(shop, order, payee, signature)
    side.ledger.run()
    side.clock.advance_ms(1_000)
    (line,) = side.payouts.prepare_payout("officer-1").lines
    assert line.waits_for_decision is is_same_name
    assert (line.payee_match, line.payee_name) == (
        ("CMTC", "Élise EXEMPLAIRE") if is_same_name else (None, "")
    )
