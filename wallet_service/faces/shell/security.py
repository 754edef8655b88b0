"""Who is asking: dependencies for members, tills and officers.

Owns cookies, CSRF and the reading of signed headers.

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

from wallet_service.faces.shell import errors
from wallet_service.faces.shell.acts import Confirmed, confirmed
from wallet_service.faces.shell.middleware import SAFE_METHODS
from wallet_service.oversight.confirmations import Act, fields_of
from wallet_service.security.errors import OfficerPasskeyRequired
from wallet_service.security.officers import RIGHTS, Officer
from wallet_service.security.sessions import NewSession, Session, end_topic, session_id_of
from wallet_service.tills.service import SignedRequest, TillSession

if TYPE_CHECKING:
    from wallet_service.bootstrap import Services

MEMBER_COOKIE = "alba_session"
OFFICER_COOKIE = "alba_console"
HOST_PREFIX = "__Host-"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
CONFIRMATION_HEADER = "x-confirmation"
CONFIRMATION_FIELD = "confirmation"
OFFICER_CODE_FIELD = "officer_code"
FRESH_SESSION_MS = 15 * 60 * 1000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class MemberSession:
    """A signed-in member; `method` says how (creation, device, passkey)."""

    member_id: str
    csrf_token: str
    method: str
    opened_at_unix_ms: int
    session_id: str
    #: A passkey's id or a device's signer address.
    authenticator: str

    @property
    def by_passkey(self) -> bool:
        """Whether a passkey opened it: what `passkeys.check_shown` asks."""
        return self.method == "passkey"


@dataclass(frozen=True)
class OfficerSession:
    """A signed-in officer."""

    officer_id: str
    display_name: str
    rights: frozenset[str]
    csrf_token: str
    method: str
    opened_at_unix_ms: int
    session_id: str


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def optional_member(request: Request) -> MemberSession | None:
    """None when nobody is signed in; an unsafe request of somebody signed in still needs the CSRF token."""
    session = _session(request, "member")
    if session is None:
        return None
    _check_csrf(request, session, request.headers.get(CSRF_HEADER))
    return MemberSession(
        session.subject_id,
        session.csrf_token,
        session.method,
        session.opened_at_unix_ms,
        session.id,
        session.authenticator,
    )


def member_session_id(request: Request) -> str | None:
    """The name of the session the request's cookie speaks of, not looked up; None without one."""
    token = request.cookies.get(_session_cookie(request))
    return session_id_of(token) if token else None


def admitted_member(session: Session | None, csrf_token: str | None) -> str:
    """Whose session it is, for what writes. Raises SessionRequired (401) or CsrfMissing (403)."""
    if session is None or session.subject_kind != "member":
        raise errors.SessionRequired
    if not _same(csrf_token, session.csrf_token):
        raise errors.CsrfMissing
    return session.subject_id


def current_member(request: Request) -> MemberSession:
    """Raises SessionRequired (401) or CsrfMissing (403)."""
    member = optional_member(request)
    if member is None:
        raise errors.SessionRequired
    return member


def fresh_member(request: Request) -> MemberSession:
    """A member who showed who they are a moment ago: for what would open the account to somebody else.

    Nor does a phone whose key is suspended do any of it. Source: OWASP ASVS 5.0, 7.5.3. Raises SessionTooOld
    (the device then signs in again by itself), KeySuspended.
    """
    member = current_member(request)
    if services_of(request).clock.now_unix_ms() - member.opened_at_unix_ms > FRESH_SESSION_MS:
        raise errors.SessionTooOld
    services_of(request).members.check_opener(member.member_id, member.authenticator)
    return member


@dataclass(frozen=True)
class KeyholderSession:
    """Somebody who pays with another's account within limits. No route of a member's takes it."""

    keyholder_id: str
    csrf_token: str


def optional_keyholder(request: Request) -> KeyholderSession | None:
    """None when nobody is; an unsafe request of somebody signed in still needs the CSRF token."""
    session = _session(request, "keyholder")
    if session is None:
        return None
    _check_csrf(request, session, request.headers.get(CSRF_HEADER))
    return KeyholderSession(session.subject_id, session.csrf_token)


def current_keyholder(request: Request) -> KeyholderSession:
    """Raises SessionRequired (401) or CsrfMissing (403)."""
    keyholder = optional_keyholder(request)
    if keyholder is None:
        raise errors.SessionRequired
    return keyholder


def optional_officer(request: Request) -> OfficerSession | None:
    """Who is signed in on the console, without asking for a right or checking CSRF: for pages only."""
    session = _session(request, "officer")
    officer = services_of(request).officers.find(session.subject_id) if session else None
    return _officer_session(session, officer) if session and officer else None


def officer_with(right: str) -> Callable[[Request], object]:
    """A dependency: the signed-in officer, who must hold `right`. CSRF from the header or the form field.

    An act that faces.shell.acts lists as confirmed needs its confirmation too. Raises ConfirmationRequired.
    """
    if right not in RIGHTS:
        raise ValueError(f"no right named {right}")

    async def check(request: Request) -> OfficerSession:
        officer = await _officer_of(request)
        if officer.method == "code" and services_of(request).settings.environment == "production":
            raise OfficerPasskeyRequired
        if right not in officer.rights:
            raise errors.RightMissing(right=right)
        await _check_confirmed(request, officer)
        return officer

    return check


