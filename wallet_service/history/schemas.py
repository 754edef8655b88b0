"""What the API says of a member's past: movements, searches, receipts and their check."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from wallet_service.history.search import MAX_MOVEMENTS_PER_PAGE, MAX_QUERY_CHARACTERS, Direction
from wallet_service.platform.schema import (
    MAX_EXACT_INTEGER,
    Address,
    AmountCents,
    Answer,
    Body,
    Cents,
    Line,
    ProofCode,
    RefusalCode,
    RefusalDetail,
    SignedCents,
    UnixMs,
    Word,
)

DEFAULT_MOVEMENTS = 30
RECEIPT_VERSION: Literal[1] = 1
#: In a body; JavaScript's whole numbers end here.
WholeNumber = Annotated[int, Field(ge=0, le=MAX_EXACT_INTEGER, strict=True)]
WantedMoment = Annotated[
    int, Field(ge=0, le=MAX_EXACT_INTEGER, strict=True, description="Milliseconds since 1970-01-01 UTC.")
]
TypedWord = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$", description="32 bytes, 0x hex.")]
TypedAddress = Annotated[
    str, Field(pattern=r"^0x[0-9a-fA-F]{40}$", description="An account of the ledger, 0x hex.")
]


class MovementAnswer(Answer):
    """One line of a member's history; what never reached a payee is not in the payee's."""

    ref: Word
    kind: Literal["payment_out", "payment_in", "refund_out", "refund_in", "topup", "redemption"]
    amount_cents: SignedCents
    counterparty_name: str | None = Field(description="Personal: the other's shown name.")
    state: Literal["confirming", "paid", "refused", "returned"]
    at_unix_ms: UnixMs
    sale_id: str | None
    label: str | None = Field(description="What the till wrote of the sale.")
    tip_cents: Cents = Field(description="Integer euro cents of a sale's payment that are a tip.")
    proof_code: ProofCode
    refund_of_ref: Word | None = Field(description="The payment that a refund gives back.")
    refunded_cents: Cents = Field(description="Integer euro cents of this payment that were given back.")
    refund_refs: list[Word] = Field(description="What gave back of this payment, oldest first.")
    refusal_code: RefusalCode | None
    refusal_detail: RefusalDetail | None
    fee_cents: Cents = Field(description="Integer euro cents kept of a redemption.")
    held_reason: str | None = Field(description="The code of what a top-up waits for.")
    message: str | None = Field(description="Personal: what came with a payment between people.")
    paid_by_name: str | None = Field(
        description="Personal: how the payer calls whom they let pay, where such a key signed it."
    )


class TakingsAnswer(Answer):
    """What a professional was paid since midnight, in the region's time; only what is paid."""

    taken_cents: Cents = Field(description="Integer euro cents, refunds not taken off.")
    payments: int = Field(ge=0)
    given_back_cents: Cents = Field(
        description="Integer euro cents refunded today, of whatever day's payments."
    )


class SearchBody(Body):
    """In a body, not in the address: what is looked for may be somebody's name, and addresses are logged."""

    query: Line = Field(
        default="",
        max_length=MAX_QUERY_CHARACTERS,
        description="Part of a name, an amount (`12,50`), a proof code (`A7-42F`) or a reference.",
    )
    direction: Direction = "all"
    since_unix_ms: WantedMoment | None = Field(default=None, description="This moment is within, unix ms.")
    until_unix_ms: WantedMoment | None = Field(default=None, description="This moment is not, unix ms.")
    before: WantedMoment | None = Field(
        default=None, description="`next_before` of the page before, unix ms; null for the first."
    )
    limit: int = Field(default=DEFAULT_MOVEMENTS, ge=1, le=MAX_MOVEMENTS_PER_PAGE, strict=True)


class MovementsFoundAnswer(Answer):
    """Movements that match, newest first; the last millisecond of a page is never cut in two."""

    movements: list[MovementAnswer]
    next_before: UnixMs | None = Field(description="Where to go on (`before`), unix ms; null at the end.")


class ReceiptAnswer(Answer):
    """What anybody needs to check one payment against the ledger. Nothing about people is in it."""

    kind: Literal["alba-receipt"]
    version: Literal[1]
    chain_id: int = Field(ge=0)
    ledger: Address
    ref: Word
    from_address: Address = Field(serialization_alias="from")
    to_address: Address = Field(serialization_alias="to")
    amount_cents: Cents
    block_number: int = Field(ge=0)
    transaction_hash: Word
    proof_code: ProofCode


class ReceiptBody(BaseModel):
    """A receipt as it was given; `kind`, `proof_code` and what else it holds for people is not looked at."""

    model_config = ConfigDict(extra="ignore")

    chain_id: WholeNumber
    ledger: TypedAddress
    ref: TypedWord
    from_address: TypedAddress = Field(alias="from")
    to_address: TypedAddress = Field(alias="to")
    amount_cents: AmountCents
    block_number: WholeNumber
    transaction_hash: TypedWord


class ReceiptCheckAnswer(Answer):
    """Whether the ledger says the same."""

    is_true: bool
    differences: list[str] = Field(
        description="The names of what the receipt says otherwise, never what the ledger says; `ref` for a "
        "payment it does not know, `form` for a receipt that is malformed."
    )
