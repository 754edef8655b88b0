"""Batches of payments between members who pay each other in every way a batch may hold, drawn at random.

Owns the members, their keys and how a batch is drawn; judges nothing. Everybody starts with the same 100
euros and amounts are shares and multiples of it, so that whether a payment is possible mostly depends on the
ones before it in the same batch: payers who were just paid, circles, limits reached halfway.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from brownie import chain
from eth_utils import keccak
from ledger_fixture import (
    ASSOCIATION,
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    VERIFIED,
    VISITOR,
    LedgerFixture,
    Signed,
    mine_at,
)
from outcomes import send
from signing import P256, PASSKEY, SECP256K1, Payment, SigningKey, compacted

START_MONEY = 100_00
# Cents that do not leave: some of it, all of it, more than there is.
HELD = (START_MONEY // 2, START_MONEY - 1_00, 10 * START_MONEY)
TIERS = range(VISITOR, PROFESSIONAL + 1)
MEMBERS = (
    ("ada", RESIDENT, VERIFIED, P256),
    ("ben", RESIDENT, VERIFIED, SECP256K1),
    ("cleo", RESIDENT, DECLARED, PASSKEY),
    ("tim", RESIDENT, VISITOR, P256),
    ("bakery", MERCHANT, PROFESSIONAL, P256),
    ("market", MERCHANT, PROFESSIONAL, SECP256K1),
    ("choir", ASSOCIATION, PROFESSIONAL, PASSKEY),
    ("moved", RESIDENT, VERIFIED, P256),
    ("lapsed", RESIDENT, VERIFIED, SECP256K1),
)
ADA, BEN, BAKERY, MOVED, LAPSED = 0, 1, 4, 7, 8
# Who pays and is paid how often; the last one is good for little but being refused.
BUSY = (*range(LAPSED), *range(LAPSED), LAPSED)
# Limits of a tier: holding, payment, day, thirty days.
LIMITS = (
    (0, 0, 150_00, 250_00),
    (0, 60_00),
    (0, 100_00),
    (0, 0, 90_00, 200_00),
)
FLOORS = ((0, 0), (0, 0), (0, 0), (60_00, 0), (0, 120_00), (50_00, 100_00))
AMOUNTS = (1, 5_00, 10_00, 20_00, 20_00, 30_00, 30_00, 40_00, 50_00, 50_00, 80_00, 100_00, 100_00, 150_00)
ODD_AMOUNTS = (0, 100_01, 2**31 - 1, 2**31, 2**44, 2**48 - 1)
WIDE_AMOUNTS = (2**48, 2**255, 2**256 - 1)
WIDE_NONCES = (2**40, 2**40 + 1, 2**255, 2**256 - 1)
DAYS_LATER = (0, 0, 1, 29, 30, 31)
NOON_S = DAY_S // 2
ZERO_ADDRESS = "0x" + 40 * "0"


@dataclass
class BatchScenario:
    """The members, every key that has something to do with each, and who is never a member."""

    onchain: LedgerFixture
    people: list[SigningKey]
    keys: dict[int, list[SigningKey]]
    nobody: SigningKey
    shop: SigningKey
    first_noon: int
    _refs: Any = field(default_factory=lambda: iter(range(1, 2**40)))

    def elsewhere(self) -> list[str]:
        """Addresses that are none of the people's."""
        ledger = self.onchain.ledger
        known = [self.nobody.address, self.shop.address, ledger.address, ledger.campaignEscrow()]
        return [*known, ZERO_ADDRESS]

    def everywhere(self) -> list[str]:
        """Every address money can be at."""
        return [person.address for person in self.people] + self.elsewhere()

    def total(self) -> int:
        """The sum of all balances."""
        return sum(self.onchain.balance(address) for address in self.everywhere())

    # ---- what has happened before the batch

    def disturb(self, rng: random.Random) -> None:
        """Another day; other limits, floors, freezes and held amounts."""
        onchain, ledger = self.onchain, self.onchain.ledger
        mine_at(self.first_noon + rng.choice(DAYS_LATER) * DAY_S)
        now = chain[-1].timestamp
        for tier in TIERS:
            if rng.choice((True, False)):
                limits = [rng.choice(choices) for choices in LIMITS]
                send(onchain, onchain.officers["GOVERNOR"], ledger.setTierLimits, tier, limits)
            floors = rng.choice(FLOORS)
            if any(floors):
                send(onchain, onchain.officers["GOVERNOR"], ledger.setPasskeyFloors, tier, floors)
        for person in rng.sample(self.people, rng.choice((0, 0, 1, 2))):
            until = rng.choice((0, now + 900, now + DAY_S))
            incoming, outgoing = rng.choice(((True, False), (False, True), (True, True)))
            freeze = (person.address, incoming, outgoing, GROUND, until)
            send(onchain, onchain.officers["COMPLIANCE"], ledger.freeze, *freeze)
        for person in rng.sample(self.people, rng.choice((0, 1, 2))):
            held = (person.address, rng.choice(HELD))
            send(onchain, onchain.officers["COMPLIANCE"], ledger.setFrozenTokens, *held)
        # What was frozen for a quarter of an hour is free again.
        mine_at(now + 1800)

    # ---- the batch

    def batch(self, rng: random.Random, items: int) -> list[Signed]:
        """That many payments, most of them good, chained and repeated."""
        drawn: list[Signed] = []
        nonces = dict.fromkeys(range(len(self.people)), 8)
        payee = rng.choice(BUSY)
        for _ in range(items):
            if drawn and rng.randint(1, 9) == 1:
                drawn.append(self._again(rng, rng.choice(drawn)))
                continue
            chained = rng.choice((True, True, False))
            payer = payee if chained else rng.choice(BUSY)
            payee = rng.choice(BUSY)
            if payee == payer and rng.randint(1, 4) != 1:
                payee = (payee + 1) % LAPSED
            drawn.append(self._payment(rng, payer, payee, nonces))
        return drawn

    def _payment(self, rng: random.Random, payer: int, payee: int, nonces: dict[int, int]) -> Signed:
        now = chain[-1].timestamp
        message = Payment(
            payer=self.people[payer].address,
            payee=self.people[payee].address,
            value=rng.choice(AMOUNTS),
            ref=keccak(text=f"quarter {next(self._refs)}"),
            valid_before=now + 6 * 3600,
            nonce=nonces[payer],
        )
        nonces[payer] += 1
        signer = rng.choice(self.keys[payer]) if rng.choice((True, False)) else self.people[payer]
        if payer == MOVED:
            signer = rng.choice(self.keys[payer])
        oddity = rng.randint(1, 40)
        if oddity == 1:
            message = replace(message, value=rng.choice(ODD_AMOUNTS))
        elif oddity == 2:
            message = replace(message, payee=rng.choice(self.elsewhere()))
        elif oddity == 3:
            message = replace(message, payer=self.nobody.address)
            signer = self.nobody
        elif oddity == 4:
            message = replace(message, valid_before=rng.choice((0, 1, now - 1, now)))
        elif oddity <= 7:
            message, nonces[payer] = self._other_nonce(rng, message, nonces[payer])
        elif oddity == 8:
            message = replace(message, nonce=rng.choice(WIDE_NONCES))
        elif oddity == 9:
            message = replace(message, value=rng.choice(WIDE_AMOUNTS))
        elif oddity == 10:
            message = replace(message, valid_before=rng.choice((2**40 - 1, 2**40, 2**256 - 1)))
        signed = self._signed(message, signer)
        if rng.randint(1, 40) == 1:
            return Signed(message, _spoilt(rng, signed.envelope))
        return signed

    def _other_nonce(self, rng: random.Random, message: Payment, following: int) -> tuple[Payment, int]:
        """An old nonce, or one that slides the window: by a little, by all of it, as far as it goes."""
        jump = rng.choice((0, 5, 31, 32, 33, 1_000))
        if jump == 0:
            return replace(message, nonce=rng.choice((0, 1, 3, 7, max(following - 2, 0)))), following
        return replace(message, nonce=following + jump), following + rng.choice((0, jump + 1))

    def _again(self, rng: random.Random, earlier: Signed) -> Signed:
        """An earlier item: the same, or its numbers with another signature or another nonce."""
        if rng.choice((True, False)):
            return earlier
        payer = next((p for p in range(len(self.people)) if self._is(p, earlier.message.payer)), None)
        if payer is None:
            return earlier
        message = earlier.message
        if rng.choice((True, False)):
            message = replace(message, nonce=message.nonce ^ 1)
        return self._signed(message, rng.choice([self.people[payer], *self.keys[payer]]))

    def _is(self, index: int, address: str) -> bool:
        return self.people[index].address == address

    def _signed(self, message: Payment, signer: SigningKey) -> Signed:
        return Signed(message, signer.sign(self.onchain.domain.digest(message.struct_hash())))


