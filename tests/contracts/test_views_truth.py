"""ERC-7943's questions are answered as the movement itself would answer: properties over random members.

Members of every tier and kind, random limits, freezes (open or ended), expiries, stops and amounts at the
edges of all of them.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from brownie import chain
from ledger_fixture import (
    DAY_S,
    GROUND,
    PROFESSIONAL,
    RESIDENT,
    STOP_PAYMENTS,
    TREASURY,
    VISITOR,
    LedgerFixture,
    refusal,
)
from seeds import FRESH_SEED
from signing import KINDS, SECP256K1, SigningKey

TIERS = range(VISITOR, PROFESSIONAL + 1)
ROUNDS = 4
PEOPLE = 9
PAIRS_A_ROUND = 45
SEEDS = (20261125, FRESH_SEED)
# How often each refusal, and None for a movement, was met by all seeds together.
MET: Counter[str | None] = Counter()


@pytest.fixture(autouse=True)
def isolated(fn_isolation: None) -> None:
    """Each seed starts from the module's ledger."""


def random_person(onchain: LedgerFixture, rng: random.Random, place: int) -> SigningKey:
    """Somebody of any sort, with money when the tier can hold it."""
    tier, kind = rng.choice(TIERS), rng.randint(RESIDENT, TREASURY)
    label = f"somebody {place} {rng.random()}"
    return onchain.person(label, kind, tier, rng.choice(KINDS), rng.randint(1, 150_00))


def disturb(onchain: LedgerFixture, rng: random.Random, people: list[SigningKey]) -> None:
    """New limits, and a few of the things that stop a movement."""
    ledger, today = onchain.ledger, chain.time() // DAY_S
    governor = {"from": onchain.officers["GOVERNOR"]}
    registrar = {"from": onchain.officers["REGISTRAR"]}
    for tier in TIERS:
        limits = [rng.choice([0, rng.randint(1, 300_00)]) for _ in range(4)]
        ledger.setTierLimits(tier, limits, governor)
    if ledger.stops() == 0 and rng.random() < 0.25:
        onchain.stop(STOP_PAYMENTS)
    elif ledger.stops():
        ledger.resume(STOP_PAYMENTS, governor)
    for person, expires in zip(rng.sample(people, 3), (today, today + 1, 0), strict=True):
        account = ledger.accountOf(person.address)
        if expires == today:
            onchain.expire(person, today)
        else:
            ledger.setMember(person.address, account["kind"], account["tier"], 0, expires, registrar)
    for person in people:
        dice = rng.random()
        if dice < 0.2:
            until = rng.choice([0, chain.time() + 3, chain.time() + DAY_S])
            onchain.freeze(person, *rng.choice([(True, False), (False, True), (True, True)]), until=until)
        elif dice < 0.5:
            ledger.unfreeze(person.address, GROUND, {"from": onchain.officers["COMPLIANCE"]})
        elif dice < 0.55 and ledger.isSigner(person.address, person.address):
            ledger.removeSigner(person.address, person.address, registrar)


def amounts(onchain: LedgerFixture, rng: random.Random, payer: SigningKey, payee: Any) -> list[int]:
    """Amounts at the edges of what the payer holds and may, and any."""
    balance = onchain.balance(payer)
    tier = onchain.ledger.accountOf(payer.address)["tier"] or 1
    edges = [balance, *onchain.ledger.tierLimits(tier)[1:]]
    room = onchain.ledger.tierLimits(onchain.ledger.accountOf(payee)["tier"] or 1)[0] - onchain.balance(payee)
    return [0, 1, *(max(0, rng.choice(edges) + rng.choice([-1, 0, 1])) for _ in range(2)), max(0, room)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_views_say_what_a_transfer_does(onchain: LedgerFixture, seed: int) -> None:
    rng = random.Random(seed)
    people = [random_person(onchain, rng, place) for place in range(PEOPLE)]
    addresses = [person.address for person in people]
    others = [SigningKey("no member", SECP256K1).address, onchain.ledger.address, "0x" + "00" * 20]
    for _ in range(ROUNDS):
        disturb(onchain, rng, people)
        for _ in range(PAIRS_A_ROUND):
            payer, payee = rng.choice(people), rng.choice([*addresses * 3, *others])
            value = rng.choice(amounts(onchain, rng, payer, payee))
            check_pair(onchain, payer, payee, value)


def check_pair(onchain: LedgerFixture, payer: SigningKey, payee: str, value: int) -> None:
    """The four questions against the transfer, and the signed payment when it is the same movement.

    All of one block, or a freeze could end between two of them.
    """
    ledger = onchain.ledger
    chain.mine()
    refused = refusal(ledger.transfer, payee, value, sender=payer.address, block="latest")
    MET[refused[0] if refused else None] += 1
    assert ledger.canTransfer(payer.address, payee, value) is (refused is None), refused
    if refused is None:
        assert ledger.canSend(payer.address) is True
        assert ledger.canReceive(payee) is True
        assert value <= onchain.balance(payer) - ledger.getFrozenTokens(payer.address)
    elif refused[0] == "FrozenOutgoing":
        assert ledger.canSend(payer.address) is False
        assert ledger.getFrozenTokens(payer.address) == onchain.balance(payer)
    elif refused[0] == "FrozenIncoming":
        assert ledger.canReceive(payee) is False
    for account in (payer.address, payee):
        both = ledger.canSend(account) and ledger.canReceive(account)
        assert ledger.canTransact(account) is both
    if value and ledger.isSigner(payer.address, payer.address):
        payment = onchain.payment(payer, payee, value).arguments()
        signed = refusal(ledger.pay, *payment, sender=onchain.relay, block="latest")
        assert (signed[0] if signed else None) == (refused[0] if refused else None)


def test_every_answer_was_met() -> None:
    """Otherwise the properties would prove less than they seem to."""
    expected = {
        None,
        "PaymentsStopped",
        "IdentityExpired",
        "FrozenOutgoing",
        "FrozenIncoming",
        "ERC20InsufficientBalance",
        "PaymentLimit",
        "HoldingLimit",
        "NotMember",
        "KeyRevoked",
        "SamePayerPayee",
        "ERC20InvalidReceiver",
    }
    assert set(MET) >= expected, dict(MET)
