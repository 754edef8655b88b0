"""When the ledger asks for a passkey; tests/contracts/test_passkey_floors.py asks the contract the same."""

from __future__ import annotations

import pytest

from wallet_service.protocol.signing.floors import NO_FLOORS, PasskeyFloors


@pytest.mark.parametrize(
    ("amount_cents", "spent_cents", "floors", "needed"),
    [
        (20_00, 0, PasskeyFloors(20_00, 0), False),
        (20_01, 0, PasskeyFloors(20_00, 0), True),
        (20_00, 500_00, PasskeyFloors(20_00, 0), False),
        (20_00, 30_00, PasskeyFloors(0, 50_00), False),
        (20_01, 30_00, PasskeyFloors(0, 50_00), True),
        (50_01, 0, PasskeyFloors(0, 50_00), True),
        (10**9, 10**9, NO_FLOORS, False),
    ],
)
def test_an_amount_needs_a_passkey_alone_or_with_the_days_sum(
    amount_cents: int, spent_cents: int, floors: PasskeyFloors, needed: bool
) -> None:
    assert floors.ask_passkey(amount_cents, spent_cents) is needed
