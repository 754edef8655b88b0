"""The member's identity file: declare, add documents, submit."""

from __future__ import annotations

from fastapi import APIRouter, Depends, UploadFile

from wallet_service.faces.shell.rate_limits import (
    DECLARATION_OF_MEMBER,
    DOCUMENT_UPLOAD,
    DOCUMENT_UPLOAD_OF_MEMBER,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.identity import errors
from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.identity.proofs.schemas import ProofAnswer
from wallet_service.identity.schemas import (
    DeclarationBody,
    DeclaredIdentity,
    IdentityDocumentAnswer,
    IdentityFileAnswer,
)
from wallet_service.identity.states import Declaration
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["identity"])


@router.get("/v1/me/identity")
def identity(member: CurrentMember, services: ServicesOf) -> IdentityFileAnswer:
    """The member's own file, as they declared it."""
    opened, proved = services.identity.own_file(member.member_id), services.proofs.proof_of(member.member_id)
    proof = ProofAnswer.model_validate(proved) if proved else None
    if opened is None:
        return IdentityFileAnswer(
            state="none",
            declaration=None,
            documents=[],
            proof=proof,
            decision_reason=None,
            submitted_at_unix_ms=None,
            decided_at_unix_ms=None,
        )
    return IdentityFileAnswer(
        state=opened.summary.state.value,
        declaration=DeclaredIdentity.model_validate(opened.identity) if opened.identity else None,
        documents=[IdentityDocumentAnswer.model_validate(document) for document in opened.documents],
        proof=proof,
        decision_reason=opened.summary.decision_reason,
        submitted_at_unix_ms=opened.summary.submitted_at_unix_ms,
        decided_at_unix_ms=opened.summary.decided_at_unix_ms,
    )


@router.post(
    "/v1/me/identity",
    dependencies=[Depends(member_limited(DECLARATION_OF_MEMBER))],
    responses=refuses(
        errors.DeclarationInvalid,
        errors.BirthDateRefused,
        errors.IdentityUnderReview,
        errors.IdentityNotForProfessionals,
    ),
)
def declare(body: DeclarationBody, member: CurrentMember, services: ServicesOf) -> IdentityFileAnswer:
    """Declares an identity: tier *declared* follows once the ledger has it."""
    services.identity.declare(member.member_id, Declaration(**body.model_dump()))
    return identity(member, services)


@router.post(
    "/v1/me/identity/documents",
    status_code=201,
    dependencies=[Depends(limited(DOCUMENT_UPLOAD)), Depends(member_limited(DOCUMENT_UPLOAD_OF_MEMBER))],
    responses=refuses(
        errors.DocumentTooLarge,
        errors.DocumentTypeRefused,
        errors.DocumentTooManyPixels,
        errors.DocumentTooManyPages,
        errors.DocumentTooHeavy,
        errors.TooManyDocuments,
        errors.IdentityFileIncomplete,
        errors.IdentityUnderReview,
        WorkBusy,
        WorkOneAtATime,
    ),
)
def add_document(document: UploadFile, member: CurrentMember, services: ServicesOf) -> IdentityDocumentAnswer:
    """One picture (JPEG, PNG) or PDF of at most 8 MB; the name and type the sender gives are ignored.

    Kept is a drawing of it: the picture, or a PDF of its pages as pictures.
    """
    content = document.file.read(MAX_DOCUMENT_BYTES + 1)
    return IdentityDocumentAnswer.model_validate(services.identity.add_document(member.member_id, content))


@router.delete(
    "/v1/me/identity/documents/{document_id}",
    status_code=204,
    dependencies=[Depends(member_limited(DOCUMENT_UPLOAD_OF_MEMBER))],
    responses=refuses(errors.DocumentUnknown, errors.IdentityUnderReview),
)
def remove_document(document_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """A wrong page, before the file is handed in."""
    services.identity.remove_document(member.member_id, document_id)


@router.post(
    "/v1/me/identity/submit",
    dependencies=[Depends(member_limited(DECLARATION_OF_MEMBER))],
    responses=refuses(errors.IdentityFileIncomplete, errors.IdentityFileTransition),
)
def submit(member: CurrentMember, services: ServicesOf) -> IdentityFileAnswer:
    """Hands the file to the officers."""
    services.identity.submit(member.member_id)
    return identity(member, services)
