"""Make the golden vectors of what members sign (payments, redemptions, vetoes, additions).

Owns: the one place where the expected bytes come from. Solidity, Python and JavaScript check their own code
against the files; none of them may import this script. It uses eth_account for EIP-712 and secp256k1 and
`cryptography` for P-256, never our own protocol code, so a fault of ours cannot hide in both sides.

Every key is derived from SEED, which is printed in the files: these keys protect nothing and must never
hold money. Run `python tests/vectors/make.py` to write the files, `--check` to compare them with what is
committed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

HERE = Path(__file__).resolve().parent
SEED = "alba golden vectors 1"

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MAX_UINT256 = 2**256 - 1

KIND_BYTES = {"secp256k1": b"\x01", "p256": b"\x02", "passkey": b"\x03"}

# A name outside ASCII on purpose: it is hashed as UTF-8 everywhere or nothing agrees.
DOMAIN = {
    "name": "Alba, vecteurs d’essai",
    "version": "1",
    "chainId": 31337,
    "verifyingContract": to_checksum_address(keccak(f"{SEED}/ledger".encode())[-20:]),
}
PAYMENT_FIELDS = [
    ("from", "address"),
    ("to", "address"),
    ("value", "uint256"),
    ("ref", "bytes32"),
    ("validBefore", "uint256"),
    ("nonce", "uint256"),
]
REDEMPTION_FIELDS = [
    ("from", "address"),
    ("value", "uint256"),
    ("payeeHash", "bytes32"),
    ("ref", "bytes32"),
    ("validBefore", "uint256"),
    ("nonce", "uint256"),
]
VETO = "RecoveryVeto"
VETO_FIELDS = [("account", "address"), ("number", "uint256")]
ADDITION = "SignerAddition"
ADDITION_FIELDS = [
    ("account", "address"),
    ("signer", "address"),
    ("signerKind", "uint8"),
    ("maxPayment", "uint256"),
    ("maxPerDay", "uint256"),
    ("expiresAt", "uint256"),
    ("validBefore", "uint256"),
    ("nonce", "uint256"),
]
FIELDS = {
    "Payment": PAYMENT_FIELDS,
    "Redemption": REDEMPTION_FIELDS,
    VETO: VETO_FIELDS,
    ADDITION: ADDITION_FIELDS,
}
FILES = {
    "Payment": "payments.json",
    "Redemption": "redemptions.json",
    VETO: "vetoes.json",
    ADDITION: "additions.json",
}


def hex0x(data: bytes) -> str:
    """Lower-case hex with 0x."""
    return "0x" + data.hex()


def word(label: str) -> bytes:
    """32 bytes derived from the seed and a label."""
    return keccak(f"{SEED}/{label}".encode())


@dataclass(frozen=True)
class Key:
    """A signing key: `kind` is secp256k1, p256 or passkey; `secret` the private scalar."""

    label: str
    kind: str
    secret: int

    @property
    def public_point(self) -> tuple[bytes, bytes]:
        """x and y, 32 bytes each, big-endian."""
        if self.kind == "secp256k1":
            public = Account.from_key(self.secret.to_bytes(32, "big"))._key_obj.public_key.to_bytes()
            return public[:32], public[32:]
        numbers = ec.derive_private_key(self.secret, ec.SECP256R1()).public_key().public_numbers()
        return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")

    @property
    def address(self) -> str:
        """Last 20 bytes of keccak256(x, y), the same rule for both curves."""
        x, y = self.public_point
        return to_checksum_address(keccak(x + y)[-20:])


def make_key(kind: str, label: str) -> Key:
    """The key of that label: keccak256(seed/label) reduced into [1, order - 1]."""
    order = SECP256K1_ORDER if kind == "secp256k1" else P256_ORDER
    return Key(label, kind, int.from_bytes(word(f"key/{kind}/{label}"), "big") % (order - 1) + 1)


def p256_low_s(secret: int, message: bytes) -> tuple[int, int]:
    """Deterministic (RFC 6979) ECDSA-SHA256 over `message`, s brought to the lower half."""
    key = ec.derive_private_key(secret, ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r, min(s, P256_ORDER - s)


def client_data_json(digest: bytes, ceremony: str = "webauthn.get") -> str:
    """What a browser serialises for the challenge `digest`."""
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    origin = '"origin":"https://wallet.example","crossOrigin":false'
    return f'{{"type":"{ceremony}","challenge":"{challenge}",{origin}}}'


def authenticator_data(flags: int) -> bytes:
    """rpIdHash, flags, signature counter."""
    return hashlib.sha256(b"wallet.example").digest() + bytes([flags]) + (7).to_bytes(4, "big")


def envelope(
    key: Key, digest: bytes, *, flags: int = 0x05, ceremony: str = "webauthn.get", high_s: bool = False
) -> bytes:
    """The signature envelope: kind byte, then the rest. `flags`: 1 user present, 4 user verified."""
    head = KIND_BYTES[key.kind]
    if key.kind == "secp256k1":
        signed = Account.unsafe_sign_hash(digest, key.secret.to_bytes(32, "big"))
        s, v = (SECP256K1_ORDER - signed.s, 55 - signed.v) if high_s else (signed.s, signed.v)
        scalars: bytes = signed.r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return head + scalars + bytes([v])
    x, y = key.public_point
    tail = b""
    message = digest
    if key.kind == "passkey":
        client = client_data_json(digest, ceremony)
        authenticator = authenticator_data(flags)
        message = authenticator + hashlib.sha256(client.encode()).digest()
        tail = encode(
            ["bytes", "string", "uint256", "uint256"],
            [authenticator, client, client.index('"challenge"'), client.index('"type"')],
        )
    r, s = p256_low_s(key.secret, message)
    if high_s:
        s = P256_ORDER - s
    return head + x + y + r.to_bytes(32, "big") + s.to_bytes(32, "big") + tail


def hashes_of(primary: str, message: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    """(domain separator, struct hash, digest) of a typed message, by eth_account."""
    types = {primary: [{"name": name, "type": kind} for name, kind in FIELDS[primary]]}
    signable = encode_typed_data(DOMAIN, types, message)
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    return signable.header, signable.body, digest


def as_json(message: dict[str, Any]) -> dict[str, Any]:
    """Integers as decimal strings, bytes as hex: no reader loses a digit."""
    return {
        name: hex0x(value) if isinstance(value, bytes) else str(value) if isinstance(value, int) else value
        for name, value in message.items()
    }


def vector(
    name: str, primary: str, key: Key, message: dict[str, Any], why: str = "", **faults: Any
) -> dict[str, Any]:
    """One entry; `why` says why it must be refused, empty when it must be accepted."""
    _, struct_hash, digest = hashes_of(primary, message)
    x, y = key.public_point
    signed_digest = faults.pop("signed_digest", digest)
    signature = faults.pop("signature", None)
    if signature is None:
        signature = envelope(key, signed_digest, **faults)
    return {
        "name": name,
        "kind": key.kind,
        "private_key": hex0x(key.secret.to_bytes(32, "big")),
        "public_key": {"x": hex0x(x), "y": hex0x(y)},
        "signer": key.address,
        "message": as_json(message),
        "struct_hash": hex0x(struct_hash),
        "digest": hex0x(digest),
        "envelope": hex0x(signature),
        "valid": why == "",
        "why_refused": why,
    }


def message_of(primary: str, payer: str, label: str, **changed: Any) -> dict[str, Any]:
    """An ordinary message, then the changed fields."""
    if primary == "Payment":
        base = {
            "from": payer,
            "to": make_key("p256", "shop").address,
            "value": 1250,
            "ref": word(f"ref/{label}"),
            "validBefore": 1_893_456_000,
            "nonce": 0,
        }
    else:
        base = {
            "from": payer,
            "value": 500_00,
            "payeeHash": word(f"payee/{label}"),
            "ref": word(f"ref/{label}"),
            "validBefore": 1_893_456_000,
            "nonce": 0,
        }
    return base | changed


def vectors_of(primary: str) -> list[dict[str, Any]]:
    """Accepted and refused entries of one type, every kind of key."""
    entries: list[dict[str, Any]] = []
    for kind in KIND_BYTES:
        key = make_key(kind, "alice")

        def case(name: str, key: Key = key, **changed: Any) -> tuple[str, str, Key, dict[str, Any]]:
            return f"{key.kind} {name}", primary, key, message_of(primary, key.address, name, **changed)

        entries.append(vector(*case("ordinary")))
        entries.append(vector(*case("smallest", value=1, nonce=1, validBefore=1)))
        entries.append(
            vector(
                *case(
                    "largest", value=MAX_UINT256, nonce=MAX_UINT256, validBefore=MAX_UINT256, ref=b"\xff" * 32
                )
            )
        )
        entries.append(vector(*case("first nonce outside the small ones", nonce=2**40)))
        # The further device signs; `from` stays the account (the test registers the signer, or not).
        further = make_key(kind, "alice second device")
        name = "further device"
        entries.append(
            vector(f"{kind} {name}", primary, further, message_of(primary, key.address, name, nonce=2))
        )

        entries.append(vector(*case("high s"), why="s is in the upper half of the order", high_s=True))
        wrong = message_of(primary, key.address, "ordinary", value=1251)
        wrong_digest = hashes_of(primary, wrong)[2]
        entries.append(
            vector(
                *case("amount changed after signing"), why="signed another amount", signed_digest=wrong_digest
            )
        )
        whole = envelope(key, hashes_of(primary, message_of(primary, key.address, "cut short"))[2])
        # A passkey's last bytes may be padding only, so its cut goes into what is signed.
        cut = 40 if kind == "passkey" else 1
        entries.append(vector(*case("cut short"), why="bytes are missing at the end", signature=whole[:-cut]))
        if kind != "passkey":
            _, _, digest = hashes_of(primary, message_of(primary, key.address, "extra byte"))
            longer = envelope(key, digest) + b"\x00"
            entries.append(vector(*case("extra byte"), why="one byte too many", signature=longer))
        if kind == "passkey":
            entries.append(
                vector(*case("user not verified"), why="the user verification bit is missing", flags=0x01)
            )
            entries.append(
                vector(*case("user not present"), why="the user presence bit is missing", flags=0x04)
            )
            entries.append(
                vector(
                    *case("wrong ceremony"),
                    why="clientDataJSON is of another ceremony",
                    ceremony="webauthn.create",
                )
            )
    return entries


def vetoes() -> list[dict[str, Any]]:
    """Objections to a recovery: fewer, since envelopes are tried above."""
    entries: list[dict[str, Any]] = []
    for kind in KIND_BYTES:
        key, further = make_key(kind, "alice"), make_key(kind, "alice second device")
        ordinary = {"account": key.address, "number": 7}
        entries.append(vector(f"{kind} ordinary", VETO, key, ordinary))
        entries.append(vector(f"{kind} largest", VETO, key, {**ordinary, "number": MAX_UINT256}))
        entries.append(vector(f"{kind} further device", VETO, further, ordinary))
        why = "s is in the upper half of the order"
        entries.append(vector(f"{kind} high s", VETO, key, ordinary, why=why, high_s=True))
        other = hashes_of(VETO, {**ordinary, "number": 8})[2]
        why = "signed against another recovery"
        entries.append(vector(f"{kind} number changed", VETO, key, ordinary, why=why, signed_digest=other))
    return entries


def addition_of(account: str) -> dict[str, Any]:
    """A further key with all of the account's power."""
    limits = {"maxPayment": 0, "maxPerDay": 0, "expiresAt": 0}
    signer = make_key("p256", "alice new device").address
    sample = {"account": account, "signer": signer, "signerKind": 2, **limits}
    return {**sample, "validBefore": 1_900_000_000, "nonce": 2**200 + 7}


