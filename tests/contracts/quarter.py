"""A quarter whose members pay each other in every way a batch may hold, drawn at random.

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
from outcomes import send
from signing import P256, PASSKEY, SECP256K1, Payment, SigningKey
from town import (
    ASSOCIATION,
    DAY_S,
    DECLARED,
    GROUND,
    MERCHANT,
    PROFESSIONAL,
    RESIDENT,
    VERIFIED,
    VISITOR,
    Signed,
    Town,
    mine_at,
)

START_MONEY = 100_00
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
class Quarter:
    """The members, every key that has something to do with each, and who is never a member."""

    town: Town
    people: list[SigningKey]
    keys: dict[int, list[SigningKey]]
    nobody: SigningKey
    shop: SigningKey
    first_noon: int
    _refs: Any = field(default_factory=lambda: iter(range(1, 2**40)))

    def elsewhere(self) -> list[str]:
        """Addresses that are none of the people's."""
        ledger = self.town.ledger
        known = [self.nobody.address, self.shop.address, ledger.address, ledger.campaignEscrow()]
        return [*known, ZERO_ADDRESS]

    def everywhere(self) -> list[str]:
        """Every address money can be at."""
        return [person.address for person in self.people] + self.elsewhere()

    def total(self) -> int:
        """The sum of all balances."""
        return sum(self.town.balance(address) for address in self.everywhere())

    # ---- what has happened before the batch

    def disturb(self, luck: random.Random) -> None:
        """Another day; other limits, floors and freezes."""
        town, ledger = self.town, self.town.ledger
        mine_at(self.first_noon + luck.choice(DAYS_LATER) * DAY_S)
        now = chain[-1].timestamp
        for tier in TIERS:
            if luck.choice((True, False)):
                limits = [luck.choice(choices) for choices in LIMITS]
                send(town, town.officers["GOVERNOR"], ledger.setTierLimits, tier, limits)
            floors = luck.choice(FLOORS)
            if any(floors):
                send(town, town.officers["GOVERNOR"], ledger.setPasskeyFloors, tier, floors)
        for person in luck.sample(self.people, luck.choice((0, 0, 1, 2))):
            until = luck.choice((0, now + 900, now + DAY_S))
            incoming, outgoing = luck.choice(((True, False), (False, True), (True, True)))
            freeze = (person.address, incoming, outgoing, GROUND, until)
            send(town, town.officers["COMPLIANCE"], ledger.freeze, *freeze)
        # What was frozen for a quarter of an hour is free again.
        mine_at(now + 1800)

    # ---- the batch

    def batch(self, luck: random.Random, items: int) -> list[Signed]:
        """That many payments, most of them good, chained and repeated."""
        drawn: list[Signed] = []
        nonces = dict.fromkeys(range(len(self.people)), 8)
        payee = luck.choice(BUSY)
        for _ in range(items):
            if drawn and luck.randint(1, 9) == 1:
                drawn.append(self._again(luck, luck.choice(drawn)))
                continue
            chained = luck.choice((True, True, False))
            payer = payee if chained else luck.choice(BUSY)
            payee = luck.choice(BUSY)
            if payee == payer and luck.randint(1, 4) != 1:
                payee = (payee + 1) % LAPSED
            drawn.append(self._payment(luck, payer, payee, nonces))
        return drawn

    def _payment(self, luck: random.Random, payer: int, payee: int, nonces: dict[int, int]) -> Signed:
        now = chain[-1].timestamp
        message = Payment(
            payer=self.people[payer].address,
            payee=self.people[payee].address,
            value=luck.choice(AMOUNTS),
            ref=keccak(text=f"quarter {next(self._refs)}"),
            valid_before=now + 6 * 3600,
            nonce=nonces[payer],
        )
        nonces[payer] += 1
        signer = luck.choice(self.keys[payer]) if luck.choice((True, False)) else self.people[payer]
        if payer == MOVED:
            signer = luck.choice(self.keys[payer])
        oddity = luck.randint(1, 40)
        if oddity == 1:
            message = replace(message, value=luck.choice(ODD_AMOUNTS))
        elif oddity == 2:
            message = replace(message, payee=luck.choice(self.elsewhere()))
        elif oddity == 3:
            message = replace(message, payer=self.nobody.address)
            signer = self.nobody
        elif oddity == 4:
            message = replace(message, valid_before=luck.choice((0, 1, now - 1, now)))
        elif oddity <= 7:
            message, nonces[payer] = self._other_nonce(luck, message, nonces[payer])
        elif oddity == 8:
            message = replace(message, nonce=luck.choice(WIDE_NONCES))
        elif oddity == 9:
            message = replace(message, value=luck.choice(WIDE_AMOUNTS))
        elif oddity == 10:
            message = replace(message, valid_before=luck.choice((2**40 - 1, 2**40, 2**256 - 1)))
        signed = self._signed(message, signer)
        if luck.randint(1, 40) == 1:
            return Signed(message, _spoilt(luck, signed.envelope))
        return signed

    def _other_nonce(self, luck: random.Random, message: Payment, following: int) -> tuple[Payment, int]:
        """An old nonce, or one that slides the window: by a little, by all of it, as far as it goes."""
        jump = luck.choice((0, 5, 31, 32, 33, 1_000))
        if jump == 0:
            return replace(message, nonce=luck.choice((0, 1, 3, 7, max(following - 2, 0)))), following
        return replace(message, nonce=following + jump), following + luck.choice((0, jump + 1))

    def _again(self, luck: random.Random, earlier: Signed) -> Signed:
        """An earlier item: the same, or its numbers with another signature or another nonce."""
        if luck.choice((True, False)):
            return earlier
        payer = next((p for p in range(len(self.people)) if self._is(p, earlier.message.payer)), None)
        if payer is None:
            return earlier
        message = earlier.message
        if luck.choice((True, False)):
            message = replace(message, nonce=message.nonce ^ 1)
        return self._signed(message, luck.choice([self.people[payer], *self.keys[payer]]))

    def _is(self, place: int, address: str) -> bool:
        return self.people[place].address == address

    def _signed(self, message: Payment, signer: SigningKey) -> Signed:
        return Signed(message, signer.sign(self.town.domain.digest(message.struct_hash())))


