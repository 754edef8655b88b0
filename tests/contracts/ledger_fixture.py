"""A deployed ledger with its officers and invented members. Owns the shorthand tests speak in.

Money is cents. Nothing here asserts; it only does what the right key would do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import eth_abi
from brownie import Contract, accounts, chain, web3
from eth_utils import keccak
from further_keys import FurtherKeys, Signed
from signing import (
    P256,
    SECP256K1,
    BenefitPayment,
    CampaignTerms,
    Domain,
    Payment,
    Redemption,
    SigningKey,
    compacted,
)

from scripts.ledger.build import artifact, merged_abi, selector_of
from scripts.ledger.governance import DEMONSTRATION, Governance
from scripts.ledger.roles import ROLES, Holders

DOMAIN_NAME = "Alba, essais du grand livre"
VISITOR, DECLARED, VERIFIED, PROFESSIONAL = 1, 2, 3, 4
RESIDENT, MERCHANT, ASSOCIATION, TREASURY = 1, 2, 3, 4
STOP_PAYMENTS, STOP_ISSUING, STOP_REDEEMING = 1, 2, 4
DAY_S = 86_400
# Where account words stand and the expiry in one (contracts/AccountWord.sol; test_upgrade.py checks it).
WORDS_SLOT = 0xAB7E5CDF62FB464CC7BDFEF9AD30E3C9819936910D8FCDB53A0D3119177B8300
EXPIRES_AT_DAY_AT, EXPIRES_AT_DAY_WIDTH = 202, 16
NO_LIMITS = (0, 0, 0, 0)
# EIP-7825: the most gas one transaction may have from Osaka on.
TRANSACTION_GAS_CAP = 16_777_216
GROUND = keccak(text="an order of an invented court")

_ABIS = [*merged_abi(), *artifact("LedgerAuthority").abi]
ERRORS = {selector_of(entry): entry for entry in _ABIS if entry["type"] == "error"}
BARE_REVERT = ("revert",)


def selector(error_name: str) -> str:
    """The selector of an error by name, as 0x hex."""
    return next(code for code, entry in ERRORS.items() if entry["name"] == error_name)


def refusal(method: Any, *arguments: Any, sender: Any, block: str = "pending") -> tuple[Any, ...] | None:
    """(error name, values...) that a call would be refused with now, or None when it would be accepted.

    Asks the node by eth_call, so nothing is sent; of the next block, whose time is now: the last one may
    be as old as the tests before were slow. A revert without data is BARE_REVERT; an unknown error raises.
    """
    return refused_call(method._address, method.encode_input(*arguments), sender, block)


def refused_call(target: Any, call_data: str, sender: Any, block: str = "pending") -> tuple[Any, ...] | None:
    """The same for a call in bytes (0x hex)."""
    call = {"from": str(sender), "to": str(target), "data": call_data}
    answer = web3.provider.make_request("eth_call", [call, block])
    if "error" not in answer:
        return None
    data = bytes.fromhex((answer["error"].get("data") or "0x").removeprefix("0x"))
    if not data:  # some engines say nothing of a revert without words but that it was one
        assert "revert" in answer["error"]["message"], answer["error"]
        return BARE_REVERT
    entry = ERRORS["0x" + data[:4].hex()]
    values = eth_abi.decode([parameter["type"] for parameter in entry["inputs"]], data[4:])
    return (entry["name"], *values)


@dataclass
class LedgerFixture(FurtherKeys):
    """The ledger, its officers (Brownie accounts by role name), a powerless relay and a stranger."""

    ledger: Any
    officers: dict[str, Any]
    relay: Any
    stranger: Any
    deployment: dict[str, Any]
    crowd_name: str = ""  # tells people of one label apart where a ledger outlives a test
    _refs: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def domain(self) -> Domain:
        """What members sign under."""
        return Domain(self.deployment["domain"]["name"], self.deployment["chain_id"], self.ledger.address)

    def ref(self, owner: Any = None) -> bytes:
        """A reference nobody used; the owner's own, as those of redemptions and campaigns must be."""
        ref = keccak(text=f"{self.crowd_name}reference {next(self._refs)}")
        return ref if owner is None else bytes.fromhex(owner.address[2:]) + ref[20:]

    def person(
        self,
        label: str,
        kind: int = RESIDENT,
        tier: int = VERIFIED,
        key_kind: int = P256,
        money: int = 0,
        sector: int = 0,
        expires_at_day: int = 0,
    ) -> SigningKey:
        """An enrolled member with that many cents; the key is the person."""
        key = SigningKey(self.crowd_name + label, key_kind)
        registrar = {"from": self.officers["REGISTRAR"]}
        self.ledger.enrol(key.address, kind, tier, sector, expires_at_day, registrar)
        if money:
            self.fund(key, money)
        return key

    def shop(self, label: str, key_kind: int = P256, money: int = 0) -> SigningKey:
        """An enrolled professional merchant."""
        return self.person(label, MERCHANT, PROFESSIONAL, key_kind, money)

    def crowd(self, labels: list[str], kind: int, tier: int, key_kind: int, money: int) -> list[SigningKey]:
        """Up to 200 members in a few transactions, each with that many cents from one rich association."""
        keys = [SigningKey(self.crowd_name + label, key_kind) for label in labels]
        lines = [(key.address, kind, tier, 0, 0) for key in keys]
        self.ledger.enrolMany(lines, {"from": self.officers["REGISTRAR"]})
        donor = self.person(f"donor of {labels[0]}", ASSOCIATION, PROFESSIONAL, SECP256K1, money * len(keys))
        self.settle([self.payment(donor, key, money, nonce=nonce) for nonce, key in enumerate(keys)])
        return keys

    def attest(self, amount: int, paid_out: int | None = None) -> Any:
        """The attester says the account holds `amount` now, and had paid out what is burned if not told."""
        statement = keccak(text=f"statement {amount}")
        paid_out = self.ledger.burnedTotal() if paid_out is None else paid_out
        # Brownie's idea of now may fall back a second between two calls; attestations never go back.
        as_of = max(chain.time(), self.ledger.reserve()[1])
        return self.ledger.attestReserve(
            amount, as_of, statement, paid_out, {"from": self.officers["ATTESTER"]}
        )

    def fund(self, person: SigningKey, cents: int) -> Any:
        """A euro credit arrived, was attested and minted."""
        needed = self.ledger.totalSupply() + self.ledger.burnedUnshown() + cents
        if self.ledger.reserve()[0] < needed:
            self.attest(needed)
        return self.ledger.mint(person.address, cents, self.ref(), {"from": self.officers["ISSUER"]})

    def lift_limits(self, *tiers: int) -> None:
        """No limits for these tiers, for tests about something else."""
        for tier in tiers:
            self.ledger.setTierLimits(tier, NO_LIMITS, {"from": self.officers["GOVERNOR"]})

    def payment(
        self, payer: SigningKey, payee: Any, value: int, signer: Any = None, **changed: Any
    ) -> Signed:
        """A payment signed by the payer (or `signer`), valid for an hour, next nonce unless given."""
        message = Payment(
            payer=payer.address,
            payee=getattr(payee, "address", payee),
            value=value,
            ref=changed.get("ref") or self.ref(),
            valid_before=changed.get("valid_before", chain.time() + 3600),
            nonce=changed["nonce"] if "nonce" in changed else self.ledger.nextNonce(payer.address),
        )
        return Signed(message, (signer or payer).sign(self.domain.digest(message.struct_hash())))

    def redemption(self, account: SigningKey, value: int, signer: Any = None, **changed: Any) -> Signed:
        """A redemption signed by the account (or `signer`)."""
        message = Redemption(
            account=account.address,
            value=value,
            payee_hash=keccak(text=f"bank account of {account.label}"),
            ref=changed.get("ref") or self.ref(account),
            valid_before=changed.get("valid_before", chain.time() + 3600),
            nonce=changed["nonce"] if "nonce" in changed else self.ledger.nextNonce(account.address),
        )
        return Signed(message, (signer or account).sign(self.domain.digest(message.struct_hash())))

    def campaign(
        self, funder: SigningKey, amount: int, signer: SigningKey | None = None, **changed: Any
    ) -> Signed:
        """Signed terms of a campaign open for thirty days that pays all of anybody's payment to any shop."""
        now = chain.time()
        terms = CampaignTerms(
            funder=funder.address,
            amount=amount,
            ref=self.ref(funder),
            starts_at=now - 60,
            ends_at=now + 30 * DAY_S,
            per_person_cap=0,
            share_basis_points=10_000,
            payer_tiers=0,
            payee_sectors=0,
            payers_listed=False,
            payees_listed=False,
            valid_before=now + 3600,
            nonce=self.ledger.nextNonce(funder.address),
        ).changed(**changed)
        return Signed(terms, (signer or funder).sign(self.domain.digest(terms.struct_hash())))

    def open_campaign(self, funder: SigningKey, amount: int, **changed: Any) -> bytes:
        """An open campaign; its reference."""
        signed = self.campaign(funder, amount, **changed)
        self.ledger.openCampaign(*signed.arguments(), {"from": self.relay})
        ref: bytes = signed.message.ref
        return ref

    def benefit(
        self,
        payer: SigningKey,
        payee: Any,
        value: int,
        campaign: bytes,
        signer: SigningKey | None = None,
        **changed: Any,
    ) -> Signed:
        """A payment signed by the payer that spends the campaign first and any amount of their own."""
        message = BenefitPayment(
            payer=payer.address,
            payee=getattr(payee, "address", payee),
            value=value,
            ref=self.ref(),
            valid_before=chain.time() + 3600,
            nonce=changed["nonce"] if "nonce" in changed else self.ledger.nextNonce(payer.address),
            campaign=campaign,
            max_own=value,
        ).changed(**changed)
        return Signed(message, (signer or payer).sign(self.domain.digest(message.struct_hash())))

    def pay_benefit(self, signed: Signed) -> Any:
        """Sends one such payment through the relay."""
        return self.ledger.payWithBenefit(*signed.arguments(), {"from": self.relay})

    def refused_benefit(self, signed: Signed) -> tuple[Any, ...] | None:
        """Why `payWithBenefit` would refuse, or None."""
        return refusal(self.ledger.payWithBenefit, *signed.arguments(), sender=self.relay)

    def pay(self, signed: Signed) -> Any:
        """Sends one payment through the relay."""
        return self.ledger.pay(*signed.arguments(), {"from": self.relay})

    def settle(self, batch: list[Signed]) -> Any:
        """Sends a batch through the relay, in its short form."""
        return self.ledger.settlePacked(packed(batch), {"from": self.relay})

    def settle_arrays(self, batch: list[Signed]) -> Any:
        """Sends a batch through the relay, in the ABI's form."""
        return self.ledger.settle(*arrays(batch), {"from": self.relay})

    def refused_payment(self, signed: Signed) -> tuple[Any, ...] | None:
        """Why `pay` would refuse, or None."""
        return refusal(self.ledger.pay, *signed.arguments(), sender=self.relay)

    def redeem(self, signed: Signed) -> Any:
        """Sends a redemption through the relay."""
        return self.ledger.requestRedemption(*signed.arguments(), {"from": self.relay})

    def attest_outcome(self, ref: bytes, paid: bool) -> Any:
        """The attester says whether the bank has paid a locked redemption."""
        return self.ledger.attestOutcome(ref, paid, {"from": self.officers["ATTESTER"]})

    def burn(self, ref: bytes) -> Any:
        """Both officers burn what the bank has paid."""
        self.attest_outcome(ref, True)
        return self.ledger.completeRedemption(ref, {"from": self.officers["ISSUER"]})

    def give_back(self, ref: bytes, reason: bytes = GROUND) -> Any:
        """Both officers give back what it has not."""
        self.attest_outcome(ref, False)
        return self.ledger.returnRedemption(ref, reason, {"from": self.officers["ISSUER"]})

    def refused_redemption(self, signed: Signed) -> tuple[Any, ...] | None:
        """Why `requestRedemption` would refuse, or None."""
        return refusal(self.ledger.requestRedemption, *signed.arguments(), sender=self.relay)

    def change_word(self, person: Any, start: int, width: int, value: int) -> None:
        """Writes one field of an account's word past the ledger: what only time or earlier code leaves."""
        account = getattr(person, "address", str(person))
        slot = keccak(bytes(12) + bytes.fromhex(account[2:]) + WORDS_SLOT.to_bytes(32, "big"))
        raw = int.from_bytes(web3.eth.get_storage_at(self.ledger.address, int.from_bytes(slot, "big")), "big")
        raw = raw & ~((2**width - 1) << start) | value << start
        values = [self.ledger.address, "0x" + slot.hex(), "0x" + raw.to_bytes(32, "big").hex()]
        answer = web3.provider.make_request("anvil_setStorageAt", values)
        assert answer.get("result") is True, answer

    def expire(self, person: Any, day: int = 1) -> None:
        """The identity has ended on that day: a registrar's word cannot say so of a day that is over."""
        self.change_word(person, EXPIRES_AT_DAY_AT, EXPIRES_AT_DAY_WIDTH, day)

    def balance(self, person: Any) -> int:
        """Cents held."""
        return int(self.ledger.balanceOf(getattr(person, "address", person)))

    @cached_property
    def manager(self) -> Any:
        """The AccessManager."""
        abi = artifact("LedgerAuthority").abi
        return Contract.from_abi("Authority", self.deployment["access_manager"], abi, persist=False)

    def grant(self, role_name: str, account: Any) -> Any:
        """The governor gives a role's powers to a further key."""
        for power in next(role for role in ROLES if role.name == role_name).powers:
            self.manager.grantRole(power.number, account, 0, {"from": self.officers["GOVERNOR"]})
        return account

    def safeguard(self, **changed: int) -> Any:
        """The governor changes some safeguards."""
        names = ("second_officer_from", "recovery_delay", "forced_transfer_delay", "resume_approvals")
        settings = dict(zip(names, self.ledger.safeguards(), strict=True)) | changed
        return self.ledger.setSafeguards(tuple(settings.values()), {"from": self.officers["GOVERNOR"]})

    def stop(self, what: int) -> None:
        """The pauser stops."""
        self.ledger.stop(what, {"from": self.officers["PAUSER"]})

    def freeze(self, person: SigningKey, incoming: bool, outgoing: bool, until: int = 0) -> Any:
        """The compliance officer freezes."""
        officer = {"from": self.officers["COMPLIANCE"]}
        return self.ledger.freeze(person.address, incoming, outgoing, GROUND, until, officer)


