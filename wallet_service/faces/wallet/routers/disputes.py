"""Contested payments: contesting, the other side's answer with words and papers, withdrawing."""

from __future__ import annotations

from fastapi import APIRouter, Depends, UploadFile

from wallet_service.accounts.errors import CopyCatchingUp
from wallet_service.disputes import errors
from wallet_service.disputes.decisions import CONTEST_DAYS, LEAST_DISPUTED_CENTS
from wallet_service.disputes.schemas import (
    ContestBody,
    DisputeAnswer,
    DisputeAnswerBody,
    DisputesAnswer,
    shown,
)
from wallet_service.disputes.service import Contest
from wallet_service.faces.shell.rate_limits import (
    DOCUMENT_UPLOAD,
    DOCUMENT_UPLOAD_OF_MEMBER,
    WRITING_OF_MEMBER,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.identity.errors import (
    DocumentTooHeavy,
    DocumentTooLarge,
    DocumentTooManyPages,
    DocumentTooManyPixels,
    DocumentTypeRefused,
)
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.errors import WordInvalid
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(prefix="/v1/me/disputes", tags=["disputes"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]


@router.get("")
def disputes(member: CurrentMember, services: ServicesOf) -> DisputesAnswer:
    """Newest first: those the member opened, those about a payment to them, those that hold their money."""
    found = services.disputes.reader.of_member(member.member_id)
    return DisputesAnswer(
        disputes=[shown(each) for each in found],
        contest_days=CONTEST_DAYS,
        least_cents=LEAST_DISPUTED_CENTS,
    )


@router.post(
    "",
    status_code=201,
    dependencies=WRITING,
    responses=refuses(
        WordInvalid,
        CopyCatchingUp,
        errors.WordsTooLong,
        errors.PaymentNotYours,
        errors.NotContestable,
        errors.ContestTooLate,
        errors.NothingToContest,
        errors.TooManyDisputes,
        errors.TooManyDismissed,
    ),
)
def contest(body: ContestBody, member: CurrentMember, services: ServicesOf) -> DisputeAnswer:
    """Contests a payment: its sum is held, as far as it is there, until an officer has decided."""
    asked = Contest(body.payment_ref, body.reason, body.words)
    dispute_id = services.disputes.members.contest(member.member_id, asked)
    return shown(services.disputes.reader.one(member.member_id, dispute_id))


@router.get("/{dispute_id}", responses=refuses(errors.DisputeUnknown))
def dispute(dispute_id: str, member: CurrentMember, services: ServicesOf) -> DisputeAnswer:
    """One that concerns the member."""
    return shown(services.disputes.reader.one(member.member_id, dispute_id))


@router.post(
    "/{dispute_id}/answer",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(
        errors.WordsTooLong, errors.DisputeUnknown, errors.DisputeClosed, errors.AnsweredAlready
    ),
)
def answer(dispute_id: str, body: DisputeAnswerBody, member: CurrentMember, services: ServicesOf) -> None:
    """The payee's side, once. To agree moves no money: it is signed like any payment, or taken by order."""
    services.disputes.members.answer(member.member_id, dispute_id, body.words, agrees=body.agrees)


@router.post(
    "/{dispute_id}/withdraw",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.DisputeUnknown, errors.DisputeClosed),
)
def withdraw(dispute_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """The payer contests it no longer: nothing is held any more."""
    services.disputes.members.withdraw(member.member_id, dispute_id)


@router.post(
    "/{dispute_id}/documents",
    status_code=201,
    dependencies=[Depends(limited(DOCUMENT_UPLOAD)), Depends(member_limited(DOCUMENT_UPLOAD_OF_MEMBER))],
    responses=refuses(
        DocumentTooLarge,
        DocumentTypeRefused,
        DocumentTooManyPixels,
        DocumentTooManyPages,
        DocumentTooHeavy,
        errors.TooManyPapers,
        errors.DisputeUnknown,
        errors.DisputeClosed,
        WorkBusy,
        WorkOneAtATime,
    ),
)
def show_document(
    dispute_id: str, document: UploadFile, member: CurrentMember, services: ServicesOf
) -> DisputeAnswer:
    """Papers of payer or payee for the officer: one picture (JPEG, PNG) or PDF of at most 8 MB.

    Kept is a drawing of it, sealed; the other side does not see it.
    """
    content = document.file.read(MAX_DOCUMENT_BYTES + 1)
    services.disputes.papers.show(member.member_id, dispute_id, content)
    return shown(services.disputes.reader.one(member.member_id, dispute_id))
