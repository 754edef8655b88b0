"""A lost phone: asking from any browser, objecting from an old device, the code kept on paper."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile

from wallet_service.accounts.errors import KeySuspended
from wallet_service.faces.shell.rate_limits import (
    DOCUMENT_OF_RECOVERY,
    DOCUMENT_UPLOAD,
    RECOVERY,
    RECOVERY_CODE_OF_SPACE,
    RECOVERY_OF_REFERENCE,
    RECOVERY_PROGRESS,
    WRITING_OF_MEMBER,
    check_code,
    check_text,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, FreshMember, ServicesOf
from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.identity.errors import (
    DocumentTooHeavy,
    DocumentTooLarge,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentTypeRefused,
)
from wallet_service.members.errors import DeviceKnown, ProofInvalid
from wallet_service.oversight.errors import FreezePasskeyNeeded
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.recoveries import errors
from wallet_service.recoveries.models import NewRecovery
from wallet_service.recoveries.schemas import (
    NewRecoveryCodeAnswer,
    RecoveryAnswer,
    RecoveryBody,
    RecoveryCodeAnswer,
    RecoveryCodeBody,
    RecoveryToken,
    RecoveryTokenBody,
    RecoveryWithCodeBody,
    VetoBody,
)
from wallet_service.security.errors import KeyInvalid

router = APIRouter(tags=["recoveries"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.post(
    "/v1/recoveries",
    status_code=202,
    dependencies=[Depends(limited(RECOVERY))],
    responses=refuses(KeyInvalid, ProofInvalid, DeviceKnown),
)
def ask_recovery(body: RecoveryBody, request: Request, services: ServicesOf) -> RecoveryAnswer:
    """Asks for new keys for an account and stops what leaves it; answered alike where there is none."""
    check_text(request, RECOVERY_OF_REFERENCE, body.reference)
    phones = services.recoveries.phones
    phones.ask(NewRecovery(body.token, body.public_key, body.proof, body.label), body.reference)
    return RecoveryAnswer.model_validate(phones.progress(body.token))


@router.post(
    "/v1/recoveries/code",
    status_code=202,
    dependencies=[Depends(limited(RECOVERY))],
    responses=refuses(KeyInvalid, ProofInvalid, DeviceKnown, errors.RecoveryCodeRefused),
)
def ask_recovery_with_code(
    body: RecoveryWithCodeBody, request: Request, services: ServicesOf
) -> RecoveryAnswer:
    """The same with a code kept on paper: for a visitor nobody needs to look."""
    check_code(request, RECOVERY_CODE_OF_SPACE, body.code)
    phones = services.recoveries.phones
    phones.ask_with_code(NewRecovery(body.token, body.public_key, body.proof, body.label), body.code)
    return RecoveryAnswer.model_validate(phones.progress(body.token))


@router.post(
    "/v1/recoveries/documents",
    status_code=202,
    dependencies=[Depends(limited(DOCUMENT_UPLOAD))],
    responses=refuses(
        errors.RecoveryMoved,
        DocumentTooLarge,
        DocumentTypeRefused,
        DocumentTooManyPixels,
        DocumentTooManyPages,
        DocumentTooHeavy,
        WorkBusy,
        WorkOneAtATime,
    ),
)
def show_recovery_document(
    token: Annotated[RecoveryToken, Form()], document: UploadFile, request: Request, services: ServicesOf
) -> RecoveryAnswer:
    """Papers for the officer who decides about that request: one picture (JPEG, PNG) or PDF of at most 8 MB.

    Answered alike where there is no such account. Kept is a drawing of it, sealed; the newest four.
    """
    check_text(request, DOCUMENT_OF_RECOVERY, token)
    services.recoveries.papers.show(token, document.file.read(MAX_DOCUMENT_BYTES + 1))
    return RecoveryAnswer.model_validate(services.recoveries.phones.progress(token))


@router.post("/v1/recoveries/progress", dependencies=[Depends(limited(RECOVERY_PROGRESS))])
def read_recovery(body: RecoveryTokenBody, services: ServicesOf) -> RecoveryAnswer:
    """How the request with this token stands; a POST, so that the token is in no address."""
    return RecoveryAnswer.model_validate(services.recoveries.phones.progress(body.token))


@router.post(
    "/v1/me/recoveries/deny", status_code=204, dependencies=WRITING, responses=refuses(FreezePasskeyNeeded)
)
def deny_recovery(member: FreshMember, services: ServicesOf) -> None:
    """The member has the phone: what only waits for an officer ends, and so does what it froze."""
    services.recoveries.phones.deny(member.member_id, by_passkey=member.by_passkey)


@router.post(
    "/v1/me/recoveries/{recovery_id}/veto",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.RecoveryUnknown, errors.RecoveryMoved, errors.VetoNotSigned, KeySuspended),
)
def veto_recovery(recovery_id: str, body: VetoBody, member: CurrentMember, services: ServicesOf) -> None:
    """Sends the signed objection of one of the account's keys to the ledger, which ends the recovery."""
    services.recoveries.phones.veto(member.member_id, recovery_id, body.signature)


@router.get("/v1/me/recovery-code")
def recovery_code(member: CurrentMember, services: ServicesOf) -> RecoveryCodeAnswer:
    """Whether this account has a code on paper that is good."""
    confirmed_at = services.recoveries.codes.confirmed_at_unix_ms(member.member_id)
    return RecoveryCodeAnswer(confirmed_at_unix_ms=confirmed_at)


@router.post("/v1/me/recovery-code", status_code=201, dependencies=WRITING)
def make_recovery_code(member: FreshMember, services: ServicesOf) -> NewRecoveryCodeAnswer:
    """A new code in place of the one before; good once it was typed back."""
    return NewRecoveryCodeAnswer(code=services.recoveries.codes.make(member.member_id))


@router.post(
    "/v1/me/recovery-code/confirm",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.RecoveryCodeRefused),
)
def confirm_recovery_code(body: RecoveryCodeBody, member: CurrentMember, services: ServicesOf) -> None:
    """Its owner has it on paper."""
    services.recoveries.codes.confirm(member.member_id, body.code)
