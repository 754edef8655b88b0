"""What the API says of redeeming units for euros, and the signed order it takes. Professionals only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wallet_service.platform.schema import (
    AmountCents,
    Answer,
    Body,
    Cents,
    Envelope,
    Nonce,
    ProofCode,
    RefusalCode,
    UnixMs,
    ValidBeforeUnixS,
    Word,
)
from wallet_service.redemptions.decisions import RedemptionState

MAX_IBAN_CHARACTERS = 42  # 34 (ISO 13616), and spaces
Iban = Annotated[
    str, Field(max_length=MAX_IBAN_CHARACTERS, description="A SEPA account (ISO 13616), spaces allowed.")
]
MAX_HOLDER_CHARACTERS = 70  # what a transfer names (SEPA rulebook)
Holder = Annotated[
    str,
    Field(max_length=MAX_HOLDER_CHARACTERS, description="The account holder's name, as the bank knows it."),
]
IbanEnd = Annotated[str, Field(description="The last characters of the account: enough to know it again.")]


class QuoteBody(Body):
    """What would be redeemed, to which account."""

    amount_cents: AmountCents
    iban: Iban
    holder: Holder


class QuoteAnswer(Answer):
    """What it costs and takes. `payee_hash` goes into the message to sign."""

    amount_cents: Cents
    fee_cents: Cents = Field(description="Integer euro cents kept.")
    net_cents: Cents = Field(description="Integer euro cents that reach the account.")
    delay_days: int = Field(ge=0, description="Days until the transfer is made, at most.")
    payee_hash: Word
    iban_end: IbanEnd
    needs_passkey: bool


class RedemptionBody(Body):
    """A Redemption signed by the member's device (EIP-712); `ref` is made before the first attempt."""

    amount_cents: AmountCents
    iban: Iban
    holder: Holder
    ref: str = Field(max_length=66, description="32 random bytes, 0x hex.")
    nonce: Nonce
    valid_before_unix_s: ValidBeforeUnixS
    signature: Envelope


class RedemptionAnswer(Answer):
    """A redemption as its owner sees it; of the account only the end."""

    ref: Word
    amount_cents: Cents
    fee_cents: Cents
    net_cents: Cents
    state: RedemptionState
    iban_end: IbanEnd
    holder: str = Field(description='The account holder\'s name as it was given; "" when none was asked.')
    proof_code: ProofCode
    refusal_code: RefusalCode | None
    return_reason: str | None = Field(description="The bank's code when the transfer came back (ISO 20022).")
    requested_at_unix_ms: UnixMs
    locked_at_unix_ms: UnixMs | None = Field(description="When the ledger locked the units, unix ms.")
    closed_at_unix_ms: UnixMs | None = Field(description="When it was paid, refused or returned, unix ms.")
