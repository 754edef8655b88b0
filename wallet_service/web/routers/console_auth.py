"""Officers come in: with a one-time code or a passkey. In production a code only enrols a passkey."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wallet_service.web.rate_limits import OFFICER_SIGN_IN, limited
from wallet_service.web.rendering import page
from wallet_service.web.routers.auth import CredentialBody
from wallet_service.web.security import (
    OfficerSession,
    ServicesOf,
    clear_session_cookie,
    close_session,
    enrolling_officer,
    officer_with,
    optional_officer,
    set_session_cookie,
)

router = APIRouter(include_in_schema=False)
EnrollingOfficer = Annotated[OfficerSession, Depends(enrolling_officer)]
AnyOfficer = Annotated[OfficerSession, Depends(officer_with("observe"))]


@router.get("/sign-in")
def sign_in_page(request: Request, code: str = "") -> Response:
    """The code in a link only fills the field: it is used by a person's own act."""
    if optional_officer(request) is not None:
        return RedirectResponse("/", status_code=303)
    return page(request, "plain/sign_in.html", {"code": code[:40]})


@router.post("/sign-in/code", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def sign_in_with_code(
    request: Request, services: ServicesOf, code: Annotated[str, Form(max_length=40)]
) -> Response:
    """Uses the code up and opens the console, or the page that enrols a passkey."""
    signed_in = services.officers.sign_in_with_code(code)
    close_session(request)
    must_enrol = services.settings.environment == "production"
    response = RedirectResponse("/passkey" if must_enrol else "/", status_code=303)
    set_session_cookie(response, request, signed_in.session)
    return response


@router.post("/sign-in/passkey/options", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def passkey_options(services: ServicesOf) -> dict[str, Any]:
    """WebAuthn request options."""
    return services.passkeys.sign_in_options("officer")


@router.post("/sign-in/passkey/verify", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def sign_in_with_passkey(
    body: CredentialBody, request: Request, response: Response, services: ServicesOf
) -> dict[str, str]:
    """Opens the console with a passkey's answer."""
    signed_in = services.passkeys.sign_in("officer", body.credential)
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    return {"next": "/"}


@router.post("/sign-out")
def sign_out(request: Request, officer: AnyOfficer) -> Response:
    """Ends this session."""
    close_session(request)
    response = RedirectResponse("/sign-in", status_code=303)
    clear_session_cookie(response, request)
    return response


@router.get("/passkey")
def passkey_page(request: Request, officer: EnrollingOfficer) -> HTMLResponse:
    """Where an officer enrols a passkey."""
    return page(request, "plain/passkey.html", {"officer": officer}, csrf_token=officer.csrf_token)


@router.post("/passkey/options")
def registration_options(officer: EnrollingOfficer, services: ServicesOf) -> dict[str, Any]:
    """WebAuthn creation options."""
    return services.passkeys.registration_options("officer", officer.officer_id, officer.display_name)


@router.post("/passkey/verify", status_code=201)
def register_passkey(
    body: CredentialBody,
    request: Request,
    response: Response,
    officer: EnrollingOfficer,
    services: ServicesOf,
) -> dict[str, str]:
    """Keeps the passkey; the code's session ends here and the passkey signs in from now on."""
    services.passkeys.register("officer", officer.officer_id, body.credential)
    if services.settings.environment == "production" and officer.method == "code":
        close_session(request)
        clear_session_cookie(response, request)
        return {"next": "/sign-in"}
    return {"next": "/"}
