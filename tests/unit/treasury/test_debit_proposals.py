"""Which conversions a debit may pay: sums that fit, the file the bank names first, never a guess beyond."""

from __future__ import annotations

from collections.abc import Sequence

from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.redemptions.repository import Redemption
from wallet_service.treasury.payouts.proposals import MAX_PROPOSALS, DebitProposal, debit_proposals


def unpaid(ref: str, amount_cents: int, payout_file_id: str = "F1") -> Redemption:
    return Redemption(
        ref=ref,
        member_id="M",
        public_name=None,
        account_address="0x",
        amount_cents=amount_cents,
        fee_cents=0,
        sealed_iban=b"",
        sealed_holder=None,
        payee_hash="0x",
        nonce=1,
        valid_before_unix_s=1,
        signature=b"",
        state=RedemptionState.EXPORTED,
        end_to_end_id=f"ALBA{ref}",
        payout_file_id=payout_file_id,
        bank_entry_id=None,
        return_entry_id=None,
        return_reason=None,
        held_reason=None,
        refusal_code=None,
        requested_at_unix_ms=1,
        locked_at_unix_ms=1,
        closed_at_unix_ms=None,
        locked_block=1,
    )


WAITING = [unpaid("a", 100_00), unpaid("b", 50_00), unpaid("c", 70_00, "F2"), unpaid("d", 50_00, "F2")]


def said(found: Sequence[DebitProposal]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.why, each.refs, each.left_out) for each in found]


def test_a_named_file_less_one_refused_says_which_one_it_was() -> None:
    assert said(debit_proposals(WAITING, {"F1"}, 100_00)) == [("file_named", ("a",), ("b",))]


def test_a_file_that_nobody_names_is_proposed_by_its_whole_sum_only() -> None:
    assert said(debit_proposals(WAITING, set(), 150_00)) == [("file_sum", ("a", "b"), ())]
    assert said(debit_proposals(WAITING, set(), 120_00)) == [("file_sum", ("c", "d"), ())]


def test_one_amount_that_several_have_is_proposed_for_each() -> None:
    assert said(debit_proposals(WAITING, set(), 50_00)) == [
        ("same_amount", ("b",), ()),
        ("same_amount", ("d",), ()),
    ]


def test_nothing_fits_nothing_is_proposed() -> None:
    assert debit_proposals(WAITING, {"F1"}, 99_00) == []
    assert debit_proposals([], {"F1"}, 99_00) == []


def test_every_proposal_makes_exactly_the_debit_and_there_are_only_so_many() -> None:
    many = [unpaid(f"r{number}", 10_00) for number in range(30)]
    found = debit_proposals(many, {"F1"}, 280_00)
    assert len(found) == MAX_PROPOSALS
    assert all(len(each.refs) == 28 and len(each.left_out) == 2 for each in found)
