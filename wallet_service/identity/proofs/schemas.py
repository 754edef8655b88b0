"""What the API says of ways to prove an identity, and of a proof that was made."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wallet_service.platform.schema import Answer, Body, UnixMs

Provider = Literal["papers", "france_connect", "european_wallet"]
Level = Literal["seen", "substantial", "high"]


class OfferAnswer(Answer):
    """What one way takes, what stays with us, and what it gives."""

    provider: Provider
    takes: list[str] = Field(description="given_name, family_name, birth_date, address, document.")
    keeps: list[str] = Field(description="What of it is kept, sealed; the rest is thrown away at once.")
    level: Level
    is_immediate: bool = Field(description="The tier rises at once; otherwise an officer decides first.")
    can_show_code: bool = Field(description="Another device may answer, by a code this one shows.")


class OffersAnswer(Answer):
    """The ways offered here, papers always among them."""

    ways: list[OfferAnswer]
    kept_years: int = Field(ge=0, description="After the account is closed.")
    verified_years: int = Field(ge=0, description="How long a proof holds.")


class AttemptBody(Body):
    """Which way, and whether a wallet on another device is to answer."""

    provider: Literal["france_connect", "european_wallet"]
    is_elsewhere: bool = False


class AttemptAnswer(Answer):
    """Where to go now; the answer counts in the browser that began, once, until it expires."""

    provider: Provider
    address: str = Field(description="To open in this browser, or with a wallet.")
    expires_at_unix_ms: UnixMs


class ProofAnswer(Answer):
    """How the member's identity was proved last."""

    provider: Provider
    level: Level
    proved_at_unix_ms: UnixMs


class ProvedAnswer(Answer):
    """What came of the attempt; the tier follows once the ledger has it."""

    proof: ProofAnswer
    expires_on: str = Field(description="ISO 8601: until when it holds.")
    session_end_address: str | None = Field(
        description="Where the provider's own session is ended; to open in this browser, kept nowhere."
    )
