"""The member's identity file: declare, add documents, submit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.identity.file_states import Declaration
from wallet_service.web.rate_limits import DOCUMENT_UPLOAD, limited
from wallet_service.web.security import CurrentMember, ServicesOf

router = APIRouter(tags=["identity"])

Line = Annotated[str, Field(max_length=200)]


class DeclarationBody(BaseModel):
    """Kept sealed under the person's own key."""

    model_config = ConfigDict(extra="forbid")

    given_name: Line
    family_name: Line
    birth_date: Line
    address: Line
    postal_code: Line
    city: Line


@router.get("/v1/me/identity")
def identity(member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """The member's own file, as they declared it."""
    opened = services.identity.own_file(member.member_id)
    if opened is None:
        return {"state": "none", "declaration": None, "documents": [], "decision_reason": None}
    return {
        "state": opened.summary.state.value,
        "declaration": asdict(opened.identity) if opened.identity else None,
        "documents": [asdict(document) for document in opened.documents],
        "decision_reason": opened.summary.decision_reason,
        "submitted_at_unix_ms": opened.summary.submitted_at_unix_ms,
        "decided_at_unix_ms": opened.summary.decided_at_unix_ms,
    }


@router.post("/v1/me/identity")
def declare(body: DeclarationBody, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """Declares an identity: tier *declared* follows once the ledger has it."""
    services.identity.declare(member.member_id, Declaration(**body.model_dump()))
    return identity(member, services)


@router.post("/v1/me/identity/documents", status_code=201, dependencies=[Depends(limited(DOCUMENT_UPLOAD))])
def add_document(document: UploadFile, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """One picture (JPEG, PNG) or PDF of at most 8 MB; the name and type the sender gives are ignored."""
    content = document.file.read(MAX_DOCUMENT_BYTES + 1)
    return asdict(services.identity.add_document(member.member_id, content))


@router.post("/v1/me/identity/submit")
def submit(member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """Hands the file to the officers."""
    services.identity.submit(member.member_id)
    return identity(member, services)
