"""What is held for contested payments pays nobody; what the bank took back still goes where it must."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.payments.test_decisions import PAYEE, PAYER, context, order, party
from wallet_service.accounts.models import PostedBalance
from wallet_service.payments import errors
from wallet_service.payments.decisions import check_payment

DISPUTED, OWED, FREE = 20_00, 5_00, 10_00


def holding(**more: Any) -> dict[str, Any]:
    """A payer of whom that much is disputed, with that much more."""
    return {
        "payer": party(PAYER, disputed_cents=DISPUTED, **more),
        "payer_balance": PostedBalance(DISPUTED + FREE, 0),
    }


def test_what_is_disputed_stays_and_the_rest_pays() -> None:
    check_payment(order(amount_cents=FREE), context(**holding()))
    with pytest.raises(errors.AmountDisputed) as refused:
        check_payment(order(amount_cents=FREE + 1), context(**holding()))
    assert refused.value.values == {"held_back_cents": DISPUTED, "available_cents": FREE}
    with pytest.raises(errors.BalanceTooLow):
        check_payment(order(amount_cents=DISPUTED + FREE + 1), context(**holding()))


def test_what_is_disputed_is_not_given_back_to_the_association_either() -> None:
    with pytest.raises(errors.AmountDisputed):
        check_payment(order(amount_cents=FREE + 1), context(**holding(), returns_account=PAYEE))


def test_what_the_bank_took_back_is_held_back_beside_it() -> None:
    both = holding(owed_cents=OWED)
    check_payment(order(amount_cents=FREE - OWED), context(**both))
    with pytest.raises(errors.AmountHeldBack):
        check_payment(order(amount_cents=FREE - OWED + 1), context(**both))
    check_payment(order(amount_cents=FREE), context(**both, returns_account=PAYEE))


def test_more_disputed_than_there_is_leaves_nothing() -> None:
    poor = {**holding(), "payer_balance": PostedBalance(DISPUTED - 1, 0)}
    with pytest.raises(errors.AmountDisputed) as refused:
        check_payment(order(amount_cents=1), context(**poor))
    assert refused.value.values["available_cents"] == 0
