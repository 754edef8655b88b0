"""Being told that something waits while the console is closed: which ways, where to, what was not seen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.rate_limits import MAIL_OF_OFFICER, WRITING_OF_OFFICER, check_officer
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.notices.decisions import MAX_ADDRESS_CHARACTERS
from wallet_service.notices.messages import title_of
from wallet_service.notices.models import NoticeKind, Recipient, Ways
from wallet_service.notices.schemas import EndpointBody, ToldAnswer, UnseenAnswer

router = APIRouter(include_in_schema=False)
AnyOfficer = Annotated[OfficerSession, Depends(officer_with("observe"))]


def writing_officer(request: Request, officer: AnyOfficer) -> OfficerSession:
    """Counted: each leaves a row, or changes one."""
    check_officer(request, WRITING_OF_OFFICER, officer)
    return officer


WritingOfficer = Annotated[OfficerSession, Depends(writing_officer)]


@router.get("/notices")
def officer_notices(request: Request, officer: AnyOfficer, services: ServicesOf) -> HTMLResponse:
    """This browser, of what, and by mail."""
    found = services.notices.settings(_own(officer))
    context = {"found": found, "ways": found.ways[NoticeKind.WAITING]}
    return console_page(request, "console/notices.html", officer, context)


@router.get("/notices/unseen")
def unseen_by_officer(request: Request, officer: AnyOfficer, services: ServicesOf) -> UnseenAnswer:
    """What a browser woken by a push shows: that something waits, and how much."""
    told = services.notices.unseen(_own(officer))
    title = title_of(told, language_of(request))
    return UnseenAnswer(title=title, told=[ToldAnswer.model_validate(each) for each in told])


@router.post("/notices/seen", status_code=204)
def seen_by_officer(officer: WritingOfficer, services: ServicesOf) -> None:
    """A page with the queues is in front of the officer."""
    services.notices.seen(_own(officer), services.clock.now_unix_ms())


@router.post("/notices/choices")
def choose_officer_ways(
    request: Request,
    officer: WritingOfficer,
    services: ServicesOf,
    by_push: Annotated[bool, Form()] = False,
    by_mail: Annotated[bool, Form()] = False,
) -> Response:
    """By which ways the officer wants to be told."""
    services.notices.choose(_own(officer), NoticeKind.WAITING, Ways(by_push, by_mail))
    return done(request, "/notices", "notice-chosen")


@router.post("/notices/endpoints", status_code=204)
def subscribe_officer(body: EndpointBody, officer: WritingOfficer, services: ServicesOf) -> None:
    """This browser takes notices for the officer. What it is sent has no content."""
    services.notices.subscribe(_own(officer), body.endpoint)


@router.post("/notices/endpoints/remove", status_code=204)
def unsubscribe_officer(body: EndpointBody, officer: WritingOfficer, services: ServicesOf) -> None:
    """It takes none any more."""
    services.notices.unsubscribe(_own(officer), body.endpoint)


@router.post("/notices/mail")
def ask_officer_mail(
    request: Request,
    officer: AnyOfficer,
    services: ServicesOf,
    address: Annotated[str, Form(max_length=MAX_ADDRESS_CHARACTERS)],
) -> Response:
    """Sends a code to that address; it is used once the code was typed."""
    check_officer(request, MAIL_OF_OFFICER, officer)
    services.notices.ask_mail(_own(officer), address, language_of(request))
    return done(request, "/notices", "notice-code-sent")


@router.post("/notices/mail/confirm")
def confirm_officer_mail(
    request: Request,
    officer: WritingOfficer,
    services: ServicesOf,
    code: Annotated[str, Form(max_length=40)],
) -> Response:
    """The address is the officer's: they read what was sent there."""
    services.notices.confirm_mail(_own(officer), "".join(code.split()))
    return done(request, "/notices", "notice-mail-confirmed")


@router.post("/notices/mail/forget")
def forget_officer_mail(request: Request, officer: WritingOfficer, services: ServicesOf) -> Response:
    """No mail goes there any more."""
    services.notices.forget_mail(_own(officer))
    return done(request, "/notices", "notice-mail-forgotten")


def _own(officer: OfficerSession) -> Recipient:
    return Recipient("officer", officer.officer_id)
