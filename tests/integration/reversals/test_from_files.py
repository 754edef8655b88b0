"""Reversals as the bank's files bring them: undone entries, recalls by reason, in one statement or in two."""

from __future__ import annotations

import pytest

from scripts.camt053_writer import Detail
from tests.support.bank_side import SHOP_IBAN
from tests.support.reversal_side import ReversalSide
from wallet_service.reversals.models import Reversal, ReversalState

E2E = "NOTRE-PAYEUR-1"


def sent_back(reason: str | None, text: str = "") -> Detail:
    return Detail(50_00, "Camille R.", SHOP_IBAN, end_to_end_id=E2E, return_reason=reason, text=text)


def undone(content: bytes) -> bytes:
    """Every entry of the statement marked as the reversal of another."""
    return content.replace(b"<Sts>", b"<RvslInd>true</RvslInd><Sts>")


def open_ones(side: ReversalSide) -> list[Reversal]:
    return list(side.desk.cases.listed(is_open=True))


def test_an_undone_credit_freezes_its_member_and_leaves_the_queue(side: ReversalSide) -> None:
    member = side.loaded(50_00, E2E)
    side.receive(undone(side.statement(side.entry(sent_back(None), direction="DBIT"))))
    side.ledger.run()
    (found,) = open_ones(side)
    assert (found.member_id, found.amount_cents) == (member, 50_00)
    assert side.address(member) in side.ledger.frozen
    assert side.unmatched.list_waiting() == []


@pytest.mark.parametrize("reason", ["DUPL", "TECH", "FRAD", "FOCR", "CUST"])
def test_a_recall_by_its_reason_is_a_reversal_too(side: ReversalSide, reason: str) -> None:
    side.loaded(50_00, E2E)
    side.receive(side.statement(side.entry(sent_back(reason), direction="DBIT")))
    assert [(each.reason, each.state) for each in open_ones(side)] == [(reason, ReversalState.OPEN)]


def test_a_credit_and_its_reversal_in_one_statement_meet(side: ReversalSide) -> None:
    member = side.member()
    credit = side.credit(50_00, side.topups.reference_for(member), end_to_end_id=E2E)
    side.receive(side.statement(side.entry(credit), side.entry(sent_back("TECH"), direction="DBIT")))
    side.ledger.run()
    (found,) = side.desk.cases.listed(is_open=False)
    assert (found.member_id, found.state) == (member, ReversalState.NOT_MINTED), "no euros, no units"
    assert side.balance(member)[0] == 0
    assert side.unmatched.list_waiting() == []


def test_the_same_file_read_twice_opens_one(side: ReversalSide) -> None:
    side.loaded(50_00, E2E)
    content = undone(side.statement(side.entry(sent_back(None), direction="DBIT")))
    side.receive(content)
    side.receive(content)
    assert len(open_ones(side)) == 1


def test_a_credit_that_undoes_a_debit_is_minted_to_nobody(side: ReversalSide) -> None:
    member = side.member()
    credit = side.credit(50_00, side.topups.reference_for(member))
    side.receive(undone(side.statement(side.entry(credit))))
    side.ledger.run()
    assert side.balance(member) == (0, 0)
    assert [entry.amount_cents for entry in side.unmatched.list_waiting()] == [50_00]
    assert open_ones(side) == []


def test_a_debit_that_names_nobody_is_tied_once_its_credit_is_known(side: ReversalSide) -> None:
    side.receive(side.statement(side.entry(side.credit(200_00))))  # nobody's: euros without units
    side.receive(side.statement(side.entry(sent_back("FRAD"), direction="DBIT")))
    assert open_ones(side) == []
    member = side.loaded(50_00, E2E)
    assert [each.member_id for each in open_ones(side)] == [member]
    assert [entry.amount_cents for entry in side.unmatched.list_waiting()] == [200_00]
