"""What the `schemas.py` of every subject are made of: the two base models and the fields they share.

Owns the form of a wire value (cents, moments, addresses, keys, signatures) and its description in
docs/openapi.json. Must not know a subject, nor FastAPI.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wallet_service.protocol.signing.envelope import MAX_ENVELOPE_BYTES
from wallet_service.protocol.text.lines import one_line
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS

#: JSON numbers are exact up to here (RFC 8259, 6: IEEE 754 doubles).
MAX_EXACT_INTEGER = 2**53
#: 2**256 - 1 in decimal digits: the widest number of the ledger.
MAX_NONCE_DIGITS = 78
#: r ‖ s of P-256 is 64 bytes: 86 base64url characters without padding; a little room for other writers.
MIN_SIGNATURE_CHARACTERS = 80
MAX_SIGNATURE_CHARACTERS = 96


class Body(BaseModel):
    """What a client sends. An unknown field is refused: a typing mistake must not be silently dropped."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What the service answers. Every field is always there; what has no value is null."""

    model_config = ConfigDict(from_attributes=True)


Cents = Annotated[int, Field(ge=0, description="Integer euro cents; one unit of the currency is 100.")]
SignedCents = Annotated[
    int, Field(description="Integer euro cents; negative when money leaves the member's account.")
]
#: In a body: an amount of one operation. A float or a text is refused, whatever its value.
AmountCents = Annotated[
    int,
    Field(gt=0, le=MAX_AMOUNT_CENTS, strict=True, description="Integer euro cents, more than 0."),
]
UnixMs = Annotated[
    int, Field(ge=0, description="A moment in milliseconds since 1970-01-01 UTC, by the service's clock.")
]
UnixS = Annotated[int, Field(ge=0, description="A moment in seconds since 1970-01-01 UTC.")]
#: In a body: the last second of a signed message, as the ledger compares it with its block.
ValidBeforeUnixS = Annotated[
    int,
    Field(
        gt=0,
        le=MAX_EXACT_INTEGER,
        strict=True,
        description="Seconds since 1970-01-01 UTC; the ledger refuses the message from then on.",
    ),
]
UnixDay = Annotated[int, Field(ge=0, description="A day, in days since 1970-01-01 UTC.")]
Seconds = Annotated[int, Field(ge=0, description="A duration in seconds.")]
BasisPoints = Annotated[int, Field(ge=0, description="Hundredths of a percent: 10000 is the whole.")]

Address = Annotated[
    str, Field(pattern=r"^0x[0-9a-f]{40}$", description="An account of the ledger, lower-case 0x hex.")
]
Word = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$", description="32 bytes, lower-case 0x hex.")]
PublicKey = Annotated[
    str,
    Field(pattern=r"^0x[0-9a-f]{128}$", description="A P-256 point, x ‖ y (64 bytes), lower-case 0x hex."),
]
KeySignature = Annotated[
    str,
    Field(
        min_length=MIN_SIGNATURE_CHARACTERS,
        max_length=MAX_SIGNATURE_CHARACTERS,
        description="r ‖ s (64 bytes, P-256 with SHA-256), base64url without padding.",
    ),
]
Envelope = Annotated[
    str,
    Field(
        max_length=2 + 2 * MAX_ENVELOPE_BYTES,
        description="The signature envelope of docs/protocol.md, 0x hex: a key's or a passkey's signature.",
    ),
]
Nonce = Annotated[
    str,
    Field(
        pattern=r"^\d+$",
        max_length=MAX_NONCE_DIGITS,
        description="The account's next number, decimal: a text, because it may pass what JSON numbers hold.",
    ),
]
ProofCode = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-F]{2}-[0-9A-F]{3}$",
        description="Five digits of keccak256(ref) that two people compare aloud.",
    ),
]
RefusalCode = Annotated[str, Field(description="A code of docs/errors.md.")]
RefusalDetail = Annotated[
    str, Field(description="The sentence of `refusal_code`, in the language of the request.")
]


def _one_line(text: str) -> str:
    """Raises ValueError, whose text goes nowhere: only the field is named."""
    line = one_line(text)
    if line is None:
        raise ValueError("a control or format character, or a heap of marks")
    return line


#: In a body: what people type and others read. Composed letters (NFC), single spaces; nothing unseen.
Line = Annotated[str, AfterValidator(_one_line)]
ClientReference = Annotated[
    str,
    Field(max_length=66, description="32 random bytes, 0x hex, made by the till before its first attempt."),
]
