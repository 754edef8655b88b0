"""What the API takes and says of recoveries: to the phone that asked, and to the account itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL
from wallet_service.platform.schema import (
    Answer,
    Body,
    Cents,
    Envelope,
    KeySignature,
    Line,
    PublicKey,
    UnixMs,
    UnixS,
)

RecoveryToken = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="32 random bytes, base64url, made by the phone.",
    ),
]
TypedCode = Annotated[
    str, Field(min_length=16, max_length=40, description="As printed; case does not matter.")
]


class RecoveryTokenBody(Body):
    """Asks how things stand."""

    token: RecoveryToken


class _NewKeyBody(RecoveryTokenBody):
    """The phone that shall pay for the account from then on."""

    public_key: PublicKey
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: KeySignature = Field(
        description="By that key over `alba-recovery:`, `token`, `:` and `public_key`; base64url."
    )


class RecoveryBody(_NewKeyBody):
    """New keys are asked for an account, by what its owner may still know of it."""

    reference: Annotated[Line, Field(min_length=1, max_length=60)] = Field(
        description="A transfer reference (ISO 11649), or a member number: an id's first eight characters."
    )


class RecoveryWithCodeBody(_NewKeyBody):
    """The same with the code its owner has kept on paper."""

    code: TypedCode


class RecoveryAnswer(Answer):
    """How a request stands. One that is for no account stays `asked`."""

    state: Literal["asked", "proposing", "proposed", "vetoed", "cancelled", "executed", "lapsed"]
    request_number: str = Field(description="What an officer finds the request by.")
    executable_at_unix_s: UnixS | None = Field(description="When the account opens to the new phone.")
    balance_cents: Cents | None = Field(description="Null until somebody has looked at who asks.")


class VetoBody(Body):
    """The objection of one of the account's keys."""

    signature: Envelope = Field(description="Over `RecoveryVeto(account, number)` (EIP-712), 0x hex.")


class RecoveryCodeBody(Body):
    """The code, typed back from the paper."""

    code: TypedCode


class NewRecoveryCodeAnswer(Answer):
    """Shown once: only a digest is kept."""

    code: str


class RecoveryCodeAnswer(Answer):
    """Whether a code on paper is good for this account."""

    confirmed_at_unix_ms: UnixMs | None