def additions() -> list[dict[str, Any]]:
    """Words for a further key: as few as vetoes."""
    entries: list[dict[str, Any]] = []
    for kind in KIND_BYTES:
        key, further = make_key(kind, "alice"), make_key(kind, "alice second device")
        ordinary = addition_of(key.address)
        entries.append(vector(f"{kind} ordinary", ADDITION, key, ordinary))
        largest = {**ordinary, "validBefore": MAX_UINT256, "nonce": MAX_UINT256}
        entries.append(vector(f"{kind} largest", ADDITION, key, largest))
        entries.append(vector(f"{kind} passkey added", ADDITION, further, {**ordinary, "signerKind": 3}))
        limits = {"maxPayment": 20_00, "maxPerDay": 50_00, "expiresAt": 1_800_000_000}
        entries.append(vector(f"{kind} within limits", ADDITION, key, {**ordinary, **limits}))
        wider = hashes_of(ADDITION, {**ordinary, **limits, "maxPerDay": 50_01})[2]
        why = "signed for other limits"
        given = {**ordinary, **limits}
        entries.append(vector(f"{kind} wider limits", ADDITION, key, given, why=why, signed_digest=wider))
        why = "s is in the upper half of the order"
        entries.append(vector(f"{kind} high s", ADDITION, key, ordinary, why=why, high_s=True))
        other = hashes_of(ADDITION, {**ordinary, "signerKind": 3})[2]
        why = "signed for another kind of key"
        entries.append(vector(f"{kind} kind changed", ADDITION, key, ordinary, why=why, signed_digest=other))
    return entries


