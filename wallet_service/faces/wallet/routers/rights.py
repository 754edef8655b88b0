"""What is held of a member, for that member; and the end of their account. No rule here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.papers import FileResponse, PdfFile, issuing_of
from wallet_service.faces.shell.rate_limits import DATA_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import (
    CurrentMember,
    FreshMember,
    MemberSession,
    ServicesOf,
    clear_session,
    close_session,
)
from wallet_service.members.errors import MemberStateRefused
from wallet_service.platform.journal import Actor
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.refusal_responses import refuses
from wallet_service.rights import errors, messages
from wallet_service.rights.erasure import CLOSED_ACT, DUE
from wallet_service.rights.schemas import (
    CertificateAnswer,
    ClosingAnswer,
    ClosingBody,
    HeldAnswer,
    HeldSectionAnswer,
    PersonalDataAnswer,
    RemovedAnswer,
)
from wallet_service.security.sealing import PersonErased

router = APIRouter(prefix="/v1/me", tags=["rights"])
OF_MEMBER = [Depends(member_limited(DATA_OF_MEMBER))]
#: In the journal beside the act.
GROUND = "demandé par le membre dans son portefeuille"


def owner(member: FreshMember, services: ServicesOf) -> MemberSession:
    """A member who has just shown who they are, by the passkey if there is one. Raises DataPasskeyNeeded."""
    services.access.check_shown(
        member.member_id, by_passkey=member.by_passkey, refusal=errors.DataPasskeyNeeded
    )
    return member


Owner = Annotated[MemberSession, Depends(owner)]


class JsonFile(FileResponse):
    media_type = "application/json"


@router.get("/data")
def held_data(request: Request, member: CurrentMember, services: ServicesOf) -> HeldAnswer:
    """What is held of the member, by heading: how much, why, until when (GDPR, article 15)."""
    language = language_of(request)
    words = messages.sections_in(language)
    sections = [
        HeldSectionAnswer(section=one.section, count=one.count, **asdict(words[one.section]))
        for one in services.rights.summary(member.member_id)
    ]
    return HeldAnswer(sections=sections, left_out=messages.paper_in(language).left_out)


@router.get(
    "/data.json",
    response_model=PersonalDataAnswer,
    dependencies=OF_MEMBER,
    responses=refuses(errors.DataPasskeyNeeded, PersonErased, WorkBusy, WorkOneAtATime),
)
def data_for_machines(member: Owner, services: ServicesOf) -> FileResponse:
    """Everything, whole, for another service to read (GDPR, article 20)."""
    paper = services.rights.as_json(member.member_id)
    return JsonFile(paper.content, paper.name)


@router.get(
    "/data.pdf",
    response_class=PdfFile,
    dependencies=OF_MEMBER,
    responses=refuses(errors.DataPasskeyNeeded, PersonErased, WorkBusy, WorkOneAtATime, errors.DataTooLong),
)
def data_for_people(request: Request, member: Owner, services: ServicesOf) -> FileResponse:
    """The same to read and print."""
    paper = services.rights.as_pdf(member.member_id, issuing_of(request), language_of(request))
    return PdfFile(paper.content, paper.name)


@router.get("/closing")
def closing(member: CurrentMember, services: ServicesOf) -> ClosingAnswer:
    """What keeps the account open, and until when the law has what was proved kept."""
    return ClosingAnswer.model_validate(services.erasure.standing(member.member_id))


@router.post(
    "/closing",
    dependencies=OF_MEMBER,
    responses=refuses(errors.DataPasskeyNeeded, errors.MoneyLeft, errors.SomethingOpen, MemberStateRefused),
)
def close_own_account(
    body: ClosingBody, member: Owner, request: Request, response: Response, services: ServicesOf
) -> CertificateAnswer:
    """Ends the account for good and signs out everywhere; answers with the certificate (GDPR, article 17)."""
    services.erasure.close(member.member_id, GROUND, Actor("member", member.member_id))
    closed = services.erasure.certificate(member.member_id)[CLOSED_ACT]
    close_session(request)
    clear_session(response, request)
    return CertificateAnswer(
        member_id=member.member_id,
        closed_at_unix_ms=closed["at_unix_ms"],
        erased_from_unix_ms=closed[DUE],
        removed=[RemovedAnswer(what=what, count=count) for what, count in closed["removed"].items()],
        journal_entry=closed["journal_entry"],
        journal_hash=closed["journal_hash"],
    )