def deploy_fixture(
    governance: Governance = DEMONSTRATION, further: dict[str, list[str]] | None = None
) -> LedgerFixture:
    """A fresh ledger, deployed by the production script's own code, with six officers and no members."""
    from scripts.deploy import Order, deploy_ledger

    officers = {role.name: account for role, account in zip(ROLES, accounts[1:7], strict=True)}
    order = Order(
        holders=Holders({name: account.address for name, account in officers.items()}, further or {}),
        governance=governance,
        deployer_key="",
        domain_name=DOMAIN_NAME,
        token_name="Alba",
        token_symbol="ALB",
        chain_id=web3.eth.chain_id,
        file=Path(),
    )
    deployment = deploy_ledger(order, accounts[0])
    ledger = Contract.from_abi("Ledger", deployment["ledger"], merged_abi())
    return LedgerFixture(ledger, officers, relay=accounts[7], stranger=accounts[8], deployment=deployment)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is undone at the end, on the chain and in Brownie's memory."""
    before = chain._take_snapshot()
    yield
    chain._revert(before)


def mine_at(timestamp: int) -> None:
    """A block with exactly that time (unix seconds)."""
    for method, arguments in (("evm_setNextBlockTimestamp", [timestamp]), ("evm_mine", [])):
        answer = web3.provider.make_request(method, arguments)
        assert "error" not in answer, answer


