"""What the ledger must be able to do there: be deployed and upgraded, and settle every kind of signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import coincurve

from scripts.conformance.bench import Bench, Refused
from scripts.conformance.deploying import DOMAIN_NAME, DOMAIN_VERSION, Deploying
from scripts.conformance.verdicts import Outcome, Verdict
from scripts.ledger.check import IMPLEMENTATION_SLOT
from wallet_service.chain.node.client import quantity
from wallet_service.chain.ports import KINDS, TIERS, SignedPayment
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import (
    p256_address,
    secp256k1_address,
    sign_p256,
    sign_passkey,
    sign_secp256k1,
)
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage
from wallet_service.protocol.text.identifiers import new_ref

PAYMENTS_A_BATCH = 20
MINTED_CENTS = 10_000
RESERVE_CENTS = 1_000_000
VALIDITY_S = 3_600
UNAUTHORIZED = "AccessManagedUnauthorized"

Signer = Callable[[bytes], bytes]


def deployment(bench: Bench) -> Verdict:
    question = "deployment"
    deploying = Deploying(bench)
    bench.ledger = deploying.ledger()
    return Verdict(
        question,
        Outcome.PASS,
        f"seven contracts and their roles, {deploying.total_gas} gas",
        {"deployment_gas": deploying.total_gas},
    )


def upgrade(bench: Bench) -> Verdict:
    """The proxy takes another implementation, and the ledger answers as before."""
    question = "upgrade"
    ledger = bench.require_ledger()
    another = Deploying(bench).create("RegionalCurrency", ["address"], [ledger.administration])
    before = bench.call("totalSupply")
    receipt = bench.act(bench.keys.deployer, "upgradeToAndCall", another, "0x")
    word = str(bench.node.ask("eth_getStorageAt", ledger.address, hex(IMPLEMENTATION_SLOT), "latest"))
    if word[-40:].lower() != another[2:]:
        return Verdict(question, Outcome.FAIL, "the proxy's slot does not hold the new implementation")
    if bench.call("totalSupply") != before:
        return Verdict(question, Outcome.FAIL, "the supply is another one after the upgrade")
    return Verdict(question, Outcome.PASS, f"in one transaction of {quantity(receipt['gasUsed'])} gas")


def custom_errors(bench: Bench) -> Verdict:
    """A refusal carries the contract's own error: people are told the reason by it."""
    question = "custom errors"
    ledger = bench.require_ledger()
    stranger = bench.keys.attester
    data = "0x" + ledger.codec.call_data("mint", [stranger.address, 1, new_ref()]).hex()
    try:
        bench.node.ask("eth_call", {"from": stranger.address, "to": ledger.address, "data": data}, "latest")
    except Refused as refusal:
        found = ledger.codec.error(refusal.data or "0x").name
        if found == UNAUTHORIZED:
            return Verdict(question, Outcome.PASS, f"{found} came back with its data")
        return Verdict(
            question, Outcome.FAIL, f"a refused call came back as {found!r} ({refusal.message}): no reason"
        )
    return Verdict(question, Outcome.FAIL, "a call the ledger must refuse was answered")


def batches(bench: Bench) -> list[Verdict]:
    """One `settle` of each kind of signature, with its gas."""
    ledger = bench.require_ledger()
    merchant = p256_address(p256.new_private_key())
    payers = {"secp256k1": _secp256k1_payer(), "p256": _p256_payer(), "passkey": _passkey_payer()}
    resident, professional = KINDS.index("resident"), KINDS.index("merchant")
    lines = [[address, resident, TIERS.index("verified"), 0, 0] for address, _ in payers.values()]
    lines.append([merchant, professional, TIERS.index("professional"), 0, 0])
    bench.act(bench.keys.deployer, "enrolMany", lines)
    bench.act(
        bench.keys.attester,
        "attestReserve",
        RESERVE_CENTS,
        quantity(bench.node.block()["timestamp"]),
        new_ref(),
        0,
    )
    for address, _ in payers.values():
        bench.act(bench.keys.issuer, "mint", address, MINTED_CENTS, new_ref())
    domain = Domain(DOMAIN_NAME, DOMAIN_VERSION, bench.profile.chain_id, ledger.address)
    return [_batch(bench, kind, payer, merchant, domain) for kind, payer in payers.items()]


def _batch(bench: Bench, kind: str, payer: tuple[str, Signer], merchant: str, domain: Domain) -> Verdict:
    question = f"a batch of {PAYMENTS_A_BATCH} {kind} payments"
    ledger, (address, sign) = bench.require_ledger(), payer
    valid_before = quantity(bench.node.block()["timestamp"]) + VALIDITY_S
    payments = []
    for nonce in range(PAYMENTS_A_BATCH):
        message = PaymentMessage(address, merchant, 1, new_ref(), valid_before, nonce)
        payments.append(SignedPayment(message, sign(message.digest(domain))))
    data = ledger.codec.settle_data(payments)
    receipt = bench.send(bench.keys.deployer, ledger.address, data, bench.profile.max_batch_gas)
    ledger.receipts.append(receipt)
    settled = sum(_event(ledger.codec, log) == "PaymentSettled" for log in receipt["logs"])
    if settled != PAYMENTS_A_BATCH:
        return Verdict(question, Outcome.FAIL, f"{settled} of {PAYMENTS_A_BATCH} were settled")
    gas = quantity(receipt["gasUsed"]) // PAYMENTS_A_BATCH
    budget = bench.profile.gas_per_payment[kind]
    facts = {f"gas_{kind}": gas}
    if gas > budget:
        return Verdict(question, Outcome.FAIL, f"{gas} gas each, the profile budgets {budget}", facts)
    return Verdict(question, Outcome.PASS, f"{gas} gas each, the profile budgets {budget}", facts)


def _event(codec: Any, log: dict[str, Any]) -> str:
    try:
        return str(codec.event(log["topics"], log["data"])[0])
    except ValueError:
        return ""


def _secp256k1_payer() -> tuple[str, Signer]:
    key = coincurve.PrivateKey()
    return secp256k1_address(key), lambda digest: sign_secp256k1(key, digest)


def _p256_payer() -> tuple[str, Signer]:
    key = p256.new_private_key()
    return p256_address(key), lambda digest: sign_p256(key, digest)


def _passkey_payer() -> tuple[str, Signer]:
    key = p256.new_private_key()
    return p256_address(key), lambda digest: sign_passkey(key, digest)
