"""Digest and signatures agree with the golden vectors, which Solidity and JavaScript are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.signing.envelope import parse_envelope, signer_address
from wallet_service.protocol.signing.typed_data import (
    PAYMENT_TYPE,
    RECOVERY_VETO_TYPE,
    REDEMPTION_TYPE,
    SIGNER_ADDITION_TYPE,
    Domain,
    PaymentMessage,
    RecoveryVetoMessage,
    RedemptionMessage,
    SignerAdditionMessage,
    domain_separator,
)

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
TYPES = {
    "payments": PAYMENT_TYPE,
    "redemptions": REDEMPTION_TYPE,
    "vetoes": RECOVERY_VETO_TYPE,
    "additions": SIGNER_ADDITION_TYPE,
}
Message = PaymentMessage | RedemptionMessage | RecoveryVetoMessage | SignerAdditionMessage
FILES = {name: json.loads((VECTORS / f"{name}.json").read_text()) for name in TYPES}
CASES = [
    pytest.param(name, vector, id=f"{name} {vector['name']}")
    for name in FILES
    for vector in FILES[name]["vectors"]
]


def _domain(name: str) -> Domain:
    domain = FILES[name]["domain"]
    return Domain(domain["name"], domain["version"], domain["chainId"], domain["verifyingContract"])


def _message(name: str, fields: dict[str, Any]) -> Message:
    if name == "vetoes":
        return RecoveryVetoMessage(fields["account"], int(fields["number"]))
    numbers = (int(fields["validBefore"]), int(fields["nonce"]))
    if name == "additions":
        limits = (int(fields[each]) for each in ("maxPayment", "maxPerDay", "expiresAt"))
        kind = int(fields["signerKind"])
        return SignerAdditionMessage(fields["account"], fields["signer"], kind, *numbers, *limits)
    if name == "payments":
        return PaymentMessage(fields["from"], fields["to"], int(fields["value"]), fields["ref"], *numbers)
    return RedemptionMessage(
        fields["from"], int(fields["value"]), fields["payeeHash"], fields["ref"], *numbers
    )


@pytest.mark.parametrize(("name", "type_string"), TYPES.items())
def test_type_and_domain_are_the_vectors(name: str, type_string: str) -> None:
    assert FILES[name]["type_string"] == type_string
    assert FILES[name]["type_hash"] == "0x" + keccak256(type_string.encode()).hex()
    assert FILES[name]["domain_separator"] == "0x" + domain_separator(_domain(name)).hex()


@pytest.mark.parametrize(("name", "vector"), CASES)
def test_struct_hash_and_digest_are_the_vectors(name: str, vector: dict[str, Any]) -> None:
    message = _message(name, vector["message"])
    assert "0x" + message.struct_hash().hex() == vector["struct_hash"]
    assert "0x" + message.digest(_domain(name)).hex() == vector["digest"]


@pytest.mark.parametrize(("name", "vector"), CASES)
def test_envelopes_are_taken_and_refused_as_the_vectors_say(name: str, vector: dict[str, Any]) -> None:
    digest = _message(name, vector["message"]).digest(_domain(name))
    try:
        signer = signer_address(parse_envelope(bytes.fromhex(vector["envelope"][2:])), digest)
    except BadSignature:
        signer = None
    assert (signer == vector["signer"].lower()) is vector["valid"], vector["why_refused"]
