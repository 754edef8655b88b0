"""What of a balance can be spent: what the bank took back of a credit stays, as far as it is there."""

from __future__ import annotations

import pytest

from wallet_service.accounts.models import PostedBalance
from wallet_service.accounts.service import SpendableBalance, spendable


@pytest.mark.parametrize(
    ("posted", "reserved", "owed", "held_back", "available"),
    [
        (205_20, 0, 0, 0, 205_20),
        (205_20, 0, 23_40, 23_40, 181_80),
        (205_20, 190_00, 23_40, 15_20, 0),
        (10_00, 0, 23_40, 10_00, 0),
        (0, 0, 23_40, 0, 0),
        (5_00, 8_00, 23_40, 0, -3_00),
    ],
)
def test_what_is_owed_is_no_money_to_spend(
    posted: int, reserved: int, owed: int, held_back: int, available: int
) -> None:
    found = spendable(PostedBalance(posted, reserved), owed)
    assert found == SpendableBalance(posted, reserved, held_back, available)


@pytest.mark.parametrize(
    ("posted", "owed", "disputed", "held_back", "available", "shown_disputed"),
    [
        (60_00, 0, 50_00, 50_00, 10_00, 50_00),
        (60_00, 5_00, 50_00, 55_00, 5_00, 50_00),
        (30_00, 5_00, 50_00, 30_00, 0, 30_00),
    ],
)
def test_what_is_contested_is_no_money_to_spend(
    posted: int, owed: int, disputed: int, held_back: int, available: int, shown_disputed: int
) -> None:
    found = spendable(PostedBalance(posted, 0), owed, disputed)
    assert found == SpendableBalance(posted, 0, held_back, available, shown_disputed)
    assert found.free_cents == available
