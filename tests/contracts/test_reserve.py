"""What is held against a statement: the supply, and what was burned without its payout being shown."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from brownie import chain
from ledger_fixture import LedgerFixture, refusal
from test_issuance import STATEMENT, mint_refusal


@pytest.fixture
def circulating(onchain: LedgerFixture, bakery: Any) -> bytes:
    """A thousand euros in the bank and in the bakery's hands; it has asked for four hundred back."""
    onchain.attest(1_000_00)
    onchain.ledger.mint(bakery.address, 1_000_00, onchain.ref(), {"from": onchain.officers["ISSUER"]})
    signed = onchain.redemption(bakery, 400_00)
    onchain.redeem(signed)
    ref: bytes = signed.message.ref
    return ref


def test_a_burn_opens_no_room_before_a_statement_shows_its_payout(
    onchain: LedgerFixture, bakery: Any, circulating: bytes
) -> None:
    """The euros have left the bank, or will: the last statement still counts them."""
    onchain.burn(circulating)
    assert onchain.ledger.burnedUnshown() == 400_00
    assert mint_refusal(onchain, bakery, 1) == ("ReserveExceeded", 1_000_01, 1_000_00)
    # The statement of that evening shows the payout and a new credit: exactly that is free.
    told = onchain.attest(600_00 + 150_00, paid_out=400_00)
    assert told.events["PayoutsAttested"]["paidOut"] == onchain.ledger.paidOutTotal() == 400_00
    assert onchain.ledger.burnedUnshown() == 0
    assert mint_refusal(onchain, bakery, 150_01) == ("ReserveExceeded", 750_01, 750_00)
    assert mint_refusal(onchain, bakery, 150_00) is None


ORDERS = tuple(itertools.permutations(("payout", "burn", "statement")))


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
def test_the_order_of_payout_burn_and_statement_opens_no_room(
    onchain: LedgerFixture, bakery: Any, circulating: bytes, order: tuple[str, ...]
) -> None:
    """Between any two of them, and after all three, not a cent more than the bank received is minted."""
    bank, paid_out = 1_000_00, 0
    for step in order:
        if step == "payout":
            bank, paid_out = bank - 400_00, 400_00
        elif step == "burn":
            onchain.burn(circulating)
        else:
            onchain.attest(bank, paid_out)
        assert mint_refusal(onchain, bakery, 1)[0] == "ReserveExceeded", step
    onchain.attest(bank + 1, paid_out)
    assert mint_refusal(onchain, bakery, 1) is None
    assert mint_refusal(onchain, bakery, 2)[0] == "ReserveExceeded"


def test_a_payout_shown_before_its_burn_opens_room_for_nothing(
    onchain: LedgerFixture, bakery: Any, circulating: bytes
) -> None:
    """Locked units are supply: the public sum, supply at most the reserve, holds in between too."""
    onchain.attest(600_00, paid_out=400_00)
    assert onchain.ledger.burnedUnshown() == 0
    assert mint_refusal(onchain, bakery, 1) == ("ReserveExceeded", 1_000_01, 600_00)


def test_what_is_said_to_be_paid_out_has_a_bound(onchain: LedgerFixture) -> None:
    attester, now = onchain.officers["ATTESTER"], chain[-1].timestamp
    attest = onchain.ledger.attestReserve
    assert refusal(attest, 0, now, STATEMENT, 2**96 - 1, sender=attester) is None
    assert refusal(attest, 0, now, STATEMENT, 2**96, sender=attester) == ("LimitTooLarge", 2**96, 2**96 - 1)