async def enrolling_officer(request: Request) -> OfficerSession:
    """A signed-in officer, also one who only showed a code; CSRF checked. For enrolling a passkey.

    A further passkey is confirmed with one that is there already; for the first one, where it is the only way
    in, the code must have been shown a moment ago. Raises ConfirmationRequired, SessionTooOld.
    """
    officer = await _officer_of(request)
    await _check_confirmed(request, officer)
    return officer


async def _officer_of(request: Request) -> OfficerSession:
    officer = await run_in_threadpool(optional_officer, request)
    if officer is None:
        raise errors.SessionRequired
    if request.method not in SAFE_METHODS:
        supplied = request.headers.get(CSRF_HEADER) or (await _form_fields(request)).get(CSRF_FIELD)
        if not _same(supplied, officer.csrf_token):
            raise errors.CsrfMissing
    return officer


async def _check_confirmed(request: Request, officer: OfficerSession) -> None:
    if request.method in SAFE_METHODS:
        return
    when = confirmed(request.method, request.scope["route"].path)
    if when is Confirmed.NEVER:
        return
    confirmations, form = services_of(request).oversight.confirmations, await _form_items(request)
    way = await run_in_threadpool(confirmations.way, officer.officer_id)
    if when is Confirmed.ONCE_ENROLLED and way != "passkey":
        age_ms = services_of(request).clock.now_unix_ms() - officer.opened_at_unix_ms
        if way == "none" and age_ms > FRESH_SESSION_MS:
            raise errors.SessionTooOld
        return
    given = dict(form)
    act = Act(
        officer.officer_id,
        officer.session_id,
        request.method,
        request.url.path,
        fields_of(form, (CSRF_FIELD, CONFIRMATION_FIELD, OFFICER_CODE_FIELD)),
    )
    ticket = request.headers.get(CONFIRMATION_HEADER) or given.get(CONFIRMATION_FIELD, "")
    code = given.get(OFFICER_CODE_FIELD, "")
    await run_in_threadpool(confirmations.check, act, ticket, code)


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
CurrentKeyholder = Annotated[KeyholderSession, Depends(current_keyholder)]
OptionalKeyholder = Annotated[KeyholderSession | None, Depends(optional_keyholder)]
CurrentTill = Annotated[TillSession, Depends(current_till)]


async def _services_at_once(request: Request) -> Services:
    """On the event loop: no thread is needed, and all may be busy."""
    return services_of(request)


ServicesOf = Annotated["Services", Depends(_services_at_once)]


def session_end(request: Request) -> str:
    """The topic on which the end of the request's session is said."""
    return end_topic(request.cookies.get(_session_cookie(request), ""))


def set_session_cookie(response: Response, request: Request, session: NewSession) -> None:
    """HttpOnly, SameSite=Strict, Secure where the origin is https; ports share cookies, hence two names."""
    response.set_cookie(
        _session_cookie(request),
        session.token,
        max_age=session.lifetime_s,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.app.state.encrypted,
    )


def clear_session(response: Response, request: Request) -> None:
    """Takes the cookie back, and what this origin's answers left in the browser's cache (ASVS 5.0, 14.3.1).

    Not its storage: the wallet's holds the device's key and orders that are under way.
    """
    response.headers["Clear-Site-Data"] = '"cache"'
    response.delete_cookie(
        _session_cookie(request),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.app.state.encrypted,
    )


def close_session(request: Request) -> None:
    """Ends the session the request carries, if any."""
    token = request.cookies.get(_session_cookie(request))
    if token:
        services_of(request).sessions.close(token)


def _session_cookie(request: Request) -> str:
    """The name of this origin's session cookie.

    Over https with the prefix `__Host-`: no other host of the same domain can set one (RFC 6265bis, 4.1.3.2).
    """
    name = OFFICER_COOKIE if request.app.state.face == "console" else MEMBER_COOKIE
    return HOST_PREFIX + name if request.app.state.encrypted else name


def _session(request: Request, kind: str) -> Session | None:
    token = request.cookies.get(_session_cookie(request))
    if not token:
        return None
    session = services_of(request).sessions.find(token)
    return session if session is not None and session.subject_kind == kind else None


def _check_csrf(request: Request, session: Session, supplied: str | None) -> None:
    if request.method not in SAFE_METHODS and not _same(supplied, session.csrf_token):
        raise errors.CsrfMissing


async def _form_items(request: Request) -> list[tuple[str, str]]:
    """The words of the request's form, in order; nothing when it carries none."""
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return []
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def _form_fields(request: Request) -> dict[str, str]:
    return dict(await _form_items(request))


def _same(supplied: str | None, expected: str) -> bool:
    return supplied is not None and secrets.compare_digest(supplied.encode(), expected.encode())


def _officer_session(session: Session, officer: Officer) -> OfficerSession:
    return OfficerSession(
        officer.id,
        officer.display_name,
        officer.rights,
        session.csrf_token,
        session.method,
        session.opened_at_unix_ms,
        session.id,
    )
