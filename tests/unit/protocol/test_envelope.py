"""Envelopes: one form only per signature, and never more lenient than the contract."""

from __future__ import annotations

import coincurve
import pytest

from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.hashing import keccak256
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    EnvelopeKind,
    PasskeySite,
    p256_address,
    parse_envelope,
    secp256k1_address,
    sign_p256,
    sign_passkey,
    sign_secp256k1,
    signer_address,
    with_low_s,
)

DIGEST = keccak256(b"a payment")
OTHER_DIGEST = keccak256(b"another payment")


def _signed() -> dict[EnvelopeKind, tuple[bytes, str]]:
    device = p256.private_key_of(12345)
    account = coincurve.PrivateKey((6789).to_bytes(32, "big"))
    return {
        EnvelopeKind.SECP256K1: (sign_secp256k1(account, DIGEST), secp256k1_address(account)),
        EnvelopeKind.P256: (sign_p256(device, DIGEST), p256_address(device)),
        EnvelopeKind.PASSKEY: (sign_passkey(device, DIGEST), p256_address(device)),
    }


@pytest.mark.parametrize("kind", list(EnvelopeKind))
def test_each_kind_gives_its_signers_address(kind: EnvelopeKind) -> None:
    envelope, address = _signed()[kind]
    assert envelope[0] == kind
    assert signer_address(parse_envelope(envelope), DIGEST) == address


@pytest.mark.parametrize("kind", list(EnvelopeKind))
def test_another_digest_is_not_signed_by_the_same_key(kind: EnvelopeKind) -> None:
    envelope, address = _signed()[kind]
    try:
        assert signer_address(parse_envelope(envelope), OTHER_DIGEST) != address
    except BadSignature:
        assert kind is not EnvelopeKind.SECP256K1  # a recovery always finds some key


@pytest.mark.parametrize("kind", list(EnvelopeKind))
def test_any_flipped_byte_is_refused_or_another_signer(kind: EnvelopeKind) -> None:
    envelope, address = _signed()[kind]
    for place in range(len(envelope)):
        broken = envelope[:place] + bytes([envelope[place] ^ 0x01]) + envelope[place + 1 :]
        try:
            assert signer_address(parse_envelope(broken), DIGEST) != address, place
        except BadSignature:
            continue


@pytest.mark.parametrize("kind", list(EnvelopeKind))
def test_any_shorter_or_longer_envelope_is_refused(kind: EnvelopeKind) -> None:
    envelope, _ = _signed()[kind]
    for broken in (b"", envelope[:1], envelope[:-1], envelope + b"\x00", envelope + bytes(32)):
        with pytest.raises(BadSignature):
            parse_envelope(broken)


def test_an_unknown_kind_and_an_endless_envelope_are_refused() -> None:
    envelope, _ = _signed()[EnvelopeKind.P256]
    with pytest.raises(BadSignature):
        parse_envelope(b"\x04" + envelope[1:])
    with pytest.raises(BadSignature):
        parse_envelope(b"\x03" + bytes(MAX_ENVELOPE_BYTES))


@pytest.mark.parametrize("kind", list(EnvelopeKind))
def test_the_twin_with_high_s_is_refused_and_can_be_brought_down(kind: EnvelopeKind) -> None:
    envelope, address = _signed()[kind]
    place, order = (33, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141)
    if kind is not EnvelopeKind.SECP256K1:
        place, order = 97, p256.ORDER
    s = int.from_bytes(envelope[place : place + 32], "big")
    twin = envelope[:place] + (order - s).to_bytes(32, "big") + envelope[place + 32 :]
    if kind is EnvelopeKind.SECP256K1:
        twin = twin[:65] + bytes([55 - twin[65]])
    with pytest.raises(BadSignature):
        parse_envelope(twin)
    assert with_low_s(twin) == envelope
    assert with_low_s(envelope) == envelope
    assert signer_address(parse_envelope(with_low_s(twin)), DIGEST) == address


@pytest.mark.parametrize("flags", [0x00, 0x01, 0x04, 0x15])
def test_a_passkey_without_a_present_and_verified_user_is_refused(flags: int) -> None:
    envelope = sign_passkey(p256.private_key_of(7), DIGEST, flags=flags)
    with pytest.raises(BadSignature):
        signer_address(parse_envelope(envelope), DIGEST)


def test_a_point_off_the_curve_is_refused() -> None:
    envelope, _ = _signed()[EnvelopeKind.P256]
    off_curve = envelope[:1] + bytes(63) + b"\x05" + envelope[65:]
    with pytest.raises(BadSignature):
        signer_address(parse_envelope(off_curve), DIGEST)


def test_a_request_signature_may_have_either_s_but_must_verify() -> None:
    key = p256.private_key_of(99)
    signature = p256.sign_message(key, b"GET\n/v1/till/me")
    s = int.from_bytes(signature[32:], "big")
    twin = signature[:32] + (p256.ORDER - s).to_bytes(32, "big")
    p256.verify_message(p256.point_of(key), signature, b"GET\n/v1/till/me")
    p256.verify_message(p256.point_of(key), twin, b"GET\n/v1/till/me")
    with pytest.raises(BadSignature):
        p256.verify_message(p256.point_of(key), twin, b"GET\n/v1/till/me", low_s=True)
    with pytest.raises(BadSignature):
        p256.verify_message(p256.point_of(key), signature, b"GET\n/v1/till/other")
    for broken in (b"", signature[:-1], bytes(64), b"\xff" * 64):
        with pytest.raises(BadSignature):
            p256.verify_message(p256.point_of(key), broken, b"GET\n/v1/till/me")


SITE = PasskeySite("https://monnaie.example:8443")


@pytest.mark.parametrize(
    ("relying_party", "origin", "is_ours"),
    [
        ("monnaie.example", "https://monnaie.example:8443", True),
        ("evil.example", "https://monnaie.example:8443", False),
        ("monnaie.example", "https://evil.example", False),
        ("monnaie.example", "https://monnaie.example", False),
        ("monnaie.example", 'https://monnaie.example:8443","crossOrigin":true,"x":"', False),
        ("monnaie.example", '","origin":7,"x":"', False),
    ],
)
def test_a_passkey_signs_on_its_own_site_alone(relying_party: str, origin: str, is_ours: bool) -> None:
    envelope = sign_passkey(p256.private_key_of(7), DIGEST, relying_party=relying_party, origin=origin)
    assert signer_address(parse_envelope(envelope), DIGEST)  # signed well, wherever
    if is_ours:
        SITE.check(parse_envelope(envelope))
    else:
        with pytest.raises(BadSignature):
            SITE.check(parse_envelope(envelope))


def test_other_envelopes_know_no_site() -> None:
    SITE.check(parse_envelope(sign_p256(p256.private_key_of(7), DIGEST)))
