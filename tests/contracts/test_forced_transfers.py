"""Forced transfers: announced under a court's ground, delayed, stoppable, and nothing but a movement."""

from __future__ import annotations

from typing import Any

import pytest
from brownie import chain
from town import DAY_S, GROUND, RESIDENT, VERIFIED, VISITOR, Town, mine_at, refusal

DELAY_S = 60
LIFE_S = 30 * DAY_S
PROPOSED, EXECUTED, CANCELED = 1, 2, 3
MAX_BALANCE = 2**44 - 1


def propose(town: Town, payer: Any, payee: Any, value: int) -> Any:
    """The compliance officer announces."""
    officer = {"from": town.officers["COMPLIANCE"]}
    return town.ledger.proposeForcedTransfer(payer.address, payee.address, value, GROUND, officer)


def number_of(transaction: Any) -> int:
    """Its number, from the event."""
    return int(transaction.events["ForcedTransferProposed"]["number"])


def due(town: Town, payer: Any, payee: Any, value: int) -> int:
    """An announced transfer whose delay has passed; its number."""
    proposed = propose(town, payer, payee, value)
    mine_at(proposed.timestamp + DELAY_S)
    return number_of(proposed)


def refused_execution(town: Town, number: int) -> tuple[Any, ...] | None:
    """Why the compliance officer could not execute now."""
    return refusal(town.ledger.executeForcedTransfer, number, sender=town.officers["COMPLIANCE"])


def test_it_moves_exactly_what_was_announced_and_makes_nothing(town: Town, alice: Any, bakery: Any) -> None:
    supply = town.ledger.totalSupply()
    number = due(town, alice, bakery, 300_00)
    events = town.ledger.executeForcedTransfer(number, {"from": town.officers["COMPLIANCE"]}).events
    moved = {"from": alice.address, "to": bakery.address}
    assert events["Transfer"] == {**moved, "value": 300_00}
    assert events["ForcedTransfer"] == {**moved, "amount": 300_00}
    executed = {**moved, "number": number, "value": 300_00, "groundHash": "0x" + GROUND.hex()}
    assert events["ForcedTransferExecuted"] == executed
    assert (town.balance(alice), town.balance(bakery)) == (700_00, 300_00)
    assert town.ledger.totalSupply() == supply
    assert town.ledger.accountOf(alice.address)["spentToday"] == 0
    assert town.ledger.forcedTransferOf(number)[4] == EXECUTED


def test_the_announcement_is_public(town: Town, alice: Any, bakery: Any) -> None:
    proposed = propose(town, alice, bakery, 300_00)
    event = proposed.events["ForcedTransferProposed"]
    assert (event["from"], event["to"], event["value"]) == (alice.address, bakery.address, 300_00)
    assert event["executableAt"] == proposed.timestamp + DELAY_S
    record = town.ledger.forcedTransferOf(event["number"])
    assert record[:5] == (alice.address, bakery.address, 300_00, event["executableAt"], PROPOSED)
    assert str(record[5]) == "0x" + GROUND.hex()


def test_it_waits_for_its_delay_and_lapses(town: Town, alice: Any, bakery: Any) -> None:
    proposed = propose(town, alice, bakery, 1)
    number, moment = number_of(proposed), proposed.timestamp + DELAY_S
    mine_at(moment - 2)
    assert refused_execution(town, number) == ("ForcedTransferNotDue", number, moment)
    mine_at(moment)
    assert refused_execution(town, number) is None
    mine_at(moment + LIFE_S)
    assert refused_execution(town, number) == ("ForcedTransferLapsed", number, moment + LIFE_S)


@pytest.mark.parametrize(
    ("role", "function"), [("COMPLIANCE", "cancelForcedTransfer"), ("PAUSER", "haltForcedTransfer")]
)
def test_two_officers_can_call_it_off(town: Town, alice: Any, bakery: Any, role: str, function: str) -> None:
    number = due(town, alice, bakery, 1)
    officer = town.officers[role]
    events = getattr(town.ledger, function)(number, GROUND, {"from": officer}).events
    assert events["ForcedTransferCanceled"]["officer"] == officer
    assert refused_execution(town, number) == ("ForcedTransferNotPending", number, CANCELED)
    assert town.balance(alice) == 1_000_00


def test_it_happens_once(town: Town, alice: Any, bakery: Any) -> None:
    number = due(town, alice, bakery, 1)
    town.ledger.executeForcedTransfer(number, {"from": town.officers["COMPLIANCE"]})
    assert refused_execution(town, number) == ("ForcedTransferNotPending", number, EXECUTED)
    assert refused_execution(town, number + 1) == ("ForcedTransferNotPending", number + 1, 0)


def test_the_payers_freezes_limits_and_the_stops_do_not_bind_an_order(town: Town, bakery: Any) -> None:
    person = town.person("seized", money=2_500_00)
    number = due(town, person, bakery, 2_500_00)
    town.freeze(person, True, True)
    town.stop(7)
    town.ledger.setMember(person.address, RESIDENT, VERIFIED, 0, 1, {"from": town.officers["REGISTRAR"]})
    assert refused_execution(town, number) is None


def test_the_receiver_must_be_able_to_receive(town: Town, alice: Any) -> None:
    visitor = town.person("a visitor", tier=VISITOR)
    number = due(town, alice, visitor, 500_00)
    assert refused_execution(town, number) is None, "a holding limit does not bind an order"
    town.freeze(visitor, True, False)
    assert refused_execution(town, number) == ("FrozenIncoming", visitor.address.lower())
    town.ledger.unfreeze(visitor.address, GROUND, {"from": town.officers["COMPLIANCE"]})
    today = chain.time() // DAY_S
    registrar = {"from": town.officers["REGISTRAR"]}
    town.ledger.setMember(visitor.address, RESIDENT, VISITOR, 0, today, registrar)
    assert refused_execution(town, number) == ("IdentityExpired", visitor.address.lower())


def test_nothing_is_taken_that_is_not_there(town: Town, alice: Any, bakery: Any) -> None:
    number = due(town, alice, bakery, 1_000_01)
    refused = refused_execution(town, number)
    assert refused == ("InsufficientBalance", alice.address.lower(), 1_000_00, 1_000_01)


def test_locked_and_escrowed_money_is_out_of_reach(town: Town, alice: Any) -> None:
    officer = town.officers["COMPLIANCE"]
    for holder in (town.ledger.address, town.ledger.campaignEscrow()):
        for pair in ((holder, alice.address), (alice.address, holder)):
            refused = refusal(town.ledger.proposeForcedTransfer, *pair, 1, GROUND, sender=officer)
            assert refused == ("NotMember", holder.lower())


def test_what_cannot_be_announced(town: Town, alice: Any, bakery: Any) -> None:
    officer, announce = town.officers["COMPLIANCE"], town.ledger.proposeForcedTransfer
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
    refused = refusal(announce, address, town.stranger, 1, GROUND, sender=officer)
    assert refused == ("NotMember", town.stranger.address.lower())
