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
from seeds import FRESH_SEED
from signing import KINDS, SECP256K1, SigningKey
from town import DAY_S, GROUND, PROFESSIONAL, RESIDENT, STOP_PAYMENTS, TREASURY, VISITOR, Town, refusal

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


def random_person(town: Town, luck: random.Random, place: int) -> SigningKey:
    """Somebody of any sort, with money when the tier can hold it."""
    tier, kind = luck.choice(TIERS), luck.randint(RESIDENT, TREASURY)
    label = f"somebody {place} {luck.random()}"
    return town.person(label, kind, tier, luck.choice(KINDS), luck.randint(1, 150_00))


def disturb(town: Town, luck: random.Random, people: list[SigningKey]) -> None:
    """New limits, and a few of the things that stop a movement."""
    ledger, today = town.ledger, chain.time() // DAY_S
    governor = {"from": town.officers["GOVERNOR"]}
    registrar = {"from": town.officers["REGISTRAR"]}
    for tier in TIERS:
        limits = [luck.choice([0, luck.randint(1, 300_00)]) for _ in range(4)]
        ledger.setTierLimits(tier, limits, governor)
    if ledger.stops() == 0 and luck.random() < 0.25:
        town.stop(STOP_PAYMENTS)
    elif ledger.stops():
        ledger.resume(STOP_PAYMENTS, governor)
    for person, expires in zip(luck.sample(people, 3), (today, today + 1, 0), strict=True):
        account = ledger.accountOf(person.address)
        ledger.setMember(person.address, account["kind"], account["tier"], 0, expires, registrar)
    for person in people:
        dice = luck.random()
        if dice < 0.2:
            until = luck.choice([0, chain.time() + 3, chain.time() + DAY_S])
            town.freeze(person, *luck.choice([(True, False), (False, True), (True, True)]), until=until)
        elif dice < 0.5:
            ledger.unfreeze(person.address, GROUND, {"from": town.officers["COMPLIANCE"]})
        elif dice < 0.55 and ledger.isSigner(person.address, person.address):
            ledger.removeSigner(person.address, person.address, registrar)


def amounts(town: Town, luck: random.Random, payer: SigningKey, payee: Any) -> list[int]:
    """Amounts at the edges of what the payer holds and may, and any."""
    balance = town.balance(payer)
    tier = town.ledger.accountOf(payer.address)["tier"] or 1
    edges = [balance, *town.ledger.tierLimits(tier)[1:]]
    room = town.ledger.tierLimits(town.ledger.accountOf(payee)["tier"] or 1)[0] - town.balance(payee)
    return [0, 1, *(max(0, luck.choice(edges) + luck.choice([-1, 0, 1])) for _ in range(2)), max(0, room)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_views_say_what_a_transfer_does(town: Town, seed: int) -> None:
    luck = random.Random(seed)
    people = [random_person(town, luck, place) for place in range(PEOPLE)]
    addresses = [person.address for person in people]
    others = [SigningKey("no member", SECP256K1).address, town.ledger.address, "0x" + "00" * 20]
    for _ in range(ROUNDS):
        disturb(town, luck, people)
        for _ in range(PAIRS_A_ROUND):
            payer, payee = luck.choice(people), luck.choice([*addresses * 3, *others])
            value = luck.choice(amounts(town, luck, payer, payee))
            check_pair(town, payer, payee, value)


def check_pair(town: Town, payer: SigningKey, payee: str, value: int) -> None:
    """The four questions against the transfer, and the signed payment when it is the same movement.

    All of one block, or a freeze could end between two of them.
    """
    ledger = town.ledger
    chain.mine()
    refused = refusal(ledger.transfer, payee, value, sender=payer.address, block="latest")
    MET[refused[0] if refused else None] += 1
    assert ledger.canTransfer(payer.address, payee, value) is (refused is None), refused
    if refused is None:
        assert ledger.canSend(payer.address) is True
        assert ledger.canReceive(payee) is True
        assert value <= town.balance(payer) - ledger.getFrozenTokens(payer.address)
    elif refused[0] == "FrozenOutgoing":
        assert ledger.canSend(payer.address) is False
        assert ledger.getFrozenTokens(payer.address) == town.balance(payer)
    elif refused[0] == "FrozenIncoming":
        assert ledger.canReceive(payee) is False
    for account in (payer.address, payee):
        both = ledger.canSend(account) and ledger.canReceive(account)
        assert ledger.canTransact(account) is both
    if value and ledger.isSigner(payer.address, payer.address):
        payment = town.payment(payer, payee, value).arguments()
        signed = refusal(ledger.pay, *payment, sender=town.relay, block="latest")
        assert (signed[0] if signed else None) == (refused[0] if refused else None)


def test_every_answer_was_met() -> None:
    """Otherwise the properties would prove less than they seem to."""
    expected = {
        None,
        "PaymentsStopped",
        "IdentityExpired",
        "FrozenOutgoing",
        "FrozenIncoming",
        "InsufficientBalance",
        "PaymentLimit",
        "HoldingLimit",
        "NotMember",
        "KeyRevoked",
        "SamePayerPayee",
        "ReceiverInvalid",
    }
    assert set(MET) >= expected, dict(MET)