def build_scenario(onchain: LedgerFixture) -> BatchScenario:
    """Everybody enrolled, funded and with a past: spending, used nonces, further keys of every sort."""
    registrar = {"from": onchain.officers["REGISTRAR"]}
    mine_at((chain[-1].timestamp // DAY_S + 1) * DAY_S + NOON_S)
    now = chain[-1].timestamp
    onchain.lift_limits(*TIERS)
    people = [onchain.person(*_enrolled(member), money=START_MONEY) for member in MEMBERS]
    shop = onchain.shop("where everybody has been", money=START_MONEY)
    for person in people:
        spent = [onchain.payment(person, shop, 10_00, nonce=nonce) for nonce in (0, 3)]
        back = onchain.payment(shop, person, 20_00)
        onchain.settle([*spent, back])
    keys: dict[int, list[SigningKey]] = {index: [person] for index, person in enumerate(people)}

    def further(index: int, label: str, kind: int, *limits: int, registered: int | None = None) -> None:
        key = SigningKey(f"{MEMBERS[index][0]}'s {label}", kind)
        keys[index].append(key)
        if limits:
            # Used more often than others: what they have spent before is what their limits are about.
            keys[index] += [key, key]
            onchain.add_limited_signer(people[index], key, kind, *limits)
        elif registered != 0:
            onchain.add_signer(people[index], key, registered or kind)

    further(ADA, "child", P256, 40_00, 60_00, now + 400 * DAY_S)
    further(ADA, "passkey", PASSKEY)
    further(ADA, "guest of two weeks", SECP256K1, 0, 0, now + 14 * DAY_S)
    further(BEN, "child", SECP256K1, 0, 40_00, 0)
    further(BEN, "neighbour", P256, registered=0)
    further(BEN, "passkey used as a device key", P256, registered=PASSKEY)
    further(BAKERY, "till", PASSKEY, 50_00, 0, 0)
    further(BAKERY, "second till", P256, 30_00, 40_00, 0)
    _recover(onchain, people[MOVED], keys)
    expires = now // DAY_S + 1
    onchain.ledger.setMember(people[LAPSED].address, RESIDENT, VERIFIED, 0, expires, registrar)
    return BatchScenario(onchain, people, keys, SigningKey("nobody of this quarter", P256), shop, now + 3600)


def _enrolled(member: tuple[str, int, int, int]) -> tuple[str, int, int, int]:
    label, kind, tier, key_kind = member
    return f"quarter/{label}", kind, tier, key_kind


def _recover(onchain: LedgerFixture, lost: SigningKey, keys: dict[int, list[SigningKey]]) -> None:
    """A key of before, then a recovery: only the new one lives."""
    registrar = {"from": onchain.officers["REGISTRAR"]}
    old = SigningKey("moved's key of before", SECP256K1)
    new = SigningKey("moved's new key", P256)
    onchain.add_signer(lost, old, SECP256K1)
    onchain.ledger.proposeRecovery(lost.address, new.address, P256, GROUND, registrar)
    number, _, _, due = onchain.ledger.recoveryOf(lost.address)
    mine_at(max(due, chain[-1].timestamp + 1))
    onchain.ledger.executeRecovery(lost.address, number, {"from": onchain.stranger})
    keys[MOVED] = [*[new] * 6, lost, old]


def _spoilt(rng: random.Random, envelope: bytes) -> bytes:
    """No signature any more, in its short form neither: that one is put together without what was spoilt."""
    index = rng.randrange(len(envelope))
    spoilt = rng.choice(
        (
            b"",
            envelope[:-1],
            envelope + b"\x00",
            bytes([rng.choice((0, 1, 2, 3, 4, 5, 255))]) + envelope[1:],
            envelope[:index] + bytes([envelope[index] ^ 1]) + envelope[index + 1 :],
        )
    )
    return spoilt if compacted(spoilt) != compacted(envelope) else b""
