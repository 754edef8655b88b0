"""Hashes and signatures in Solidity against the golden vectors, and what no signature may look like."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nodes
import pytest
from brownie import SignatureHarness, accounts
from eth_utils import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing import KINDS, P256, P256_ORDER, PASSKEY, SECP256K1, SECP256K1_ORDER, SigningKey, word

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
NOBODY = "0x" + "00" * 20
DIGEST = keccak(text="something to sign")


def load(name: str) -> dict[str, Any]:
    """A golden file."""
    content: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return content


def cases() -> list[Any]:
    """Every vector of both files with its file's content."""
    found = []
    for name in ("payments.json", "redemptions.json"):
        content = load(name)
        for vector in content["vectors"]:
            found.append(pytest.param(content, vector, id=f"{content['primary_type']}: {vector['name']}"))
    return found


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return SignatureHarness.deploy({"from": accounts[0]})


def message_tuple(message: dict[str, str]) -> tuple[Any, ...]:
    """The struct as the ABI takes it: decimal strings become integers."""
    return tuple(value if value.startswith("0x") else int(value) for value in message.values())


@pytest.mark.parametrize(("content", "vector"), cases())
def test_golden_vector(harness: Any, content: dict[str, Any], vector: dict[str, Any]) -> None:
    hasher = harness.paymentHash if content["primary_type"] == "Payment" else harness.redemptionHash
    struct_hash = hasher(message_tuple(vector["message"]))
    assert str(struct_hash) == vector["struct_hash"]
    assert str(harness.digest(content["domain_separator"], struct_hash)) == vector["digest"]
    signer, _ = harness.recover(vector["envelope"], vector["digest"])
    assert (signer == vector["signer"]) is vector["valid"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_over_another_digest_gives_another_signer_or_none(harness: Any, kind: int) -> None:
    key = SigningKey("zoé", kind)
    envelope = key.sign(DIGEST)
    assert harness.recover(envelope, DIGEST) == (key.address, kind)
    assert harness.recover(envelope, keccak(text="something else"))[0] != key.address


def test_the_other_half_of_s_is_refused(harness: Any) -> None:
    secp = SigningKey("zoé", SECP256K1).sign(DIGEST)
    s = int.from_bytes(secp[33:65], "big")
    flipped = secp[:33] + word(SECP256K1_ORDER - s) + bytes([55 - secp[65]])
    assert harness.recover(flipped, DIGEST)[0] == NOBODY
    p256 = SigningKey("zoé", P256).sign(DIGEST)
    s = int.from_bytes(p256[97:129], "big")
    assert harness.recover(p256[:97] + word(P256_ORDER - s), DIGEST)[0] == NOBODY


@pytest.mark.parametrize("r", [0, 1, P256_ORDER - 1, P256_ORDER, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, P256_ORDER // 2, P256_ORDER, 2**256 - 1])
def test_p256_numbers_at_their_bounds_are_refused(harness: Any, r: int, s: int) -> None:
    key = SigningKey("zoé", P256)
    assert harness.recover(bytes([P256]) + key.x + key.y + word(r) + word(s), DIGEST)[0] == NOBODY


def test_points_off_the_curve_are_refused(harness: Any) -> None:
    key = SigningKey("zoé", P256)
    signature = key.sign(DIGEST)[65:]
    for x, y in ((word(0), word(0)), (key.x, word(1)), (key.y, key.x), (word(2**256 - 1), key.y)):
        assert harness.recover(bytes([P256]) + x + y + signature, DIGEST)[0] == NOBODY


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_secp256k1_v_is_27_or_28(harness: Any, v: int) -> None:
    envelope = SigningKey("zoé", SECP256K1).sign(DIGEST)
    assert harness.recover(envelope[:65] + bytes([v]), DIGEST)[0] == NOBODY


@pytest.mark.parametrize("flags", [0x00, 0x01, 0x04, 0x15])
def test_passkey_flags_must_show_a_verified_person_and_a_possible_backup(harness: Any, flags: int) -> None:
    key = SigningKey("zoé", PASSKEY)
    assert harness.recover(key.sign(DIGEST, flags=flags), DIGEST)[0] == NOBODY
    assert harness.recover(key.sign(DIGEST, flags=0x1D), DIGEST)[0] == key.address


@pytest.mark.parametrize(
    "changed",
    [
        {"challenge_index": 0},
        {"challenge_index": 2**256 - 1},
        {"challenge_index": 10_000},
        {"type_index": 2},
        {"type_index": 2**256 - 1},
        {"client_data": ""},
        {"client_data": '{"type":"webauthn.get","challenge":"'},
    ],
)
def test_passkey_indices_that_point_elsewhere_are_refused(harness: Any, changed: dict[str, Any]) -> None:
    fixed = {"challenge_index": 23, "type_index": 1} if "client_data" in changed else {}
    envelope = SigningKey("zoé", PASSKEY).sign(DIGEST, **(fixed | changed))
    assert harness.recover(envelope, DIGEST)[0] == NOBODY


def test_a_challenge_that_only_begins_with_the_digest_is_refused(harness: Any) -> None:
    """A site that may choose a part of the challenge must not make a payment out of the whole."""
    key = SigningKey("zoé", PASSKEY)
    digest = base64.urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
    for challenge, good in (
        (digest, True),
        (digest + "A", False),
        (digest[:-1], False),
        ("A" + digest, False),
    ):
        client = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://wallet.example"}}'
        found = harness.recover(key.sign(DIGEST, client_data=client), DIGEST)[0]
        assert (found == key.address) is good, challenge


def test_a_passkey_signature_is_none_of_a_device_key_and_the_reverse(harness: Any) -> None:
    key = SigningKey("zoé", PASSKEY)
    assert harness.recover(bytes([P256]) + key.sign(DIGEST)[1:129], DIGEST)[0] == NOBODY


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.integers(0, 255),
    body=st.one_of(st.binary(max_size=700), st.just(b"\xff" * 700)),
    wild=st.tuples(st.integers(0, 699), st.binary(min_size=1, max_size=32)),
)
def test_no_envelope_makes_it_revert(harness: Any, kind: int, body: bytes, wild: tuple[int, bytes]) -> None:
    assert harness.recover(bytes([kind]) + body, DIGEST)[0] is not None
    whole = bytearray(SigningKey("zoé", PASSKEY).sign(DIGEST))
    position = wild[0] % len(whole)
    whole[position : position + len(wild[1])] = wild[1]
    assert harness.recover(bytes(whole), DIGEST)[0] is not None


def test_an_endless_envelope_is_refused_unread(harness: Any) -> None:
    assert harness.recover(bytes([PASSKEY]) + b"\x01" * 2048, DIGEST)[0] == NOBODY


@pytest.fixture(scope="module")
def node_without_precompile() -> Any:
    """A node where nothing answers at 0x100."""
    with nodes.node_without_precompile() as chain:
        yield chain


def test_without_the_precompile_the_answers_are_the_same(node_without_precompile: Any) -> None:
    chain = node_without_precompile
    contract = chain.eth.contract(abi=SignatureHarness.abi, bytecode=SignatureHarness.bytecode)
    transaction = contract.constructor().transact({"from": chain.eth.accounts[0]})
    address = chain.eth.wait_for_transaction_receipt(transaction)["contractAddress"]
    recover = chain.eth.contract(address=address, abi=SignatureHarness.abi).functions.recover
    asked = 0
    for vector in load("payments.json")["vectors"]:
        if vector["kind"] != "secp256k1":
            signer, _ = recover(vector["envelope"], vector["digest"]).call()
            assert (signer == vector["signer"]) is vector["valid"], vector["name"]
            asked += 1
    assert asked > 10
