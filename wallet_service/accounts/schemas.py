"""What the API says of an account's money: balance, limits, passkey floors. Cents throughout."""

from __future__ import annotations

from pydantic import Field

from wallet_service.platform.schema import Answer, Cents, UnixMs


class AccountBalance(Answer):
    """What an account holds and what of it can be spent."""

    posted_cents: Cents = Field(description="Integer euro cents in final blocks of the ledger.")
    reserved_cents: Cents = Field(
        description="Integer euro cents held for accepted payments and redemptions under way."
    )
    held_back_cents: Cents = Field(
        description="Integer euro cents that are here and cannot be spent: of credits that the bank took "
        "back, only to be given back; of payments that are contested, until that is decided."
    )
    disputed_cents: Cents = Field(
        description="Integer euro cents of those held back: for contested payments."
    )
    available_cents: int = Field(
        description="Integer euro cents: posted less reserved and held back. Below 0 when the ledger moved "
        "money that was already reserved (a forced transfer, a payment somebody else relayed)."
    )


class AccountLimits(Answer):
    """The ledger's limits of a tier (CMF L525-6 and R561-16-1); 0 means no limit."""

    max_balance_cents: Cents = Field(description="Integer euro cents an account may hold.")
    max_payment_cents: Cents = Field(description="Integer euro cents of one payment.")
    max_day_cents: Cents = Field(description="Integer euro cents spent in one day, UTC as on the ledger.")
    max_30_days_cents: Cents = Field(description="Integer euro cents spent in the last thirty days.")


class OwnCapsValues(Answer):
    """What a member lets themselves spend; 0 means no cap."""

    per_payment_cents: Cents = Field(description="Integer euro cents of one payment.")
    per_day_cents: Cents = Field(description="Integer euro cents spent in one day, UTC.")
    per_30_days_cents: Cents = Field(description="Integer euro cents spent in the last thirty days.")


class OwnCapsAnswer(Answer):
    """A member's own caps: those of now, and the higher ones that wait a day."""

    now: OwnCapsValues
    next: OwnCapsValues | None
    next_from_unix_ms: UnixMs | None = Field(description="When `next` counts, unix ms.")


class PasskeyThresholds(Answer):
    """Above these amounts only a passkey may sign (the ledger's `setPasskeyFloors`); 0 means never."""

    per_payment_cents: Cents = Field(description="Integer euro cents of one payment.")
    per_day_cents: Cents = Field(description="Integer euro cents spent in one day with the payment, UTC.")
