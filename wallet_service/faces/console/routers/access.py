"""What lets officers in: their own sessions and passkeys, others' sessions; and confirming an act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.security import (
    OfficerSession,
    ServicesOf,
    enrolling_officer,
    officer_with,
)
from wallet_service.oversight.confirmations import Act
from wallet_service.oversight.decisions import SIGNING_RIGHT
from wallet_service.oversight.schemas import ActBody, ConfirmationAnswer
from wallet_service.security.schemas import PasskeyRequestOptions, PasskeySignInBody

router = APIRouter(include_in_schema=False)
AnyOfficer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Governor = Annotated[OfficerSession, Depends(officer_with(SIGNING_RIGHT))]
#: Also one who only showed a code: adding a second passkey is confirmed with the first.
EnrollingOfficer = Annotated[OfficerSession, Depends(enrolling_officer)]
Ground = Annotated[str, Form(max_length=400)]


@router.get("/access")
def access(request: Request, officer: AnyOfficer, services: ServicesOf) -> HTMLResponse:
    """The officer's own sessions and passkeys; other officers' sessions for who may end them."""
    found, may_end = services.oversight.access.own(officer.officer_id), SIGNING_RIGHT in officer.rights
    return console_page(
        request,
        "console/access.html",
        officer,
        {
            "sessions": sorted(found.sessions, key=lambda one: one.id != officer.session_id),
            "passkeys": found.passkeys,
            "others": services.oversight.access.others(officer.officer_id) if may_end else [],
            "may_end": may_end,
        },
    )


@router.post("/access/sessions/end-others")
def end_other_sessions(request: Request, officer: AnyOfficer, services: ServicesOf) -> Response:
    """Every one but this."""
    services.oversight.access.end_other_sessions(officer.officer_id, officer.session_id)
    return done(request, "/access", "sessions-ended")


@router.post("/access/sessions/{session_id}/end")
def end_session(request: Request, session_id: str, officer: AnyOfficer, services: ServicesOf) -> Response:
    """One of the officer's own."""
    services.oversight.access.end_session(officer.officer_id, session_id)
    return done(request, "/access", "session-ended")


@router.post("/access/passkeys/{credential_id}/remove")
def remove_passkey(
    request: Request, credential_id: str, officer: AnyOfficer, services: ServicesOf
) -> Response:
    """It opens and confirms nothing any more."""
    services.oversight.access.remove_passkey(officer.officer_id, credential_id, officer.session_id)
    return done(request, "/access", "passkey-removed")


@router.post("/access/officers/{officer_id}/end-sessions")
def end_sessions_of(
    request: Request, officer_id: str, ground: Ground, officer: Governor, services: ServicesOf
) -> Response:
    """Another officer is signed out everywhere."""
    services.oversight.access.end_sessions_of(officer_id, ground, officer.officer_id)
    return done(request, "/access", "officer-signed-out")


@router.post("/confirmations/options")
def confirmation_options(
    body: ActBody, officer: EnrollingOfficer, services: ServicesOf
) -> PasskeyRequestOptions:
    """WebAuthn request options for one act: any of the officer's passkeys may answer."""
    act = Act(officer.officer_id, officer.session_id, body.method, body.path, tuple(body.fields))
    return PasskeyRequestOptions.model_validate(services.oversight.confirmations.options(act))


@router.post("/confirmations/verify")
def confirm(body: PasskeySignInBody, officer: EnrollingOfficer, services: ServicesOf) -> ConfirmationAnswer:
    """The passkey's answer becomes a ticket for that act."""
    ticket = services.oversight.confirmations.ticket(officer.officer_id, body.as_json())
    return ConfirmationAnswer(confirmation=ticket)
