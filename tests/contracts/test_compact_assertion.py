"""The short form of a passkey's envelope: it proves what the long one proves, and nothing more.

Against the recorded assertions of real authenticators, at its bounds, and where a site could choose a part of
what is signed.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from brownie import SignatureHarness, accounts
from eth_utils import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from signing import COMPACT_PASSKEY, PASSKEY, SigningKey, compacted

RECORDED = json.loads((Path(__file__).resolve().parents[1] / "vectors/webauthn.json").read_text("utf-8"))
NOBODY = "0x" + "00" * 20
DIGEST = keccak(text="something to sign")
DATA_AT, MAX_ENVELOPE_BYTES = 130, 2_048
OPENING = '{"type":"webauthn.get","challenge":"'


@pytest.fixture(scope="module")
def harness(module_isolation: None) -> Any:
    return SignatureHarness.deploy({"from": accounts[0]})


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey("zoé", PASSKEY)


@settings(max_examples=60, deadline=None)
@given(digest=st.one_of(st.binary(min_size=32, max_size=32), st.sampled_from([bytes(32), b"\xff" * 32])))
def test_a_digest_is_written_as_base64url_writes_it(harness: Any, digest: bytes) -> None:
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=")
    assert bytes(harness.base64Of(digest)) == expected


@pytest.mark.parametrize("turn", range(4))
def test_each_number_of_six_bits_has_its_character(harness: Any, turn: int) -> None:
    for start in (0, 22):
        digits = "".join(f"{(n + turn + start) % 64:06b}" for n in range(42)) + "0000"
        digest = int(digits, 2).to_bytes(32, "big")
        assert bytes(harness.base64Of(digest)) == base64.urlsafe_b64encode(digest).rstrip(b"=")


def test_it_proves_what_the_long_form_proves(harness: Any, key: SigningKey) -> None:
    long = key.sign(DIGEST)
    short = compacted(long)
    assert short[0] == COMPACT_PASSKEY
    assert len(short) < len(long) / 2
    assert (
        harness.recoverInBatch(short, DIGEST)
        == harness.recoverInBatch(long, DIGEST)
        == (key.address, PASSKEY)
    )
    assert harness.recoverInBatch(short, keccak(text="something else"))[0] == NOBODY


@pytest.mark.parametrize("vector", RECORDED["vectors"], ids=lambda vector: vector["name"])
def test_real_authenticators_answers_have_it_and_are_judged_alike(
    harness: Any, vector: dict[str, Any]
) -> None:
    long = bytes.fromhex(vector["envelope"][2:])
    short = compacted(long)
    assert (
        harness.recoverInBatch(short, vector["digest"])[0]
        == harness.recoverInBatch(long, vector["digest"])[0]
    )


@pytest.mark.parametrize("flags", [0x00, 0x01, 0x04, 0x15, 0x14])
def test_flags_must_show_a_verified_person_and_a_possible_backup(
    harness: Any, key: SigningKey, flags: int
) -> None:
    assert harness.recoverInBatch(compacted(key.sign(DIGEST, flags=flags)), DIGEST)[0] == NOBODY
    assert harness.recoverInBatch(compacted(key.sign(DIGEST, flags=0x1D)), DIGEST)[0] == key.address


def client_data(challenge: str) -> str:
    return f'{OPENING}{challenge}","origin":"https://wallet.example"}}'


def by_hand(envelope: bytes, data: bytes, tail: bytes) -> bytes:
    return bytes([COMPACT_PASSKEY]) + envelope[1:129] + bytes([len(data)]) + data + tail


def test_a_challenge_that_only_begins_with_the_digest_is_none(harness: Any, key: SigningKey) -> None:
    """A site that may choose what follows the digest must not make a payment out of the whole."""
    digest = base64.urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
    data = compacted(key.sign(DIGEST))[DATA_AT : DATA_AT + 37]
    for challenge in (digest + "A", digest + "AAAA"):
        envelope = key.sign(DIGEST, client_data=client_data(challenge))
        tail = client_data(challenge)[len(OPENING) + 43 :].encode()
        assert harness.recoverInBatch(by_hand(envelope, data, tail), DIGEST)[0] == NOBODY
    good = key.sign(DIGEST, client_data=client_data(digest))
    tail = client_data(digest)[len(OPENING) + 43 :].encode()
    assert harness.recoverInBatch(by_hand(good, data, tail), DIGEST)[0] == key.address


def test_another_ceremony_is_none(harness: Any, key: SigningKey) -> None:
    digest = base64.urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
    created = f'{{"type":"webauthn.create","challenge":"{digest}","origin":"https://wallet.example"}}'
    envelope = key.sign(DIGEST, client_data=created)
    data = compacted(key.sign(DIGEST))[DATA_AT : DATA_AT + 37]
    tail = b'","origin":"https://wallet.example"}'
    assert harness.recoverInBatch(by_hand(envelope, data, tail), DIGEST)[0] == NOBODY


def test_cut_at_every_byte_it_is_none(harness: Any, key: SigningKey) -> None:
    short = compacted(key.sign(DIGEST))
    for length in range(len(short)):
        assert harness.recoverInBatch(short[:length], DIGEST)[0] == NOBODY, length
    assert harness.recoverInBatch(short + b" ", DIGEST)[0] == NOBODY


@pytest.mark.parametrize("length", [0, 36, 38, 255])
def test_a_length_that_is_not_the_datas_is_refused(harness: Any, key: SigningKey, length: int) -> None:
    short = bytearray(compacted(key.sign(DIGEST)))
    short[DATA_AT - 1] = length
    assert harness.recoverInBatch(bytes(short), DIGEST)[0] == NOBODY


def test_alone_it_is_nothing(harness: Any, key: SigningKey) -> None:
    """Only a relay shortens, for a batch: what members send has one form."""
    assert harness.recover(compacted(key.sign(DIGEST)), DIGEST)[0] == NOBODY


def test_it_is_no_longer_than_any_envelope(harness: Any, key: SigningKey) -> None:
    digest = base64.urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
    for length, good in ((MAX_ENVELOPE_BYTES, True), (MAX_ENVELOPE_BYTES + 1, False)):
        fixed = len(by_hand(bytes(129), bytes(37), b"")) + len('"}')
        client = f'{OPENING}{digest}"{" " * (length - fixed)}}}'
        short = compacted(key.sign(DIGEST, client_data=client))
        assert (short[0], len(short)) == (COMPACT_PASSKEY, length)
        assert (harness.recoverInBatch(short, DIGEST)[0] == key.address) is good
