"""Envelopes from a real browser and at the edges of P-256.

Python gives the files' verdicts, as Solidity does (tests/contracts/test_edge_vectors.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.envelope import parse_envelope, signer_address, with_low_s

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
FILES = {
    name: json.loads((VECTORS / f"{name}.json").read_text())["vectors"] for name in ("webauthn", "p256_edges")
}
CASES = [pytest.param(vector, id=f"{name}: {vector['name']}") for name in FILES for vector in FILES[name]]


def _signer(envelope: bytes, digest: bytes) -> str | None:
    try:
        return signer_address(parse_envelope(envelope), digest)
    except BadSignature:
        return None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


@pytest.mark.parametrize("vector", CASES)
def test_verdict(vector: dict[str, Any]) -> None:
    signer = _signer(_bytes(vector["envelope"]), _bytes(vector["digest"]))
    assert (signer == vector["signer"].lower()) is vector["valid"]


def test_what_an_authenticator_gave_with_a_high_s_is_taken_once_brought_down() -> None:
    high = 0
    for vector in FILES["webauthn"]:
        envelope, digest = _bytes(vector["envelope"]), _bytes(vector["digest"])
        raw = envelope[:97] + _bytes(vector["raw_signature"]["s"]) + envelope[129:]
        assert with_low_s(raw) == envelope
        if raw != envelope:
            assert _signer(raw, digest) is None
            high += vector["valid"]
    assert high > 0


@pytest.mark.parametrize("script", ["make_webauthn.py", "make_p256_edges.py"])
def test_the_committed_files_are_what_their_scripts_say(script: str) -> None:
    done = subprocess.run(
        [sys.executable, VECTORS / script, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
