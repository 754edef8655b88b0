"""Who is asking: dependencies for members, tills and officers. Owns cookies, CSRF and the reading of signed
headers.

The rules behind (what a session or a till's signature is) belong to identity and members.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from wallet_service.identity.errors import PasskeyRequired
from wallet_service.identity.officers import RIGHTS, Officer
from wallet_service.identity.sessions import NewSession, Session
from wallet_service.members.tills import SignedRequest, TillSession
from wallet_service.web import errors
from wallet_service.web.middleware import SAFE_METHODS

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

MEMBER_COOKIE = "alba_session"
OFFICER_COOKIE = "alba_console"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
FRESH_SESSION_MS = 15 * 60 * 1000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class MemberSession:
    """A signed-in member; `method` says how (creation, device, passkey)."""

    member_id: str
    csrf_token: str
    method: str
    opened_at_unix_ms: int


@dataclass(frozen=True)
class OfficerSession:
    """A signed-in officer."""

    officer_id: str
    display_name: str
    rights: frozenset[str]
    csrf_token: str
    method: str


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def optional_member(request: Request) -> MemberSession | None:
    """None when nobody is signed in; an unsafe request of somebody signed in still needs the CSRF token."""
    session = _session(request, MEMBER_COOKIE, "member")
    if session is None:
        return None
    _check_csrf(request, session, request.headers.get(CSRF_HEADER))
    return MemberSession(session.subject_id, session.csrf_token, session.method, session.opened_at_unix_ms)


def current_member(request: Request) -> MemberSession:
    """Raises SessionRequired (401) or CsrfMissing (403)."""
    member = optional_member(request)
    if member is None:
        raise errors.SessionRequired
    return member


def fresh_member(request: Request) -> MemberSession:
    """A member who showed who they are a moment ago: for what would open the account to somebody else.

    Source: OWASP ASVS 5.0, 7.5.3. Raises SessionTooOld; the device then signs in again by itself.
    """
    member = current_member(request)
    if services_of(request).clock.now_unix_ms() - member.opened_at_unix_ms > FRESH_SESSION_MS:
        raise errors.SessionTooOld
    return member


def optional_officer(request: Request) -> OfficerSession | None:
    """Who is signed in on the console, without asking for a right or checking CSRF: for pages only."""
    session = _session(request, OFFICER_COOKIE, "officer")
    officer = services_of(request).officers.find(session.subject_id) if session else None
    return _officer_session(session, officer) if session and officer else None


def officer_with(right: str) -> Callable[[Request], object]:
    """A dependency: the signed-in officer, who must hold `right`. CSRF from the header or the form field."""
    if right not in RIGHTS:
        raise ValueError(f"no right named {right}")

    async def check(request: Request) -> OfficerSession:
        officer = await enrolling_officer(request)
        if officer.method == "code" and services_of(request).settings.environment == "production":
            raise PasskeyRequired
        if right not in officer.rights:
            raise errors.RightMissing(right=right)
        return officer

    return check


async def enrolling_officer(request: Request) -> OfficerSession:
    """A signed-in officer, also one who only showed a code; CSRF checked. For enrolling a passkey."""
    officer = await run_in_threadpool(optional_officer, request)
    if officer is None:
        raise errors.SessionRequired
    if request.method not in SAFE_METHODS:
        given = request.headers.get(CSRF_HEADER) or await _form_token(request)
        if not _same(given, officer.csrf_token):
            raise errors.CsrfMissing
    return officer


async def current_till(request: Request) -> TillSession:
    """The till that signed this request. Raises TillSignatureMissing, or what members.tills refuses."""
    headers = request.headers
    names = ("alba-till", "alba-time", "alba-nonce", "alba-signature")
    till_id, time_text, nonce, signature = (headers.get(name, "") for name in names)
    if not (till_id and time_text and nonce and signature):
        raise errors.TillSignatureMissing
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    signed = SignedRequest(
        till_id=till_id,
        method=request.method,
        target=target,
        time_text=time_text,
        nonce=nonce,
        signature=signature,
        body=await request.body(),
    )
    return await run_in_threadpool(services_of(request).tills.authenticate, signed)


CurrentMember = Annotated[MemberSession, Depends(current_member)]
FreshMember = Annotated[MemberSession, Depends(fresh_member)]
OptionalMember = Annotated[MemberSession | None, Depends(optional_member)]
CurrentTill = Annotated[TillSession, Depends(current_till)]
ServicesOf = Annotated["Services", Depends(services_of)]


def set_session_cookie(response: Response, request: Request, session: NewSession) -> None:
    """HttpOnly, SameSite=Strict, Secure where the origin is https; ports share cookies, hence two names."""
    face = request.app.state.face
    response.set_cookie(
        OFFICER_COOKIE if face == "console" else MEMBER_COOKIE,
        session.token,
        max_age=session.lifetime_s,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.app.state.encrypted,
    )


def clear_session_cookie(response: Response, request: Request) -> None:
    name = OFFICER_COOKIE if request.app.state.face == "console" else MEMBER_COOKIE
    response.delete_cookie(
        name, path="/", httponly=True, samesite="strict", secure=request.app.state.encrypted
    )


def close_session(request: Request) -> None:
    """Ends the session the request carries, if any."""
    name = OFFICER_COOKIE if request.app.state.face == "console" else MEMBER_COOKIE
    token = request.cookies.get(name)
    if token:
        services_of(request).sessions.close(token)


def _session(request: Request, cookie: str, kind: str) -> Session | None:
    token = request.cookies.get(cookie)
    if not token:
        return None
    session = services_of(request).sessions.find(token)
    return session if session is not None and session.subject_kind == kind else None


def _check_csrf(request: Request, session: Session, given: str | None) -> None:
    if request.method not in SAFE_METHODS and not _same(given, session.csrf_token):
        raise errors.CsrfMissing


async def _form_token(request: Request) -> str | None:
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return None
    value = (await request.form()).get(CSRF_FIELD)
    return value if isinstance(value, str) else None


def _same(given: str | None, expected: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), expected.encode())


def _officer_session(session: Session, officer: Officer) -> OfficerSession:
    return OfficerSession(
        officer.id, officer.display_name, officer.rights, session.csrf_token, session.method
    )
