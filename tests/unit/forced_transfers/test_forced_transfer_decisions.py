"""What may follow what in a transfer by order, and when the ledger would execute it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from wallet_service.forced_transfers import decisions
from wallet_service.forced_transfers.models import ForcedTransfer, ForcedTransferState
from wallet_service.protocol.transitions import IllegalTransition, check_transition

F = ForcedTransferState
DUE_UNIX_S = 1_700_000_000
PROPOSED = ForcedTransfer(
    "T1", "C1", None, 50_00, "un motif", "0x" + "11" * 32, F.PROPOSED, "O1", 0, 7, DUE_UNIX_S, 0, None
)
#: Said once more, by hand: a transition that slips into the table fails here.
ALLOWED = {
    (F.ASKED, F.PROPOSED),
    (F.ASKED, F.FAILED),
    (F.FAILED, F.PROPOSED),
    *((F.PROPOSED, each) for each in (F.EXECUTING, F.EXECUTED, F.CANCELLED, F.ASKED)),
    *((F.EXECUTING, each) for each in (F.EXECUTED, F.CANCELLED, F.PROPOSED, F.ASKED)),
    (F.EXECUTED, F.EXECUTING),
}


@pytest.mark.parametrize(("source", "target"), sorted(set(itertools.product(F, F)) - ALLOWED))
def test_a_forbidden_transition_raises(source: ForcedTransferState, target: ForcedTransferState) -> None:
    with pytest.raises(IllegalTransition):
        check_transition(decisions.FORCED_TRANSITIONS, source, target)


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_every_way_on_is_open(source: ForcedTransferState, target: ForcedTransferState) -> None:
    check_transition(decisions.FORCED_TRANSITIONS, source, target)


@pytest.mark.parametrize(("seconds", "due"), [(-1, False), (0, True), (1, True)])
def test_it_is_due_from_the_second_its_delay_has_passed(seconds: int, due: bool) -> None:
    assert decisions.is_due(PROPOSED, DUE_UNIX_S + seconds) is due


@pytest.mark.parametrize("state", [each for each in F if each is not F.PROPOSED])
def test_only_what_stands_announced_is_due(state: ForcedTransferState) -> None:
    assert not decisions.is_due(replace(PROPOSED, state=state), DUE_UNIX_S + 1)


def test_what_the_ledger_gave_no_moment_is_not_due() -> None:
    assert not decisions.is_due(replace(PROPOSED, executable_at_unix_s=None), DUE_UNIX_S + 1)
