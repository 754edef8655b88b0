"""The short form of a passkey's envelope, as it goes into batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import compacted, sign_p256, sign_passkey

RECORDED = json.loads((Path(__file__).resolve().parents[2] / "vectors/webauthn.json").read_text("utf-8"))
DIGEST = bytes(range(32))
OPENING_CHARACTERS, DIGEST_CHARACTERS = 36, 43


def test_nothing_stands_in_it_twice() -> None:
    key = p256.new_private_key()
    long = sign_passkey(key, DIGEST, origin="https://wallet.example")
    short = compacted(long)
    assert short[0] == 5
    assert short[1:129] == long[1:129]
    assert short[129] == 37
    assert short[130:167] in long
    assert short[167:] == b'","origin":"https://wallet.example"}'


@pytest.mark.parametrize("vector", RECORDED["vectors"], ids=lambda vector: vector["name"])
def test_what_browsers_answer_has_a_short_form(vector: dict[str, str]) -> None:
    long, client = bytes.fromhex(vector["envelope"][2:]), vector["client_data_json"].encode()
    data = bytes.fromhex(vector["authenticator_data"][2:])
    tail = client[OPENING_CHARACTERS + DIGEST_CHARACTERS :]
    assert compacted(long) == b"\x05" + long[1:129] + bytes([len(data)]) + data + tail


@pytest.mark.parametrize("cut", [0, 1, 128, 129, 130, 200, 300])
def test_what_is_no_assertion_stays_as_it_is(cut: int) -> None:
    long = sign_passkey(p256.new_private_key(), DIGEST)
    assert compacted(long[:cut]) == long[:cut]


def test_another_kind_stays_as_it_is() -> None:
    envelope = sign_p256(p256.new_private_key(), DIGEST)
    assert compacted(envelope) == envelope


@pytest.mark.parametrize(
    ("written", "instead"),
    [(b'"challenge"', b'"challengE"'), (b'{"type"', b' "type"')],
)
def test_one_that_begins_in_another_way_stays_as_it_is(written: bytes, instead: bytes) -> None:
    long = sign_passkey(p256.new_private_key(), DIGEST).replace(written, instead)
    assert compacted(long) == long
