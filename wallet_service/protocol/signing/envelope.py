"""The signature envelope: one kind byte, then what the kind needs.

The same bytes in Python, JavaScript and Solidity.

    0x01 ‖ r ‖ s ‖ v            secp256k1 over the digest, 66 bytes
    0x02 ‖ x ‖ y ‖ r ‖ s        P-256: ECDSA-SHA256, the 32-byte digest as the message (WebCrypto), 129 bytes
    0x03 ‖ x ‖ y ‖ r ‖ s ‖ A    passkey (WebAuthn level 2), challenge = base64url(digest), and A =
                                abi.encode(bytes authenticatorData, string clientDataJSON,
                                           uint256 challengeIndex, uint256 typeIndex)

Never more lenient than the contract: s in the lower half, canonical ABI encoding, user present and verified.
Whether the signer may sign for an account is the ledger's matter, not this module's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import urlsplit

import coincurve
from cryptography.hazmat.primitives.asymmetric import ec

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.addresses import address_of_point

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECP256K1_ENVELOPE_BYTES = 66
P256_ENVELOPE_BYTES = 129
MAX_ENVELOPE_BYTES = 2048  # a passkey's clientDataJSON with a long origin stays far below
DIGEST_BYTES = 32

_WORD = 32
#: The form `compacted` writes: its first byte, and how a browser's clientDataJSON begins.
_COMPACT_PASSKEY = 5
_OPENING = b'{"type":"webauthn.get","challenge":"'
_USUAL_INDICES = (1, 23)
_ENCODED_DIGEST_CHARACTERS = 43
_MAX_COMPACT_DATA_BYTES = 255
_PASSKEY_HEAD_BYTES = 4 * _WORD
_MIN_AUTHENTICATOR_DATA_BYTES = 37  # rpIdHash, flags, counter
_USER_PRESENT, _USER_VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP = 0x01, 0x04, 0x08, 0x10
_CEREMONY = b'"type":"webauthn.get"'


class EnvelopeKind(IntEnum):
    SECP256K1 = 1
    P256 = 2
    PASSKEY = 3


@dataclass(frozen=True, slots=True)
class PasskeyAssertion:
    """What the authenticator signed, and where the two fields stand in clientDataJSON (byte offsets)."""

    authenticator_data: bytes
    client_data_json: bytes
    challenge_index: int
    type_index: int


@dataclass(frozen=True, slots=True)
class PasskeySite:
    """Where passkeys may sign: the exact origin, and its host as relying party."""

    origin: str

    def check(self, envelope: Envelope) -> None:
        """Raises BadSignature for a passkey that signed elsewhere; other envelopes pass.

        Source: WebAuthn level 2, 7.2, steps 13 and 15; cross-origin frames are never ours.
        """
        if envelope.assertion is None:
            return
        host = urlsplit(self.origin).hostname or ""
        if not envelope.assertion.authenticator_data.startswith(hashlib.sha256(host.encode()).digest()):
            raise BadSignature("the passkey signed for another relying party")
        try:
            client = json.loads(envelope.assertion.client_data_json)
            is_ours = client["origin"] == self.origin and client.get("crossOrigin", False) is False
        except (ValueError, KeyError, TypeError, AttributeError):
            is_ours = False
        if not is_ours:
            raise BadSignature("the passkey signed on another origin")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`point` (x ‖ y) is empty and `recovery` 27 or 28 for secp256k1.

    `assertion` is set for passkeys only.
    """

    kind: EnvelopeKind
    r: int
    s: int
    point: bytes = b""
    recovery: int = 0
    assertion: PasskeyAssertion | None = None


def parse_envelope(data: bytes) -> Envelope:
    """Take the bytes apart; raises BadSignature on any wrong length, range or encoding.

    Verifies no signature.
    """
    if not data or len(data) > MAX_ENVELOPE_BYTES:
        raise BadSignature("envelope is empty or too long")
    if data[0] == EnvelopeKind.SECP256K1:
        return _parse_secp256k1(data)
    if data[0] == EnvelopeKind.P256:
        if len(data) != P256_ENVELOPE_BYTES:
            raise BadSignature("P-256 envelope has another length")
        return _with_point(EnvelopeKind.P256, data, None)
    if data[0] == EnvelopeKind.PASSKEY:
        if len(data) < P256_ENVELOPE_BYTES:
            raise BadSignature("passkey envelope is too short")
        return _with_point(EnvelopeKind.PASSKEY, data, _parse_assertion(data[P256_ENVELOPE_BYTES:]))
    raise BadSignature("unknown kind of envelope")


