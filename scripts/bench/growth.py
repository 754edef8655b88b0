"""Whether anything costs more when there are more members or the account has a past.

Run by gas.py and by tests/contracts/test_growth.py.

Owns one comparison: the same movements and acts at 10 members without a past and at 10 000 members after a
thousand payments of the same account and dozens of everything else. What a transaction pays for being one and
for its bytes is taken off, because a signature's zero bytes are cheaper and fall by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from brownie import accounts, chain
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from ledger_fixture import (  # type: ignore[import-not-found]
    ASSOCIATION,
    GROUND,
    PROFESSIONAL,
    RESIDENT,
    VERIFIED,
    LedgerFixture,
    skipped,
)
from signing import SECP256K1, SigningKey  # type: ignore[import-not-found]

FEW_MEMBERS = 10
MANY_MEMBERS = 10_000
PAST_PAYMENTS = 1_000
PAST_OF_EACH_OTHER_KIND = 12
LINES_PER_ENROLMENT = 200
PAYMENTS_PER_BATCH = 200
ITEMS_MEASURED = 10
RECOVERY_DELAY_S = 61
TRANSACTION_GAS = 21_000
ZERO_BYTE_GAS, BYTE_GAS = 4, 16
AUTHORIZATION = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
AUTHORIZATION_TYPES = ["bytes32", "address", "address", "uint256", "uint256", "uint256", "bytes32"]


@dataclass(frozen=True)
class Costs:
    """Gas of execution by what was done."""

    members: int
    past_payments: int
    execution: dict[str, int]


def measure(onchain: LedgerFixture) -> tuple[Costs, Costs]:
    """Before and after the ledger has grown; `onchain` is new."""
    members = _Members(onchain)
    _enrol_strangers(onchain, 0, FEW_MEMBERS - members.number)
    # Once for nothing: a first time writes slots that every later time finds written.
    members.costs()
    before = Costs(FEW_MEMBERS, 2, members.costs())
    _enrol_strangers(onchain, FEW_MEMBERS, MANY_MEMBERS)
    members.live(PAST_PAYMENTS, PAST_OF_EACH_OTHER_KIND)
    return before, Costs(MANY_MEMBERS, PAST_PAYMENTS, members.costs())


class _Members:
    """Few members, and everything that can happen to them."""

    number = 6

    def __init__(self, onchain: LedgerFixture) -> None:
        self.onchain = onchain
        onchain.lift_limits(VERIFIED, PROFESSIONAL)
        self.holder, self.receiver = accounts[14], accounts[15]
        for account in (self.holder, self.receiver):
            onchain.ledger.enrol(account, RESIDENT, VERIFIED, 0, 0, {"from": onchain.officers["REGISTRAR"]})
            onchain.fund(account, 100_00)
        self.payer = onchain.person("payer with a past", ASSOCIATION, PROFESSIONAL, SECP256K1, 5_000_00)
        self.payee = onchain.shop("payee with a past", money=1)
        self.shop = onchain.shop("shop that redeems", money=5_000_00)
        self.loser = onchain.person("who loses telephones", money=1)
        self.campaign = onchain.open_campaign(self.shop, 1_000_00)
        onchain.attest(onchain.ledger.totalSupply() + 10_000_00)
        self._telephones = count(1)
        self._kinds: dict[str, Callable[[], int]] = {
            "transfer": lambda: _execution(onchain.ledger.transfer(self.receiver, 12, {"from": self.holder})),
            "signed payment": lambda: _execution(onchain.pay(onchain.payment(self.payer, self.payee, 12))),
            "payment in a batch of 10": lambda: self.batch(ITEMS_MEASURED) // ITEMS_MEASURED,
            "authorization (EIP-3009)": self.authorization,
            "campaign payment": self.campaign_payment,
            "redemption, requested": lambda: self.redemption()[0],
            "redemption, completed": lambda: self.redemption()[1],
            "mint": lambda: _execution(onchain.fund(self.payee, 1)),
            "campaign, opened": lambda: _execution(
                onchain.ledger.openCampaign(
                    *onchain.campaign(self.shop, 1).arguments(), {"from": onchain.relay}
                )
            ),
            "recovery, proposed": lambda: self.recovery()[0],
            "recovery, executed": lambda: self.recovery()[1],
            "freeze": self.freeze,
        }

    def costs(self) -> dict[str, int]:
        """Each kind once."""
        return {name: measured() for name, measured in self._kinds.items()}

    def live(self, payments: int, others: int) -> None:
        """A long past of the same accounts."""
        for _ in range(payments // PAYMENTS_PER_BATCH):
            self.batch(PAYMENTS_PER_BATCH)
        for name, happens in self._kinds.items():
            if name not in ("signed payment", "payment in a batch of 10", "recovery, proposed"):
                for _ in range(others):
                    happens()

    def batch(self, items: int) -> int:
        """Gas of that many payments together."""
        nonce = self.onchain.ledger.nextNonce(self.payer.address)
        payments = [self.onchain.payment(self.payer, self.payee, 1, nonce=nonce + n) for n in range(items)]
        transaction = self.onchain.settle(payments)
        if skipped(transaction):
            raise RuntimeError("a payment of the past was skipped: the comparison would say nothing")
        return _execution(transaction)

    def authorization(self) -> int:
        """Gas of one EIP-3009 transfer under a random nonce."""
        onchain = self.onchain
        values = [self.payer.address, self.payee.address, 12, 0, chain.time() + 3600, onchain.ref()]
        struct_hash = keccak(encode(AUTHORIZATION_TYPES, [keccak(text=AUTHORIZATION), *values]))
        vrs = self.payer.vrs(onchain.domain.digest(struct_hash))
        return _execution(onchain.ledger.transferWithAuthorization(*values, *vrs, {"from": onchain.relay}))

    def campaign_payment(self) -> int:
        """Gas of one payment that a campaign pays."""
        return _execution(
            self.onchain.pay_benefit(self.onchain.benefit(self.payer, self.payee, 12, self.campaign))
        )

    def redemption(self) -> tuple[int, int]:
        """Gas of asking and of completing; the one before stays open."""
        signed = self.onchain.redemption(self.shop, 12)
        request_gas = _execution(self.onchain.redeem(signed))
        if not self.onchain.ledger.accountOf(self.shop.address)["lockedForRedemption"] > 12:
            return request_gas, 0
        return request_gas, _execution(self.onchain.burn(signed.message.ref))

    def recovery(self) -> tuple[int, int]:
        """Gas of proposing and of executing another new key for the same account."""
        ledger, registrar = self.onchain.ledger, {"from": self.onchain.officers["REGISTRAR"]}
        new = SigningKey(f"telephone {next(self._telephones)}", SECP256K1)
        proposed = ledger.proposeRecovery(self.loser.address, new.address, SECP256K1, GROUND, registrar)
        chain.sleep(RECOVERY_DELAY_S)
        number = ledger.recoveryOf(self.loser.address)[0]
        executed = ledger.executeRecovery(self.loser.address, number, {"from": self.onchain.relay})
        return _execution(proposed), _execution(executed)

    def freeze(self) -> int:
        """Gas of freezing; it is lifted again."""
        frozen = self.onchain.freeze(self.loser, True, True)
        officer = {"from": self.onchain.officers["COMPLIANCE"]}
        self.onchain.ledger.unfreeze(self.loser.address, GROUND, officer)
        return _execution(frozen)


def _execution(transaction: Any) -> int:
    return int(transaction.gas_used) - calldata_gas(transaction.input)


def calldata_gas(data: str) -> int:
    """What a transaction pays before its first instruction, for being one and for its bytes (EIP-2028)."""
    carried = bytes.fromhex(data.removeprefix("0x"))
    zeros = carried.count(0)
    return TRANSACTION_GAS + ZERO_BYTE_GAS * zeros + BYTE_GAS * (len(carried) - zeros)


def _enrol_strangers(onchain: LedgerFixture, first: int, end: int) -> None:
    """Members who only exist."""
    lines = [
        (to_checksum_address(keccak(text=f"stranger {number}")[-20:]), RESIDENT, VERIFIED, 0, 0)
        for number in range(first, end)
    ]
    for start in range(0, len(lines), LINES_PER_ENROLMENT):
        batch = lines[start : start + LINES_PER_ENROLMENT]
        onchain.ledger.enrolMany(batch, {"from": onchain.officers["REGISTRAR"]})
