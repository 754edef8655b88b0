"""Keys and envelopes for contract tests. Owns a second, independent writing of what wallets sign.

Nothing here comes from wallet_service: a fault shared by both sides would stay unseen. The golden vectors
tie all of them together (test_vectors.py).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_account import Account
from eth_utils import keccak, to_checksum_address

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SECP256K1, P256, PASSKEY = 1, 2, 3
# The first byte of a passkey's short form.
COMPACT_PASSKEY = 5
KINDS = (SECP256K1, P256, PASSKEY)
USER_PRESENT_AND_VERIFIED = 0x05

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
PAYMENT_TYPE = "Payment(address from,address to,uint256 value,bytes32 ref,uint256 validBefore,uint256 nonce)"
REDEMPTION_TYPE = (
    "Redemption(address from,uint256 value,bytes32 payeeHash,bytes32 ref,uint256 validBefore,uint256 nonce)"
)

CAMPAIGN_TYPE = (
    "CampaignTerms(address funder,uint256 amount,bytes32 ref,uint256 startsAt,uint256 endsAt,"
    "uint256 perPersonCap,uint256 shareBasisPoints,uint256 payerTiers,uint256 payeeSectors,"
    "bool payersListed,bool payeesListed,uint256 validBefore,uint256 nonce)"
)
BENEFIT_TYPE = (
    "BenefitPayment(address from,address to,uint256 value,bytes32 ref,uint256 validBefore,uint256 nonce,"
    "bytes32 campaign,uint256 maxOwn)"
)
ADDITION_TYPE = (
    "SignerAddition(address account,address signer,uint8 signerKind,uint256 maxPayment,uint256 maxPerDay,"
    "uint256 expiresAt,uint256 validBefore,uint256 nonce)"
)


def word(number: int) -> bytes:
    """A number as 32 bytes, big-endian."""
    return number.to_bytes(32, "big")


@dataclass(frozen=True)
class SigningKey:
    """A key of one kind (1 secp256k1, 2 P-256, 3 passkey), derived from a label so that runs repeat."""

    label: str
    kind: int
    secret: int = field(init=False, repr=False)
    x: bytes = field(init=False, repr=False)
    y: bytes = field(init=False, repr=False)
    address: str = field(init=False)

    def __post_init__(self) -> None:
        order = SECP256K1_ORDER if self.kind == SECP256K1 else P256_ORDER
        secret = (
            int.from_bytes(keccak(text=f"contract tests/{self.kind}/{self.label}"), "big") % (order - 1) + 1
        )
        if self.kind == SECP256K1:
            public = Account.from_key(word(secret))._key_obj.public_key.to_bytes()
            x, y = public[:32], public[32:]
        else:
            point = ECC.construct(curve="P-256", d=secret).pointQ
            x, y = word(int(point.x)), word(int(point.y))
        for name, value in (("secret", secret), ("x", x), ("y", y)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "address", to_checksum_address(keccak(x + y)[-20:]))

    def sign(self, digest: bytes, **options: Any) -> bytes:
        """The envelope of a signature over `digest`."""
        if self.kind == SECP256K1:
            signed = Account.unsafe_sign_hash(digest, word(self.secret))
            return bytes([SECP256K1]) + word(signed.r) + word(signed.s) + bytes([signed.v])
        if self.kind == P256:
            return bytes([P256]) + self.x + self.y + self._p256(digest)
        return self._passkey(digest, **options)

    def vrs(self, digest: bytes) -> tuple[int, bytes, bytes]:
        """(v, r, s) of a secp256k1 key, as EIP-3009 takes them."""
        envelope = self.sign(digest)
        return envelope[65], envelope[1:33], envelope[33:65]

    def _p256(self, message: bytes) -> bytes:
        key = ECC.construct(curve="P-256", d=self.secret)
        raw = DSS.new(key, "deterministic-rfc6979").sign(SHA256.new(message))
        s = int.from_bytes(raw[32:], "big")
        return raw[:32] + word(min(s, P256_ORDER - s))

    def _passkey(self, digest: bytes, flags: int = USER_PRESENT_AND_VERIFIED, **changed: Any) -> bytes:
        """A WebAuthn assertion; `changed` may give challenge_index, type_index or client_data."""
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        client = changed.get(
            "client_data",
            f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://wallet.example"}}',
        )
        authenticator = hashlib.sha256(b"wallet.example").digest() + bytes([flags]) + word(7)[-4:]
        signature = self._p256(authenticator + hashlib.sha256(client.encode()).digest())
        tail = encode(
            ["bytes", "string", "uint256", "uint256"],
            [
                authenticator,
                client,
                changed.get("challenge_index", client.find('"challenge"')),
                changed.get("type_index", client.find('"type"')),
            ],
        )
        return bytes([PASSKEY]) + self.x + self.y + signature + tail


def compacted(envelope: bytes) -> bytes:
    """A passkey's envelope in its short form, where it has one; any other as it is."""
    if envelope[:1] != bytes([PASSKEY]) or len(envelope) < 129:
        return envelope
    try:
        data, client, *indices = decode(["bytes", "bytes", "uint256", "uint256"], envelope[129:])
    except (DecodingError, OverflowError):
        return envelope
    opening, tail = client[:36], client[79:]
    is_usual = opening == b'{"type":"webauthn.get","challenge":"' and indices == [23, 1]
    if not is_usual or tail[:1] != b'"' or len(data) > 255:
        return envelope
    return bytes([COMPACT_PASSKEY]) + envelope[1:129] + bytes([len(data)]) + data + tail


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain of a ledger."""

    name: str
    chain_id: int
    ledger: str
    version: str = "1"

    def separator(self) -> bytes:
        """The domain separator."""
        return keccak(
            keccak(text=DOMAIN_TYPE)
            + keccak(text=self.name)
            + keccak(text=self.version)
            + word(self.chain_id)
            + encode(["address"], [self.ledger])
        )

    def digest(self, struct_hash: bytes) -> bytes:
        """What is signed for a struct."""
        return keccak(b"\x19\x01" + self.separator() + struct_hash)


@dataclass(frozen=True)
class Payment:
    """The struct a payer signs; cents and unix seconds."""

    payer: str
    payee: str
    value: int
    ref: bytes
    valid_before: int
    nonce: int

    def fields(self) -> tuple[Any, ...]:
        """The struct as the ABI takes it."""
        return (self.payer, self.payee, self.value, self.ref, self.valid_before, self.nonce)

    def struct_hash(self) -> bytes:
        """EIP-712 hashStruct."""
        types = ["bytes32", "address", "address", "uint256", "bytes32", "uint256", "uint256"]
        return keccak(encode(types, [keccak(text=PAYMENT_TYPE), *self.fields()]))

    def changed(self, **changes: Any) -> Payment:
        """The same with other fields: a forgery when sent with the old signature."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Redemption:
    """The struct a professional signs; cents and unix seconds."""

    account: str
    value: int
    payee_hash: bytes
    ref: bytes
    valid_before: int
    nonce: int

    def fields(self) -> tuple[Any, ...]:
        """The struct as the ABI takes it."""
        return (self.account, self.value, self.payee_hash, self.ref, self.valid_before, self.nonce)

    def struct_hash(self) -> bytes:
        """EIP-712 hashStruct."""
        types = ["bytes32", "address", "uint256", "bytes32", "bytes32", "uint256", "uint256"]
        return keccak(encode(types, [keccak(text=REDEMPTION_TYPE), *self.fields()]))

    def changed(self, **changes: Any) -> Redemption:
        """The same with other fields."""
        return replace(self, **changes)