def _parse_secp256k1(data: bytes) -> Envelope:
    if len(data) != SECP256K1_ENVELOPE_BYTES:
        raise BadSignature("secp256k1 envelope has another length")
    r, s, recovery = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:65], "big"), data[65]
    if recovery not in (27, 28):
        raise BadSignature("v is neither 27 nor 28")
    _check_scalars(r, s, SECP256K1_ORDER)
    return Envelope(EnvelopeKind.SECP256K1, r, s, recovery=recovery)


def _with_point(kind: EnvelopeKind, data: bytes, assertion: PasskeyAssertion | None) -> Envelope:
    r, s = int.from_bytes(data[65:97], "big"), int.from_bytes(data[97:129], "big")
    _check_scalars(r, s, p256.ORDER)
    return Envelope(kind, r, s, point=data[1:65], assertion=assertion)


def _check_scalars(r: int, s: int, order: int) -> None:
    if not 0 < r < order or not 0 < s < order:
        raise BadSignature("r or s is out of range")
    if s > order // 2:
        raise BadSignature("s is in the upper half")


def _parse_assertion(encoded: bytes) -> PasskeyAssertion:
    """Only the one canonical ABI encoding is taken: whatever differs after encoding again is refused."""
    if len(encoded) < _PASSKEY_HEAD_BYTES:
        raise BadSignature("passkey part is too short")
    first, second, challenge_index, type_index = (
        int.from_bytes(encoded[offset : offset + _WORD], "big")
        for offset in range(0, _PASSKEY_HEAD_BYTES, _WORD)
    )
    assertion = PasskeyAssertion(
        _dynamic(encoded, first), _dynamic(encoded, second), challenge_index, type_index
    )
    if encode_assertion(assertion) != encoded:
        raise BadSignature("passkey part is not canonically encoded")
    return assertion


def _dynamic(encoded: bytes, offset: int) -> bytes:
    if offset + _WORD > len(encoded):
        raise BadSignature("passkey part points outside itself")
    length = int.from_bytes(encoded[offset : offset + _WORD], "big")
    if offset + _WORD + length > len(encoded):
        raise BadSignature("passkey part points outside itself")
    return encoded[offset + _WORD : offset + _WORD + length]


def encode_assertion(assertion: PasskeyAssertion) -> bytes:
    """abi.encode(bytes, string, uint256, uint256)."""
    first, second = (
        len(part).to_bytes(_WORD, "big") + part + bytes(-len(part) % _WORD)
        for part in (assertion.authenticator_data, assertion.client_data_json)
    )
    head = (
        _PASSKEY_HEAD_BYTES,
        _PASSKEY_HEAD_BYTES + len(first),
        assertion.challenge_index,
        assertion.type_index,
    )
    return b"".join(number.to_bytes(_WORD, "big") for number in head) + first + second


def compacted(data: bytes) -> bytes:
    """An envelope in its shortest form: what of a passkey's the ledger can put together again is left out.

    A third of the bytes, a fifth of a payment's gas less (contracts/PasskeyAssertion.sol). Any other kind,
    an assertion whose clientDataJSON does not begin as browsers write it, and bytes that are none stay as
    they are: the ledger says what it thinks of them.
    """
    if data[:1] != bytes([EnvelopeKind.PASSKEY]):
        return data
    try:
        assertion = _parse_assertion(data[P256_ENVELOPE_BYTES:])
    except BadSignature:
        return data
    client, authenticator = assertion.client_data_json, assertion.authenticator_data
    indices = (assertion.type_index, assertion.challenge_index)
    tail = client[len(_OPENING) + _ENCODED_DIGEST_CHARACTERS :]
    is_usual = client.startswith(_OPENING) and tail.startswith(b'"') and indices == _USUAL_INDICES
    if not is_usual or len(authenticator) > _MAX_COMPACT_DATA_BYTES:
        return data
    head = bytes([_COMPACT_PASSKEY]) + data[1:P256_ENVELOPE_BYTES]
    return head + bytes([len(authenticator)]) + authenticator + tail


def signer_address(envelope: Envelope, digest: bytes) -> str:
    """The lower-case address whose key signed `digest` (32 bytes). Raises BadSignature."""
    if len(digest) != DIGEST_BYTES:
        raise BadSignature("digest is not 32 bytes")
    if envelope.kind is EnvelopeKind.SECP256K1:
        return _recover_secp256k1(envelope, digest)
    signature = envelope.r.to_bytes(32, "big") + envelope.s.to_bytes(32, "big")
    message = digest if envelope.assertion is None else _passkey_message(envelope.assertion, digest)
    p256.verify_message(envelope.point, signature, message, low_s=True)
    return address_of_point(envelope.point)


