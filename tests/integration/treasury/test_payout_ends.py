"""Every conversion that is at the bank can end: each way out, walked to its end in the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bank_fixtures import SALES_CENTS
from tests.support.bank_side import BankSide
from tests.support.payout_reports import answers, at_bank, books, moved, signed
from wallet_service.bank.reported import TransferStatus
from wallet_service.database.unit_of_work import reading
from wallet_service.oversight.errors import SecondOfficerNeeded
from wallet_service.treasury import errors
from wallet_service.treasury import repository as treasury_repository
from wallet_service.treasury.repository import EntryRow


def states(side: BankSide, refs: list[str]) -> list[str]:
    return [str(side.redemption(ref).state) for ref in refs]


def _named(name: str, value: str) -> dict[str, Any]:
    return {name: value}


def unmatched(side: BankSide) -> EntryRow:
    (waiting,) = side.unmatched.list_waiting()
    with reading(side.engine) as connection:
        entry = treasury_repository.entry_by_id(connection, waiting.id)
    assert entry is not None
    return entry


@pytest.mark.parametrize("name", ["end_to_end", "instruction", "transaction", "entry"])
def test_a_debit_is_known_by_its_transfer_wherever_the_bank_echoes_it(
    side: BankSide, shop: str, name: str
) -> None:
    _, refs, (end_to_end_id,) = at_bank(side, shop, 100_00)
    assert books(side, moved("DBIT", 100_00, servicer="D1", **_named(name, end_to_end_id))).paid == 1
    assert states(side, refs) == ["paid"]
    assert side.ledger.supply_cents() == SALES_CENTS - 100_00


def test_a_debit_that_says_its_transfer_only_in_a_cut_text_is_known(side: BankSide, shop: str) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    assert books(side, moved("DBIT", 100_00, texts=(f"VIR SEPA {name[:17]}", f"{name[17:]} X"))).paid == 1
    assert states(side, refs) == ["paid"]


@pytest.mark.parametrize("name", ["payment_information", "message", "end_to_end"])
def test_a_file_debited_as_one_sum_is_known_by_its_own_name_and_holds_nobody_up(
    side: BankSide, shop: str, name: str
) -> None:
    file, refs, _ = at_bank(side, shop, 100_00, 50_00)
    resident = side.member()
    reference = side.topups.reference_for(resident)
    booked = books(side, moved("DBIT", 150_00, transfers=2, **_named(name, file.message_id)))
    assert (booked.paid, states(side, refs)) == (1, ["paid", "paid"])
    assert side.ledger.supply_cents() == SALES_CENTS - 150_00
    side.receive(side.statement(side.entry(side.credit(20_00, reference))))
    side.ledger.run()
    assert side.balance(resident) == (20_00, 0)


def test_one_that_the_bank_answers_as_rejected_leaves_and_the_rest_is_one_sum(
    side: BankSide, shop: str
) -> None:
    file, refs, ids = at_bank(side, shop, 100_00, 50_00)
    rejected = TransferStatus(ids[1], None, "RJCT", "AM04")
    answers(side, file.message_id, "PART", transfers=(rejected,))
    assert states(side, refs) == ["exported", "locked"]
    assert books(side, moved("DBIT", 100_00, transfers=1, message=file.message_id)).paid == 1
    assert states(side, refs) == ["paid", "locked"]
    assert [line.redemption_ref for line in side.payouts.prepare_payout("officer-1").lines] == [refs[1]]


def test_one_that_nobody_told_was_rejected_is_said_by_two_officers(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00, 50_00)
    assert books(side, moved("DBIT", 100_00, transfers=1, message=file.message_id)).unmatched == 1
    entry = unmatched(side)
    (proposal,) = side.payout_proposals.for_debit(entry)
    assert (proposal.why, proposal.refs, proposal.left_out) == ("file_named", (refs[0],), (refs[1],))
    asked = side.acts.ask_debit_pays(entry.id, proposal.refs, "officer-1", "relevé du 2 juin")
    with pytest.raises(errors.PayoutActAskedFor):
        side.acts.ask_debit_pays(entry.id, proposal.refs, "officer-3", "relevé du 2 juin")
    with pytest.raises(SecondOfficerNeeded):
        signed(side, asked, "officer-1")
    assert states(side, refs) == ["exported", "exported"]
    signed(side, asked)
    assert states(side, refs) == ["paid", "exported"]
    signed(side, side.acts.ask_bank_refused(refs[1], "again", "officer-1", "la banque au téléphone"))
    assert states(side, refs) == ["paid", "locked"]
    (line,) = side.payouts.prepare_payout("officer-1").lines
    assert (line.redemption_ref, line.net_cents) == (refs[1], 50_00)


def test_a_refused_one_may_give_its_units_back(side: BankSide, shop: str) -> None:
    file, refs, _ = at_bank(side, shop, 100_00)
    signed(side, side.acts.ask_bank_refused(refs[0], "give_back", "officer-1", "compte clos"))
    assert states(side, refs) == ["returned"]
    assert side.balance(shop) == (SALES_CENTS, 0)
    assert side.payouts.one(file.id).state == "rejected"
    with pytest.raises(errors.PayoutNotAtBank):
        side.acts.ask_bank_refused(refs[0], "again", "officer-1", "encore")


def test_a_debit_of_another_sum_pays_only_when_the_difference_is_named(side: BankSide, shop: str) -> None:
    _, refs, _ = at_bank(side, shop, 100_00)
    books(side, moved("DBIT", 101_50, servicer="D1"))
    entry = unmatched(side)
    with pytest.raises(errors.PayoutDifference) as refused:
        side.acts.ask_debit_pays(entry.id, refs, "officer-1", "frais de la banque")
    assert refused.value.values["difference_cents"] == 150
    signed(side, side.acts.ask_debit_pays(entry.id, refs, "officer-1", "frais de la banque", 150))
    assert states(side, refs) == ["paid"]


def test_what_is_not_at_the_bank_is_paid_by_no_debit(side: BankSide, shop: str) -> None:
    waiting = side.redeem(shop, 100_00).ref
    books(side, moved("DBIT", 100_00, servicer="D1"))
    with pytest.raises(errors.PayoutNotAtBank):
        side.acts.ask_debit_pays(unmatched(side).id, [waiting], "officer-1", "relevé")
    with pytest.raises(errors.EntryUnknown):
        side.acts.ask_debit_pays("nowhere", [waiting], "officer-1", "relevé")


def test_two_officers_who_sign_after_the_bank_has_spoken_change_nothing(side: BankSide, shop: str) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    asked = side.acts.ask_bank_refused(refs[0], "again", "officer-1", "la banque au téléphone")
    books(side, moved("DBIT", 100_00, end_to_end=name))
    with pytest.raises(errors.PayoutNotAtBank):
        signed(side, asked)
    assert states(side, refs) == ["paid"]


@pytest.mark.parametrize(
    ("reason", "is_reversal"), [("AC04", False), ("", False), (None, False), (None, True)]
)
def test_a_transfer_that_comes_back_is_a_return_with_a_code_or_without(
    side: BankSide, shop: str, reason: str | None, is_reversal: bool
) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    books(side, moved("DBIT", 100_00, servicer="D1", end_to_end=name))
    back = moved("CRDT", 100_00, servicer="R1", end_to_end=name, reason=reason, is_reversal=is_reversal)
    assert books(side, back).sent_back == 1
    assert states(side, refs) == ["returned"]
    assert side.balance(shop) == (SALES_CENTS, 0)


@pytest.mark.parametrize("is_one_day", [True, False])
def test_a_return_with_the_reference_of_its_debit_is_a_movement_of_its_own(
    side: BankSide, shop: str, is_one_day: bool
) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    debit = moved("DBIT", 100_00, servicer="2024041210041357000", end_to_end=name)
    back = moved("CRDT", 100_00, servicer="2024041210041357000", end_to_end=name, reason="AC01")
    for entries in [(debit, back)] if is_one_day else [(debit,), (back,)]:
        books(side, *entries)
    assert states(side, refs) == ["returned"]
    assert side.balance(shop) == (SALES_CENTS, 0)


@pytest.mark.parametrize(("is_whole", "given_back_cents"), [(False, 98_50), (True, 100_00)])
def test_a_return_less_a_fee_is_tied_and_two_officers_say_who_bears_it(
    side: BankSide, shop: str, is_whole: bool, given_back_cents: int
) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    books(side, moved("DBIT", 100_00, end_to_end=name))
    assert books(side, moved("CRDT", 98_50, end_to_end=name, reason="AC04")).unmatched == 1
    assert states(side, refs) == ["paid"]
    entry = unmatched(side)
    (proposal,) = side.payout_proposals.for_credit(entry)
    assert (proposal.ref, proposal.fee_cents, proposal.is_named) == (refs[0], 1_50, True)
    asked = side.acts.ask_credit_returns(entry.id, refs[0], "officer-1", "frais", is_whole=is_whole)
    signed(side, asked)
    if is_whole:  # no unit without its euro: the association's fee must be in the reserve first
        assert states(side, refs) == ["returning"]
        books(side, moved("CRDT", 1_50, servicer="F1", texts=("FRAIS",)))
        side.topups.retry_due()
        side.ledger.run()
    assert states(side, refs) == ["returned"]
    assert side.balance(shop) == (SALES_CENTS - 100_00 + given_back_cents, 0)


def test_a_return_less_a_fee_waits_until_its_debit_is_known(side: BankSide, shop: str) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    side.balance_cents -= 100_00  # the debit is in a statement that comes later
    books(side, moved("CRDT", 98_50, end_to_end=name, reason="AC04"))
    with pytest.raises(errors.PayoutDebitFirst):
        side.acts.ask_credit_returns(unmatched(side).id, refs[0], "officer-1", "frais")


def test_a_credit_of_a_paid_amount_is_proposed_as_its_return_and_no_more(side: BankSide, shop: str) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    books(side, moved("DBIT", 100_00, end_to_end=name))
    assert books(side, moved("CRDT", 100_00, servicer="R1", texts=("RETOUR",))).unmatched == 1
    (proposal,) = side.payout_proposals.for_credit(unmatched(side))
    assert (proposal.ref, proposal.fee_cents, proposal.is_named) == (refs[0], 0, False)
    assert states(side, refs) == ["paid"]


def test_a_reversal_of_a_credit_pays_no_conversion(side: BankSide, shop: str) -> None:
    _, refs, (name,) = at_bank(side, shop, 100_00)
    assert books(side, moved("DBIT", 100_00, end_to_end=name, is_reversal=True)).paid == 0
    assert states(side, refs) == ["exported"]
