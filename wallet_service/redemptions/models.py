"""What redemptions look like from outside: to their owner, to officers. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_service.redemptions.decisions import Quote, RedemptionState


@dataclass(frozen=True)
class MemberQuote:
    """What is shown before anything is signed. `payee_hash` goes into the message to sign."""

    quote: Quote
    payee_hash: str
    iban_end: str
    needs_passkey: bool


@dataclass(frozen=True)
class RedemptionView:
    """A redemption as its owner and the console see it; of the account only the ends.

    `held_reason`: why no payout file takes it until an officer has decided.
    """

    ref: str
    member_id: str
    public_name: str | None
    amount_cents: int
    fee_cents: int
    net_cents: int
    state: RedemptionState
    iban_end: str
    holder: str
    payout_file_id: str | None
    held_reason: str | None
    refusal_code: str | None
    return_reason: str | None
    requested_at_unix_ms: int
    locked_at_unix_ms: int | None
    closed_at_unix_ms: int | None
