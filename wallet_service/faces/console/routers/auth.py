"""Officers come in: with a one-time code or a passkey. In production a code only enrols a passkey."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wallet_service.faces.shell.browsers import browser_of
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.problems import wants_page
from wallet_service.faces.shell.rate_limits import (
    OFFICER_CODE_OF_SPACE,
    OFFICER_SIGN_IN,
    check_code,
    limited,
)
from wallet_service.faces.shell.rendering import page
from wallet_service.faces.shell.security import (
    OfficerSession,
    ServicesOf,
    clear_session,
    close_session,
    enrolling_officer,
    officer_with,
    optional_officer,
    set_session_cookie,
)
from wallet_service.security.errors import OfficerCodeRefused
from wallet_service.security.schemas import (
    NextPageAnswer,
    PasskeyCreationOptions,
    PasskeyRequestOptions,
    PasskeySignInBody,
    RegistrationBody,
)

router = APIRouter(include_in_schema=False)
EnrollingOfficer = Annotated[OfficerSession, Depends(enrolling_officer)]
AnyOfficer = Annotated[OfficerSession, Depends(officer_with("observe"))]


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """The code of a link stands behind `#`, where no request carries it; the page fills its field with it."""
    if optional_officer(request) is not None:
        return RedirectResponse("/", status_code=303)
    return page(request, "plain/sign_in.html", {"sentence": ""})


@router.post("/sign-in/code", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def sign_in_with_code(
    request: Request, services: ServicesOf, code: Annotated[str, Form(max_length=40)]
) -> Response:
    """Uses the code up and opens the console, or the page that enrols a passkey.

    A page whose code is refused stays, says so and takes another.
    """
    check_code(request, OFFICER_CODE_OF_SPACE, code)
    try:
        signed_in = services.officers.sign_in_with_code(code, browser_of(request))
    except OfficerCodeRefused as refusal:
        if not wants_page(request):
            raise
        said = {"sentence": refusal.sentence(language_of(request))}
        return page(request, "plain/sign_in.html", said, refusal.status)
    close_session(request)
    must_enrol = services.settings.environment == "production"
    response = RedirectResponse("/passkey" if must_enrol else "/", status_code=303)
    set_session_cookie(response, request, signed_in.session)
    return response


@router.post("/sign-in/passkey/options", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def passkey_options(services: ServicesOf) -> PasskeyRequestOptions:
    """WebAuthn request options."""
    return PasskeyRequestOptions.model_validate(services.passkeys.sign_in_options("officer"))


@router.post("/sign-in/passkey/verify", dependencies=[Depends(limited(OFFICER_SIGN_IN))])
def sign_in_with_passkey(
    body: PasskeySignInBody, request: Request, response: Response, services: ServicesOf
) -> NextPageAnswer:
    """Opens the console with a passkey's answer."""
    signed_in = services.passkeys.sign_in("officer", body.as_json(), browser_of(request))
    close_session(request)
    set_session_cookie(response, request, signed_in.session)
    return NextPageAnswer(next="/")


@router.post("/sign-out")
def sign_out(request: Request, officer: AnyOfficer) -> Response:
    """Ends this session."""
    close_session(request)
    response = RedirectResponse("/sign-in", status_code=303)
    clear_session(response, request)
    return response


@router.get("/passkey")
def passkey_page(request: Request, officer: EnrollingOfficer, services: ServicesOf) -> HTMLResponse:
    """Where an officer enrols a passkey; a further one is confirmed with one that is there."""
    is_confirmed = services.oversight.confirmations.way(officer.officer_id) == "passkey"
    context = {"officer": officer, "is_confirmed": is_confirmed}
    return page(request, "plain/passkey.html", context, csrf_token=officer.csrf_token)


@router.post("/passkey/options")
def registration_options(officer: EnrollingOfficer, services: ServicesOf) -> PasskeyCreationOptions:
    """WebAuthn creation options."""
    options = services.passkeys.registration_options("officer", officer.officer_id, officer.display_name)
    return PasskeyCreationOptions.model_validate(options)


@router.post("/passkey/verify", status_code=201)
def register_passkey(
    body: RegistrationBody,
    request: Request,
    response: Response,
    officer: EnrollingOfficer,
    services: ServicesOf,
) -> NextPageAnswer:
    """Keeps the passkey; the code's session ends here and the passkey signs in from now on."""
    services.passkeys.register("officer", officer.officer_id, body.as_json(), browser_of(request))
    if services.settings.environment == "production" and officer.method == "code":
        close_session(request)
        clear_session(response, request)
        return NextPageAnswer(next="/sign-in")
    return NextPageAnswer(next="/access?done=passkey-added")
