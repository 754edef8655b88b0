"""A passkey authenticator in a few lines: makes the two answers a browser would, with a key of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import (
    EnvelopeKind,
    PasskeyAssertion,
    encode_assertion,
    with_low_s,
)

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, ATTESTED = 0x01, 0x04, 0x08, 0x40


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """`flags` may be changed to play one that did not verify its user."""

    origin: str
    relying_party: str = "localhost"
    flags: int = USER_PRESENT | USER_VERIFIED
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.create(options)."""
        self.user_handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        attested = (
            bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        )
        data = self._authenticator_data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", options["challenge"])
        return self._credential({"clientDataJSON": encode(client), "attestationObject": encode(attestation)})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.get(options)."""
        client = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": self.user_handle,
        }
        return self._credential(response)

    def envelope(self, digest: bytes) -> bytes:
        """The ledger's envelope of its answer to that challenge."""
        response = self.get({"challenge": encode(digest)})["response"]
        client = decode(response["clientDataJSON"])
        places = client.find(b'"challenge"'), client.find(b'"type"')
        assertion = PasskeyAssertion(decode(response["authenticatorData"]), client, *places)
        r, s = decode_dss_signature(decode(response["signature"]))
        head = bytes([EnvelopeKind.PASSKEY]) + p256.point_of(self.key)
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return with_low_s(head + signature + encode_assertion(assertion))

    def _authenticator_data(self, flags: int) -> bytes:
        relying_party = hashlib.sha256(self.relying_party.encode()).digest()
        return relying_party + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(client, separators=(",", ":")).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        identifier = encode(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