def found_quarter(town: Town) -> Quarter:
    """Everybody enrolled, funded and with a past: spending, used nonces, further keys of every sort."""
    registrar = {"from": town.officers["REGISTRAR"]}
    mine_at((chain[-1].timestamp // DAY_S + 1) * DAY_S + NOON_S)
    now = chain[-1].timestamp
    town.lift_limits(*TIERS)
    people = [town.person(*_enrolled(member), money=START_MONEY) for member in MEMBERS]
    shop = town.shop("where everybody has been", money=START_MONEY)
    for person in people:
        spent = [town.payment(person, shop, 10_00, nonce=nonce) for nonce in (0, 3)]
        back = town.payment(shop, person, 20_00)
        town.settle([*spent, back])
    keys: dict[int, list[SigningKey]] = {place: [person] for place, person in enumerate(people)}

    def further(place: int, label: str, kind: int, *limits: int, registered: int | None = None) -> None:
        key = SigningKey(f"{MEMBERS[place][0]}'s {label}", kind)
        keys[place].append(key)
        if limits:
            # Used more often than others: what they have spent before is what their limits are about.
            keys[place] += [key, key]
            town.ledger.addLimitedSigner(people[place].address, key.address, kind, *limits, registrar)
        elif registered != 0:
            town.ledger.addSigner(people[place].address, key.address, registered or kind, registrar)

    further(ADA, "child", P256, 40_00, 60_00, now + 400 * DAY_S)
    further(ADA, "passkey", PASSKEY)
    further(ADA, "guest of two weeks", SECP256K1, 0, 0, now + 14 * DAY_S)
    further(BEN, "child", SECP256K1, 0, 40_00, 0)
    further(BEN, "neighbour", P256, registered=0)
    further(BEN, "passkey used as a device key", P256, registered=PASSKEY)
    further(BAKERY, "till", PASSKEY, 50_00, 0, 0)
    further(BAKERY, "second till", P256, 30_00, 40_00, 0)
    _recover(town, people[MOVED], keys)
    expires = now // DAY_S + 1
    town.ledger.setMember(people[LAPSED].address, RESIDENT, VERIFIED, 0, expires, registrar)
    return Quarter(town, people, keys, SigningKey("nobody of this quarter", P256), shop, now + 3600)


def _enrolled(member: tuple[str, int, int, int]) -> tuple[str, int, int, int]:
    label, kind, tier, key_kind = member
    return f"quarter/{label}", kind, tier, key_kind


def _recover(town: Town, lost: SigningKey, keys: dict[int, list[SigningKey]]) -> None:
    """A key of before, then a recovery: only the new one lives."""
    registrar = {"from": town.officers["REGISTRAR"]}
    old = SigningKey("moved's key of before", SECP256K1)
    new = SigningKey("moved's new key", P256)
    town.ledger.addSigner(lost.address, old.address, SECP256K1, registrar)
    town.ledger.proposeRecovery(lost.address, new.address, P256, GROUND, registrar)
    number, _, _, due = town.ledger.recoveryOf(lost.address)
    mine_at(max(due, chain[-1].timestamp + 1))
    town.ledger.executeRecovery(lost.address, number, {"from": town.stranger})
    keys[MOVED] = [*[new] * 6, lost, old]


def _spoilt(luck: random.Random, envelope: bytes) -> bytes:
    """No signature any more."""
    place = luck.randrange(len(envelope))
    return luck.choice(
        (
            b"",
            envelope[:-1],
            envelope + b"\x00",
            bytes([luck.choice((0, 1, 2, 3, 4, 5, 255))]) + envelope[1:],
            envelope[:place] + bytes([envelope[place] ^ 1]) + envelope[place + 1 :],
        )
    )