def document(primary: str) -> dict[str, Any]:
    """The whole file of one type."""
    key = make_key("secp256k1", "alice")
    if primary == VETO:
        vectors, sample = vetoes(), {"account": key.address, "number": 7}
    elif primary == ADDITION:
        vectors, sample = additions(), addition_of(key.address)
    else:
        vectors, sample = vectors_of(primary), message_of(primary, key.address, "ordinary")
    separator, _, _ = hashes_of(primary, sample)
    type_string = f"{primary}({','.join(f'{kind} {name}' for name, kind in FIELDS[primary])})"
    return {
        "about": "Golden vectors made by tests/vectors/make.py. Keys derive from the seed: never hold money "
        "with them. `valid` speaks of signature against digest and signer; whether signer may sign for "
        "`from` is the ledger's matter.",
        "seed": SEED,
        "domain": DOMAIN,
        "domain_separator": hex0x(separator),
        "primary_type": primary,
        "type_string": type_string,
        "type_hash": hex0x(keccak(type_string.encode())),
        "envelope_kinds": {kind: hex0x(byte) for kind, byte in KIND_BYTES.items()},
        "vectors": vectors,
    }


def main() -> int:
    """Write the files, or with --check say whether the committed ones are the same."""
    parser = argparse.ArgumentParser(description="golden vectors")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    for primary, file_name in FILES.items():
        text = json.dumps(document(primary), indent=2, ensure_ascii=False) + "\n"
        path = HERE / file_name
        if arguments.check:
            if path.read_text(encoding="utf-8") != text:
                print(f"{path.name} differs from what make.py makes", file=sys.stderr)
                return 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.name}: {len(document(primary)['vectors'])} vectors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
