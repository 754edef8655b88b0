"""What the API says of a member's identity file to that member. Personal throughout."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.identity.proofs.schemas import ProofAnswer
from wallet_service.platform.schema import Answer, Body, UnixMs

Line = Annotated[str, Field(max_length=200)]


class DeclarationBody(Body):
    """A declaration of identity (CMF R561-5); kept sealed under the person's own key."""

    given_name: Line
    family_name: Line
    birth_date: Line = Field(description="ISO 8601: 1988-02-03.")
    address: Line
    postal_code: Line = Field(description="Five digits.")
    city: Line


class DeclaredIdentity(Answer):
    """The declaration as it is kept: the same, its spaces cleaned."""

    given_name: str
    family_name: str
    birth_date: str = Field(description="ISO 8601: 1988-02-03.")
    address: str
    postal_code: str
    city: str


class IdentityDocumentAnswer(Answer):
    """A picture or PDF in the file, by what it really is."""

    id: str
    media_type: str = Field(description="As its content shows: image/jpeg, image/png or application/pdf.")
    size_bytes: int = Field(ge=0)
    uploaded_at_unix_ms: UnixMs


class IdentityFileAnswer(Answer):
    """The member's newest file; `none` when nothing was declared."""

    state: Literal["none", "draft", "submitted", "approved", "refused"]
    declaration: DeclaredIdentity | None
    documents: list[IdentityDocumentAnswer]
    proof: ProofAnswer | None = Field(description="How the identity was proved last.")
    decision_reason: str | None = Field(description="What the officer wrote.")
    submitted_at_unix_ms: UnixMs | None
    decided_at_unix_ms: UnixMs | None
