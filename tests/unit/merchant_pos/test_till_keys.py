"""The till's key: what it signs, and that it is worth nothing outside this machine and this till."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from merchant_pos.till_keys import (
    load_or_make_local_key,
    new_till_key,
    open_key,
    public_key_text,
    seal_key,
    signed_headers,
)

LOCAL_KEY = bytes(range(32))


def test_a_sealed_key_opens_again_as_the_same_key() -> None:
    key = new_till_key()
    sealed = seal_key(key, LOCAL_KEY, "TILL1")
    assert public_key_text(open_key(sealed, LOCAL_KEY, "TILL1")) == public_key_text(key)


@pytest.mark.parametrize(("local_key", "till_id"), [(bytes(32), "TILL1"), (LOCAL_KEY, "TILL2")])
def test_a_sealed_key_opens_neither_on_another_machine_nor_for_another_till(
    local_key: bytes, till_id: str
) -> None:
    sealed = seal_key(new_till_key(), LOCAL_KEY, "TILL1")
    with pytest.raises(InvalidTag):
        open_key(sealed, local_key, till_id)


def test_the_public_key_is_0x_and_128_digits_even_with_leading_zeros() -> None:
    texts = {public_key_text(new_till_key()) for _ in range(300)}
    assert all(len(text) == 130 and text.startswith("0x") for text in texts)


def test_the_signature_covers_method_path_query_time_nonce_and_body() -> None:
    key, body = new_till_key(), b'{"amount_cents":1250}'
    headers = signed_headers(key, "TILL1", "POST", "/v1/till/sales?x=1", body, 1_700_000_000_000)
    lines = ("POST", "/v1/till/sales?x=1", "1700000000000", headers["Alba-Nonce"])
    message = "\n".join((*lines, hashlib.sha256(body).hexdigest())).encode()
    raw = base64.urlsafe_b64decode(headers["Alba-Signature"] + "==")
    assert len(raw) == 64
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))
    assert headers["Alba-Till"] == "TILL1"


def test_two_signatures_of_the_same_request_have_different_nonces() -> None:
    key = new_till_key()
    first, second = (signed_headers(key, "T", "GET", "/v1/till/me", b"", 1) for _ in range(2))
    assert first["Alba-Nonce"] != second["Alba-Nonce"]


def test_the_local_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "local.key"
    key = load_or_make_local_key(path)
    assert load_or_make_local_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_torn_local_key_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "local.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="pair the tills again"):
        load_or_make_local_key(tmp_path / "local.key")
