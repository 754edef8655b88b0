"""What anybody may read of the reserve: supply against the attested euros."""

from __future__ import annotations

from pydantic import Field

from wallet_service.platform.schema import Address, Answer, BasisPoints, Cents, Seconds, UnixS, Word


class ReserveAnswer(Answer):
    """The last attestation beside the supply, from final blocks; nulls before the first attestation."""

    supply_cents: Cents = Field(description="Integer euro cents of units in circulation.")
    reserve_cents: Cents | None = Field(description="Integer euro cents attested.")
    as_of_unix_s: UnixS | None = Field(description="The moment the bank statement speaks of, unix seconds.")
    attested_at_unix_s: UnixS | None = Field(
        description="When the ledger took the attestation, unix seconds."
    )
    attestation_max_age_s: Seconds | None = Field(
        description="Seconds after which issuing stops without a newer one; counted from `as_of_unix_s`."
    )
    fresh_until_unix_s: UnixS | None = Field(description="`as_of_unix_s` plus the age allowed, unix seconds.")
    is_fresh: bool
    is_covered: bool = Field(description="The supply is at most the reserve.")
    coverage_basis_points: BasisPoints | None = Field(
        description="Reserve over supply in hundredths of a percent, rounded down; null without a supply."
    )
    statement_hash: Word | None = Field(description="keccak256 of the bank statement.")
    ledger: Address
    chain_id: int = Field(ge=0)
