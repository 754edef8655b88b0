"""Envelopes from a real browser and at the edges of P-256.

Solidity gives the files' verdicts, with and without the precompile. Python is held to the same files
(tests/unit/protocol/test_edge_vectors.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brownie import SignatureHarness, accounts
from eth_abi import encode
from nodes import node_without_precompile
from signing import P256_ORDER, PASSKEY, word

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
FILES = {
    name: json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    for name in ("webauthn", "p256_edges")
}


def wrongly_judged(name: str, signer_of: Callable[[str, str], str]) -> list[str]:
    """The names of the vectors whose verdict differs from the file's."""
    vectors = FILES[name]
    assert any(vector["valid"] for vector in vectors)
    assert not all(vector["valid"] for vector in vectors)
    return [
        vector["name"]
        for vector in vectors
        if (signer_of(vector["envelope"], vector["digest"]) == vector["signer"]) is not vector["valid"]
    ]


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return SignatureHarness.deploy({"from": accounts[0]})


@pytest.fixture(scope="module")
def harness_without_precompile() -> Any:
    """The same code on a node where nothing answers at 0x100."""
    with node_without_precompile() as chain:
        contract = chain.eth.contract(abi=SignatureHarness.abi, bytecode=SignatureHarness.bytecode)
        transaction = contract.constructor().transact({"from": chain.eth.accounts[0]})
        address = chain.eth.wait_for_transaction_receipt(transaction)["contractAddress"]
        yield chain.eth.contract(address=address, abi=SignatureHarness.abi).functions


@pytest.mark.parametrize("name", FILES)
def test_verdict_by_the_precompile(harness: Any, name: str) -> None:
    assert wrongly_judged(name, lambda envelope, digest: harness.recover(envelope, digest)[0]) == []


@pytest.mark.parametrize("name", FILES)
def test_verdict_without_the_precompile(harness_without_precompile: Any, name: str) -> None:
    recover = harness_without_precompile.recover
    assert wrongly_judged(name, lambda envelope, digest: recover(envelope, digest).call()[0]) == []


def envelope_of(vector: dict[str, Any]) -> bytes:
    """The envelope put together from what the browser gave."""
    client = vector["client_data_json"]
    r, s = (int(vector["raw_signature"][name], 16) for name in ("r", "s"))
    numbers = (
        int(vector["public_key"]["x"], 16),
        int(vector["public_key"]["y"], 16),
        r,
        min(s, P256_ORDER - s),
    )
    places = (client.index('"challenge"'), client.index('"type"'))
    authenticator = bytes.fromhex(vector["authenticator_data"][2:])
    tail = encode(["bytes", "string", "uint256", "uint256"], [authenticator, client, *places])
    return bytes([PASSKEY]) + b"".join(word(number) for number in numbers) + tail


def test_the_envelopes_are_what_the_browser_gave() -> None:
    for vector in FILES["webauthn"]:
        assert vector["envelope"] == "0x" + envelope_of(vector).hex(), vector["name"]


def test_the_high_s_of_an_authenticator_is_refused_until_it_is_brought_down(harness: Any) -> None:
    high = [
        vector
        for vector in FILES["webauthn"]
        if vector["valid"] and int(vector["raw_signature"]["s"], 16) > P256_ORDER // 2
    ]
    assert high
    for vector in high:
        envelope = bytes.fromhex(vector["envelope"][2:])
        raised = envelope[:97] + bytes.fromhex(vector["raw_signature"]["s"][2:]) + envelope[129:]
        assert harness.recover(raised, vector["digest"])[0] != vector["signer"]
        assert harness.recover(envelope, vector["digest"])[0] == vector["signer"]