def arrays(batch: list[Signed]) -> tuple[list[Any], list[bytes]]:
    """A batch as `settle` takes it: the messages, the envelopes."""
    return [signed.message.fields() for signed in batch], [signed.envelope for signed in batch]


def packed(batch: list[Signed]) -> bytes:
    """A batch as `settlePacked` takes it: a second, independent writing of contracts/PackedBatch.sol."""
    payees = list(dict.fromkeys(signed.message.payee for signed in batch))
    parts = [bytes([1, len(batch), len(payees)]), *(bytes.fromhex(payee[2:]) for payee in payees)]
    for signed in batch:
        message, envelope = signed.message, compacted(signed.envelope)
        parts += [
            bytes([payees.index(message.payee)]),
            bytes.fromhex(message.payer[2:]),
            message.value.to_bytes(6, "big"),
            message.valid_before.to_bytes(5, "big"),
            message.ref,
            message.nonce.to_bytes(5, "big"),
            len(envelope).to_bytes(2, "big"),
            envelope,
        ]
    return b"".join(parts)


def skipped(transaction: Any) -> list[tuple[int, str]]:
    """(index, error name) of every item a batch reported."""
    return _skipped(transaction, "PaymentSkipped")


def skipped_benefits(transaction: Any) -> list[tuple[int, str]]:
    """The same of a batch of payments with benefits."""
    return _skipped(transaction, "BenefitSkipped")


def _skipped(transaction: Any, event: str) -> list[tuple[int, str]]:
    met = [*transaction.events[event]] if event in transaction.events else []
    return [(item["index"], ERRORS[str(item["reason"])]["name"]) for item in met]