def _recover_secp256k1(envelope: Envelope, digest: bytes) -> str:
    compact = (
        envelope.r.to_bytes(32, "big") + envelope.s.to_bytes(32, "big") + bytes([envelope.recovery - 27])
    )
    try:
        key = coincurve.PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception when no key can be recovered
        raise BadSignature("no key recovers from the signature") from error
    return address_of_point(key.format(compressed=False)[1:])


def _passkey_message(assertion: PasskeyAssertion, digest: bytes) -> bytes:
    """What the authenticator signed, checked by WebAuthn level 2, 7.2, steps 11, 12, 16, 17 and 18."""
    client, flags_at = assertion.client_data_json, 32
    if len(assertion.authenticator_data) < _MIN_AUTHENTICATOR_DATA_BYTES:
        raise BadSignature("authenticator data is too short")
    flags = assertion.authenticator_data[flags_at]
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise BadSignature("the user was not present and verified")
    if flags & _BACKED_UP and not flags & _BACKUP_ELIGIBLE:
        raise BadSignature("backup flags contradict each other")
    if not client.startswith(_CEREMONY, assertion.type_index):
        raise BadSignature("not an assertion ceremony")
    if not client.startswith(_challenge_field(digest), assertion.challenge_index):
        raise BadSignature("the passkey answered another challenge")
    return assertion.authenticator_data + hashlib.sha256(client).digest()


def _challenge_field(digest: bytes) -> bytes:
    return b'"challenge":"' + base64.urlsafe_b64encode(digest).rstrip(b"=") + b'"'


def with_low_s(data: bytes) -> bytes:
    """The same envelope with s in the lower half (browsers' P-256 signatures have either form).

    Raises BadSignature when too short to hold an s. Verifies nothing.
    """
    is_secp256k1 = data[:1] == bytes([EnvelopeKind.SECP256K1])
    offset, order = (33, SECP256K1_ORDER) if is_secp256k1 else (97, p256.ORDER)
    if len(data) < offset + 32:
        raise BadSignature("envelope is too short")
    s = int.from_bytes(data[offset : offset + 32], "big")
    if not order // 2 < s < order:
        return data
    changed = data[:offset] + (order - s).to_bytes(32, "big") + data[offset + 32 :]
    return changed[:65] + bytes([55 - changed[65]]) if is_secp256k1 and len(data) == 66 else changed


# --- signing, for tests, benchmarks and the demo's history
# -----------------------------------------------------------


def sign_secp256k1(private_key: coincurve.PrivateKey, digest: bytes) -> bytes:
    """A secp256k1 envelope of 66 bytes."""
    signature = private_key.sign_recoverable(digest, hasher=None)
    return bytes([EnvelopeKind.SECP256K1]) + signature[:64] + bytes([signature[64] + 27])


def sign_p256(private_key: ec.EllipticCurvePrivateKey, digest: bytes, point: bytes | None = None) -> bytes:
    """A P-256 envelope of 129 bytes. `point` spares working it out again when many are signed."""
    return (
        bytes([EnvelopeKind.P256])
        + (point or p256.point_of(private_key))
        + p256.sign_message(private_key, digest)
    )


def sign_passkey(
    private_key: ec.EllipticCurvePrivateKey,
    digest: bytes,
    *,
    relying_party: str = "localhost",
    origin: str = "https://localhost",
    flags: int = 0x05,
) -> bytes:
    """A passkey envelope as a browser's authenticator makes it."""
    client = b'{"type":"webauthn.get",' + _challenge_field(digest) + b',"origin":"' + origin.encode() + b'"}'
    assertion = PasskeyAssertion(
        hashlib.sha256(relying_party.encode()).digest() + bytes([flags]) + bytes(4),
        client,
        client.index(b'"challenge"'),
        client.index(b'"type"'),
    )
    message = assertion.authenticator_data + hashlib.sha256(client).digest()
    return (
        bytes([EnvelopeKind.PASSKEY])
        + p256.point_of(private_key)
        + p256.sign_message(private_key, message)
        + encode_assertion(assertion)
    )


def secp256k1_address(private_key: coincurve.PrivateKey) -> str:
    return address_of_point(private_key.public_key.format(compressed=False)[1:])


def p256_address(private_key: ec.EllipticCurvePrivateKey) -> str:
    return address_of_point(p256.point_of(private_key))
