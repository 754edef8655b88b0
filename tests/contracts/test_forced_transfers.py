"""Forced transfers: announced under a court's ground, delayed, stoppable, and nothing but a movement."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from ledger_fixture import DAY_S, GROUND, VISITOR, LedgerFixture, mine_at, refusal

DELAY_S = 60
LIFE_S = 30 * DAY_S
PROPOSED, EXECUTED, CANCELED = 1, 2, 3
MAX_BALANCE = 2**44 - 1


def propose(onchain: LedgerFixture, payer: Any, payee: Any, value: int) -> Any:
    """The compliance officer announces."""
    officer = {"from": onchain.officers["COMPLIANCE"]}
    return onchain.ledger.proposeForcedTransfer(payer.address, payee.address, value, GROUND, officer)


def number_of(transaction: Any) -> int:
    """Its number, from the event."""
    return int(transaction.events["ForcedTransferProposed"]["number"])


def due(onchain: LedgerFixture, payer: Any, payee: Any, value: int) -> int:
    """An announced transfer whose delay has passed; its number."""
    proposed = propose(onchain, payer, payee, value)
    mine_at(proposed.timestamp + DELAY_S)
    return number_of(proposed)


def refused_execution(onchain: LedgerFixture, number: int) -> tuple[Any, ...] | None:
    """Why the compliance officer could not execute now."""
    return refusal(onchain.ledger.executeForcedTransfer, number, sender=onchain.officers["COMPLIANCE"])


def test_it_moves_exactly_what_was_announced_and_makes_nothing(
    onchain: LedgerFixture, alice: Any, bakery: Any
) -> None:
    supply = onchain.ledger.totalSupply()
    number = due(onchain, alice, bakery, 300_00)
    events = onchain.ledger.executeForcedTransfer(number, {"from": onchain.officers["COMPLIANCE"]}).events
    moved = {"from": alice.address, "to": bakery.address}
    assert events["Transfer"] == {**moved, "value": 300_00}
    assert events["ForcedTransfer"] == {**moved, "amount": 300_00}
    executed = {**moved, "number": number, "value": 300_00, "groundHash": "0x" + GROUND.hex()}
    assert events["ForcedTransferExecuted"] == executed
    assert (onchain.balance(alice), onchain.balance(bakery)) == (700_00, 300_00)
    assert onchain.ledger.totalSupply() == supply
    assert onchain.ledger.accountOf(alice.address)["spentToday"] == 0
    assert onchain.ledger.forcedTransferOf(number)[4] == EXECUTED


def test_the_announcement_is_public(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    proposed = propose(onchain, alice, bakery, 300_00)
    event = proposed.events["ForcedTransferProposed"]
    assert (event["from"], event["to"], event["value"]) == (alice.address, bakery.address, 300_00)
    assert event["executableAt"] == proposed.timestamp + DELAY_S
    record = onchain.ledger.forcedTransferOf(event["number"])
    assert record[:5] == (alice.address, bakery.address, 300_00, event["executableAt"], PROPOSED)
    assert str(record[5]) == "0x" + GROUND.hex()


def test_it_waits_for_its_delay_and_lapses(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    proposed = propose(onchain, alice, bakery, 1)
    number, moment = number_of(proposed), proposed.timestamp + DELAY_S
    mine_at(moment - 2)
    assert refused_execution(onchain, number) == ("ForcedTransferNotDue", number, moment)
    mine_at(moment)
    assert refused_execution(onchain, number) is None
    mine_at(moment + LIFE_S)
    assert refused_execution(onchain, number) == ("ForcedTransferLapsed", number, moment + LIFE_S)


@pytest.mark.parametrize(
    ("role", "function"), [("COMPLIANCE", "cancelForcedTransfer"), ("PAUSER", "haltForcedTransfer")]
)
def test_two_officers_can_call_it_off(
    onchain: LedgerFixture, alice: Any, bakery: Any, role: str, function: str
) -> None:
    number = due(onchain, alice, bakery, 1)
    officer = onchain.officers[role]
    events = getattr(onchain.ledger, function)(number, GROUND, {"from": officer}).events
    assert events["ForcedTransferCanceled"]["officer"] == officer
    assert refused_execution(onchain, number) == ("ForcedTransferNotPending", number, CANCELED)
    assert onchain.balance(alice) == 1_000_00


def test_it_happens_once(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    number = due(onchain, alice, bakery, 1)
    onchain.ledger.executeForcedTransfer(number, {"from": onchain.officers["COMPLIANCE"]})
    assert refused_execution(onchain, number) == ("ForcedTransferNotPending", number, EXECUTED)
    assert refused_execution(onchain, number + 1) == ("ForcedTransferNotPending", number + 1, 0)


def test_the_payers_freezes_limits_and_the_stops_do_not_bind_an_order(
    onchain: LedgerFixture, bakery: Any
) -> None:
    person = onchain.person("seized", money=2_500_00)
    number = due(onchain, person, bakery, 2_500_00)
    onchain.freeze(person, True, True)
    onchain.stop(7)
    onchain.expire(person)
    assert refused_execution(onchain, number) is None


def test_the_receiver_must_be_able_to_receive(onchain: LedgerFixture, alice: Any) -> None:
    visitor = onchain.person("a visitor", tier=VISITOR)
    number = due(onchain, alice, visitor, 500_00)
    assert refused_execution(onchain, number) is None, "a holding limit does not bind an order"
    onchain.freeze(visitor, True, False)
    assert refused_execution(onchain, number) == ("FrozenIncoming", visitor.address.lower())
    onchain.ledger.unfreeze(visitor.address, GROUND, {"from": onchain.officers["COMPLIANCE"]})
    onchain.expire(visitor, chain.time() // DAY_S)
    assert refused_execution(onchain, number) == ("IdentityExpired", visitor.address.lower())


def test_nothing_is_taken_that_is_not_there(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    number = due(onchain, alice, bakery, 1_000_01)
    refused = refused_execution(onchain, number)
    assert refused == ("ERC20InsufficientBalance", alice.address.lower(), 1_000_00, 1_000_01)


def test_locked_and_escrowed_money_is_out_of_reach(onchain: LedgerFixture, alice: Any) -> None:
    officer = onchain.officers["COMPLIANCE"]
    for holder in (onchain.ledger.address, onchain.ledger.campaignEscrow()):
        for pair in ((holder, alice.address), (alice.address, holder)):
            refused = refusal(onchain.ledger.proposeForcedTransfer, *pair, 1, GROUND, sender=officer)
            assert refused == ("NotMember", holder.lower())


def test_what_cannot_be_announced(onchain: LedgerFixture, alice: Any, bakery: Any) -> None:
    officer, announce = onchain.officers["COMPLIANCE"], onchain.ledger.proposeForcedTransfer
    address = alice.address
    assert refusal(announce, address, bakery.address, 0, GROUND, sender=officer) == ("ZeroValue",)
    assert refusal(announce, address, address, 1, GROUND, sender=officer) == (
        "SamePayerPayee",
        address.lower(),
    )
    assert refusal(announce, address, bakery.address, MAX_BALANCE + 1, GROUND, sender=officer) == (
        "LimitTooLarge",
        MAX_BALANCE + 1,
        MAX_BALANCE,
    )
    refused = refusal(announce, address, onchain.stranger, 1, GROUND, sender=officer)
    assert refused == ("NotMember", onchain.stranger.address.lower())
