"""Everything a member can sign, as alike as the types allow, and the calls that could carry a signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brownie import chain
from eth_abi import encode
from eth_utils import keccak
from ledger_fixture import LedgerFixture
from signing import BenefitPayment, Payment, Redemption, SignerAddition, SigningKey

TRANSFER = (
    "TransferWithAuthorization(address from,address to,uint256 value,"
    "uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
RECEIVE = TRANSFER.replace("Transfer", "Receive")
CANCEL = "CancelAuthorization(address authorizer,bytes32 nonce)"
PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
VETO = "RecoveryVeto(address account,uint256 number)"
AUTHORIZATION_TYPES = ["address", "address", "uint256", "uint256", "uint256", "bytes32"]
VALUE = 12_50
NONCE = 7


def hash_of(type_text: str, types: list[str], values: list[Any]) -> bytes:
    """EIP-712 hashStruct."""
    return keccak(encode(["bytes32", *types], [keccak(text=type_text), *values]))


@dataclass(frozen=True)
class Meaning:
    """What is signed, and the calls that could carry the signature: each takes an envelope."""

    struct_hash: bytes
    calls: tuple[Callable[[bytes], tuple[Any, ...]], ...]
    sender: Any


def vrs_of(envelope: bytes) -> tuple[int, bytes, bytes]:
    """A secp256k1 envelope as EIP-3009 and EIP-2612 take it."""
    return envelope[65], envelope[1:33], envelope[33:65]


def meanings(onchain: LedgerFixture, shop: SigningKey, till: Any, campaign: bytes) -> dict[str, Meaning]:
    """Everything a member can sign, as alike as the types allow: one account, amount, nonce, end, ref."""
    ledger, relay, end, ref = onchain.ledger, onchain.stranger, chain.time() + 3600, onchain.ref(shop)
    nonce = NONCE.to_bytes(32, "big")
    payment = Payment(shop.address, till.address, VALUE, ref, end, NONCE)
    redemption = Redemption(shop.address, VALUE, ref, ref, end, NONCE)
    terms = onchain.campaign(shop, VALUE, ref=ref, valid_before=end, nonce=NONCE).message
    benefit = BenefitPayment(shop.address, till.address, VALUE, ref, end, NONCE, campaign, VALUE)
    bare = [shop.address, till.address, VALUE, 0, end, nonce]
    number = ledger.recoveryOf(shop.address)[0]
    permit = [shop.address, till.address, VALUE, 0, end]
    permit_types = ["address", "address", "uint256", "uint256", "uint256"]

    def authorization(type_text: str, method: Any, sender: Any) -> Meaning:
        struct_hash = hash_of(type_text, AUTHORIZATION_TYPES, bare)
        by_vrs = lambda envelope: (method, *bare, *vrs_of(envelope))  # noqa: E731
        by_bytes = lambda envelope: (method, *bare, envelope)  # noqa: E731
        by_rsv = lambda envelope: (method, *bare, envelope[1:])  # noqa: E731
        return Meaning(struct_hash, (by_vrs, by_bytes, by_rsv), sender)

    def message(method: Any, signed: Any) -> Meaning:
        return Meaning(signed.struct_hash(), (lambda envelope: (method, signed.fields(), envelope),), relay)

    cancel = hash_of(CANCEL, ["address", "bytes32"], [shop.address, nonce])
    veto = hash_of(VETO, ["address", "uint256"], [shop.address, number])
    full = SignerAddition(shop.address, till.address, 1, 0, 0, 0, end, NONCE)
    limited = full.changed(max_payment=VALUE)
    registrar = onchain.officers["REGISTRAR"]
    object_to = lambda envelope: (ledger.vetoRecovery, shop.address, number, envelope)  # noqa: E731
    return {
        "payment": message(ledger.pay, payment),
        "transfer": authorization(TRANSFER, ledger.transferWithAuthorization, relay),
        "receive": authorization(RECEIVE, ledger.receiveWithAuthorization, till),
        "cancel": Meaning(
            cancel,
            (
                lambda envelope: (ledger.cancelAuthorization, shop.address, nonce, *vrs_of(envelope)),
                lambda envelope: (ledger.cancelAuthorization, shop.address, nonce, envelope),
            ),
            relay,
        ),
        "permit": Meaning(
            hash_of(PERMIT, permit_types, permit),
            (lambda envelope: (ledger.permit, *permit[:3], end, *vrs_of(envelope)),),
            relay,
        ),
        "redemption": message(ledger.requestRedemption, redemption),
        "campaign": message(ledger.openCampaign, terms),
        "benefit": message(ledger.payWithBenefit, benefit),
        "veto": Meaning(veto, (object_to,), relay),
        "further key": Meaning(
            full.struct_hash(), (lambda envelope: (ledger.addSigner, *full.unlimited(), envelope),), registrar
        ),
        "limited key": Meaning(
            limited.struct_hash(),
            (lambda envelope: (ledger.addLimitedSigner, *limited.fields(), envelope),),
            registrar,
        ),
    }


MEANINGS = (
    "payment",
    "transfer",
    "receive",
    "cancel",
    "permit",
    "redemption",
    "campaign",
    "benefit",
    "veto",
    "further key",
    "limited key",
)
