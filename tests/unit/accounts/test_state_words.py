"""The words of states that accounts compare with, which stand above them."""

from __future__ import annotations

from wallet_service.accounts import repository
from wallet_service.oversight.keys.models import OPEN, SuspensionState
from wallet_service.payments.states import PAYMENT_TRANSITIONS, PaymentState


def test_what_is_on_its_way_is_every_state_that_is_not_final() -> None:
    not_final = {str(state) for state, targets in PAYMENT_TRANSITIONS.items() if targets}
    assert set(repository.ON_THE_WAY) == not_final


def test_refused_is_the_one_final_state_that_spends_nothing() -> None:
    assert repository.REFUSED == PaymentState.REFUSED


def test_a_key_is_suspended_in_every_state_that_may_be_in_force() -> None:
    assert set(repository.SUSPENDED) == {str(state) for state in OPEN}
    assert repository.ON_LEDGER == SuspensionState.ACTIVE