@dataclass(frozen=True)
class CampaignTerms:
    """The struct a funder signs to escrow money; cents and unix seconds."""

    funder: str
    amount: int
    ref: bytes
    starts_at: int
    ends_at: int
    per_person_cap: int
    share_basis_points: int
    payer_tiers: int
    payee_sectors: int
    payers_listed: bool
    payees_listed: bool
    valid_before: int
    nonce: int

    def fields(self) -> tuple[Any, ...]:
        """The struct as the ABI takes it."""
        return tuple(vars(self).values())

    def struct_hash(self) -> bytes:
        """EIP-712 hashStruct."""
        types = ["address", "uint256", "bytes32", *["uint256"] * 6, "bool", "bool", "uint256", "uint256"]
        return keccak(encode(["bytes32", *types], [keccak(text=CAMPAIGN_TYPE), *self.fields()]))

    def changed(self, **changes: Any) -> CampaignTerms:
        """The same with other fields."""
        return replace(self, **changes)


@dataclass(frozen=True)
class BenefitPayment:
    """The struct a payer signs to spend a campaign's money first; cents and unix seconds."""

    payer: str
    payee: str
    value: int
    ref: bytes
    valid_before: int
    nonce: int
    campaign: bytes
    max_own: int

    def fields(self) -> tuple[Any, ...]:
        """The struct as the ABI takes it."""
        return tuple(vars(self).values())

    def struct_hash(self) -> bytes:
        """EIP-712 hashStruct."""
        types = ["address", "address", "uint256", "bytes32", "uint256", "uint256", "bytes32", "uint256"]
        return keccak(encode(["bytes32", *types], [keccak(text=BENEFIT_TYPE), *self.fields()]))

    def changed(self, **changes: Any) -> BenefitPayment:
        """The same with other fields."""
        return replace(self, **changes)


@dataclass(frozen=True)
class SignerAddition:
    """The struct by which an account takes on a further key; cents and unix seconds, 0 = no such limit."""

    account: str
    signer: str
    kind: int
    max_payment: int
    max_per_day: int
    expires_at: int
    valid_before: int
    nonce: int

    def fields(self) -> tuple[Any, ...]:
        """What `addLimitedSigner` takes before the signature."""
        return tuple(vars(self).values())

    def unlimited(self) -> tuple[Any, ...]:
        """What `addSigner` takes before the signature."""
        return self.account, self.signer, self.kind, self.valid_before, self.nonce

    def struct_hash(self) -> bytes:
        """EIP-712 hashStruct."""
        types = ["address", "address", "uint8", *["uint256"] * 5]
        return keccak(encode(["bytes32", *types], [keccak(text=ADDITION_TYPE), *self.fields()]))

    def changed(self, **changes: Any) -> SignerAddition:
        """The same with other fields."""
        return replace(self, **changes)
