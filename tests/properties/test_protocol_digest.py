"""The hand-written digest equals eth_account's, for any message and any domain.

Signatures always come back.
"""

from __future__ import annotations

import contextlib

import coincurve
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from wallet_service.protocol.amount_text import format_amount
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing import p256
from wallet_service.protocol.signing.envelope import (
    p256_address,
    parse_envelope,
    secp256k1_address,
    sign_p256,
    sign_passkey,
    sign_secp256k1,
    signer_address,
)
from wallet_service.protocol.signing.typed_data import Domain, PaymentMessage, RedemptionMessage
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS, parse_amount
from wallet_service.protocol.text.qr import parse_sale_qr, sale_url
from wallet_service.protocol.text.references import (
    normal_topup_reference,
    topup_reference,
    topup_references_in,
)

ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
WORD = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
UINT256 = st.one_of(st.integers(0, 2**256 - 1), st.integers(0, 2**41), st.sampled_from([0, 2**256 - 1]))
DOMAIN = st.builds(Domain, st.text(max_size=40), st.text(max_size=8), st.integers(1, 2**63), ADDRESS)
PAYMENT = st.builds(PaymentMessage, ADDRESS, ADDRESS, UINT256, WORD, UINT256, UINT256)
REDEMPTION = st.builds(RedemptionMessage, ADDRESS, UINT256, WORD, WORD, UINT256, UINT256)


def _reference_digest(domain: Domain, primary: str, fields: list[tuple[str, str, object]]) -> bytes:
    signable = encode_typed_data(
        {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
        },
        {primary: [{"name": name, "type": kind} for name, kind, _ in fields]},
        {name: value for name, _, value in fields},
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@settings(max_examples=200, deadline=None)
@given(DOMAIN, PAYMENT)
def test_a_payments_digest_is_eth_accounts(domain: Domain, message: PaymentMessage) -> None:
    assert message.digest(domain) == _reference_digest(
        domain,
        "Payment",
        [
            ("from", "address", message.from_address),
            ("to", "address", message.to_address),
            ("value", "uint256", message.value),
            ("ref", "bytes32", bytes.fromhex(message.ref[2:])),
            ("validBefore", "uint256", message.valid_before),
            ("nonce", "uint256", message.nonce),
        ],
    )


@settings(max_examples=200, deadline=None)
@given(DOMAIN, REDEMPTION)
def test_a_redemptions_digest_is_eth_accounts(domain: Domain, message: RedemptionMessage) -> None:
    assert message.digest(domain) == _reference_digest(
        domain,
        "Redemption",
        [
            ("from", "address", message.from_address),
            ("value", "uint256", message.value),
            ("payeeHash", "bytes32", bytes.fromhex(message.payee_hash[2:])),
            ("ref", "bytes32", bytes.fromhex(message.ref[2:])),
            ("validBefore", "uint256", message.valid_before),
            ("nonce", "uint256", message.nonce),
        ],
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(1, p256.ORDER - 1), st.binary(min_size=32, max_size=32))
def test_what_a_key_signs_is_its_own(secret: int, digest: bytes) -> None:
    device = p256.private_key_of(secret)
    assert signer_address(parse_envelope(sign_p256(device, digest)), digest) == p256_address(device)
    assert signer_address(parse_envelope(sign_passkey(device, digest)), digest) == p256_address(device)
    account = coincurve.PrivateKey((secret % (2**255) or 1).to_bytes(32, "big"))
    envelope = sign_secp256k1(account, digest)
    assert signer_address(parse_envelope(envelope), digest) == secp256k1_address(account)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([b"", b"\x01", b"\x02", b"\x03"]))
def test_any_bytes_are_parsed_or_refused_never_a_crash(data: bytes, head: bytes) -> None:
    with contextlib.suppress(BadSignature):
        signer_address(parse_envelope(head + data), bytes(32))


@given(st.integers(1, MAX_AMOUNT_CENTS))
def test_a_shown_amount_reads_back(amount_cents: int) -> None:
    assert parse_amount(format_amount(amount_cents, "fr")) == amount_cents
    assert parse_amount(format_amount(amount_cents, "en").replace(",", "")) == amount_cents


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16))
def test_any_sale_id_survives_its_qr(sale_id: str) -> None:
    assert parse_sale_qr(sale_url("http://localhost:8401", sale_id), "http://localhost:8401") == sale_id


@given(
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21),
    st.text("abc ,.", max_size=20),
    st.text("xyz ,.", max_size=20),
)
def test_a_reference_is_found_among_words(serial: str, before: str, after: str) -> None:
    reference = topup_reference(serial)
    assert normal_topup_reference(reference) == reference
    assert topup_references_in(f"{before}, {reference}, {after}") == [reference]
