"""What the API says of a payment, and the signed order it takes. Cents and unix times throughout."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from wallet_service.platform.schema import (
    AmountCents,
    Answer,
    Body,
    Cents,
    Envelope,
    Nonce,
    ProofCode,
    RefusalCode,
    RefusalDetail,
    UnixMs,
    ValidBeforeUnixS,
    Word,
)

#: In a body addresses and words may be written in any case; they are normalised before they are compared.
TypedAddress = Annotated[str, Field(max_length=42, description="An account of the ledger, 0x hex.")]
TypedWord = Annotated[
    str, Field(max_length=66, description="32 random bytes, 0x hex, made before the first try.")
]


class PaymentBody(Body):
    """A Payment signed by the member's device (EIP-712), and what it is for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_address: TypedAddress = Field(alias="from")
    to_address: TypedAddress = Field(alias="to")
    amount_cents: AmountCents
    ref: TypedWord
    valid_before_unix_s: ValidBeforeUnixS
    nonce: Nonce
    signature: Envelope
    sale_id: str | None = Field(default=None, max_length=16, description="The sale this pays.")
    refund_request_id: str | None = Field(
        default=None, max_length=32, description="The refund request this answers."
    )
    ask_part_id: str | None = Field(
        default=None, max_length=32, description="The part of an ask, or the send, this pays."
    )


class PaymentAnswer(Answer):
    """A payment as its payer and its payee see it, without the other's name."""

    ref: Word
    state: Literal["confirming", "paid", "refused"] = Field(
        description="`confirming` until the ledger has answered; the other two are the last word."
    )
    amount_cents: Cents
    proof_code: ProofCode
    sale_id: str | None
    refusal_code: RefusalCode | None
    refusal_detail: RefusalDetail | None
    accepted_at_unix_ms: UnixMs
    final_at_unix_ms: UnixMs | None = Field(description="When its block was made, unix ms.")
