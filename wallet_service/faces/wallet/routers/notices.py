"""Being told while the app is closed: of what kind, by which way, and what was not seen yet."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import MAIL_OF_MEMBER, WRITING_OF_MEMBER, member_limited
from wallet_service.faces.shell.security import CurrentMember, FreshMember, MemberSession, ServicesOf
from wallet_service.notices import errors
from wallet_service.notices.messages import title_of
from wallet_service.notices.models import Recipient, Ways
from wallet_service.notices.schemas import (
    ChoiceBody,
    EndpointBody,
    MailBody,
    MailCodeBody,
    NoticeSettingsAnswer,
    SeenBody,
    ToldAnswer,
    UnseenAnswer,
    WaysAnswer,
)
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(prefix="/v1/me/notices", tags=["notices"])

WRITING = [Depends(member_limited(WRITING_OF_MEMBER))]
MAILING = [Depends(member_limited(MAIL_OF_MEMBER))]


@router.get("")
def unseen(request: Request, member: CurrentMember, services: ServicesOf) -> UnseenAnswer:
    """What happened and was not in front of the member yet, by kind."""
    told = services.notices.unseen(_own(member))
    title = title_of(told, language_of(request))
    return UnseenAnswer(title=title, told=[ToldAnswer.model_validate(each) for each in told])


@router.post("/seen", status_code=204, dependencies=WRITING)
def seen(body: SeenBody, member: CurrentMember, services: ServicesOf) -> None:
    """What happened until then has been in front of the member; it is not sent any more."""
    services.notices.seen(_own(member), body.until_unix_ms)


@router.get("/settings")
def settings(member: CurrentMember, services: ServicesOf) -> NoticeSettingsAnswer:
    """By which ways the member is told of each kind, and where to."""
    found = services.notices.settings(_own(member))
    return NoticeSettingsAnswer(
        ways=[
            WaysAnswer(kind=kind, by_push=ways.by_push, by_mail=ways.by_mail)
            for kind, ways in found.ways.items()
        ],
        push_key=found.push_key,
        push_stand_in=found.push_stand_in,
        endpoint_count=found.endpoint_count,
        has_mail=found.has_mail,
        mail_address=found.mail_address,
        is_mail_confirmed=found.is_mail_confirmed,
    )


@router.post("/choices", status_code=204, dependencies=WRITING, responses=refuses(errors.AlwaysTold))
def choose(body: ChoiceBody, member: CurrentMember, services: ServicesOf) -> None:
    """By which ways the member wants to be told of one kind."""
    ways = Ways(body.by_push, body.by_mail)
    services.notices.choose(_own(member), body.kind, ways)


@router.post(
    "/endpoints",
    status_code=204,
    dependencies=WRITING,
    responses=refuses(errors.EndpointRefused, errors.TooManyEndpoints),
)
def subscribe(body: EndpointBody, member: CurrentMember, services: ServicesOf) -> None:
    """This browser takes notices for the member. What it is sent has no content."""
    services.notices.subscribe(_own(member), body.endpoint)


@router.post("/endpoints/remove", status_code=204, dependencies=WRITING)
def unsubscribe(body: EndpointBody, member: CurrentMember, services: ServicesOf) -> None:
    """It takes none any more. In a body: an address of a browser has no place in one of ours."""
    services.notices.unsubscribe(_own(member), body.endpoint)


@router.post(
    "/mail",
    status_code=204,
    dependencies=MAILING,
    responses=refuses(errors.MailAddressRefused, errors.MailUnavailable),
)
def ask_mail(body: MailBody, member: FreshMember, services: ServicesOf) -> None:
    """Sends a code to that address; it is used once the code was typed."""
    services.notices.ask_mail(_own(member), body.address, body.language)


@router.post(
    "/mail/confirm", status_code=204, dependencies=WRITING, responses=refuses(errors.MailCodeRefused)
)
def confirm_mail(body: MailCodeBody, member: CurrentMember, services: ServicesOf) -> None:
    """The address is the member's: they read what was sent there."""
    services.notices.confirm_mail(_own(member), body.code)


@router.delete("/mail", status_code=204, dependencies=WRITING)
def forget_mail(member: FreshMember, services: ServicesOf) -> None:
    """No mail goes there any more."""
    services.notices.forget_mail(_own(member))


def _own(member: MemberSession) -> Recipient:
    return Recipient("member", member.member_id)
