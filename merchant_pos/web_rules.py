"""What every answer of the point of sale carries and every request must show.

Security headers; session and CSRF token.
"""

from __future__ import annotations

import hmac
import time
import uuid

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from merchant_pos.errors import (
    NotPaired,
    PageOutOfDate,
    PosError,
    PosHostUnknown,
    PosMethodNotAllowed,
    PosRouteNotFound,
    RequestMalformed,
    ServiceRefusal,
)
from merchant_pos.paired_tills import PairedTill, PairedTills
from merchant_pos.settings import PosSettings
from wallet_service.languages.catalogues import languages, preferred
from wallet_service.listening.hosts import hosts_of, requested_host
from wallet_service.listening.methods import METHOD_NOT_ALLOWED, allowed_methods
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE

SESSION_COOKIE = "alba_till"
#: Over https: no other host of the same domain can set such a cookie (RFC 6265bis, 4.1.3.2).
HOST_PREFIX = "__Host-"
#: Begins anew whenever the page starts: a tablet that lies in a drawer for longer is paired again.
SESSION_MAX_AGE_S = 90 * 24 * 3600
HSTS_MAX_AGE_S = 63_072_000
LANGUAGE_COOKIE = "alba_language"
CSRF_HEADER = "X-CSRF-Token"
MAX_BODY_BYTES = 4_096

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), fullscreen=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

log = structlog.get_logger(__name__)


def language_of(request: Request) -> str:
    """The cookie the person chose with, else the browser's best known language, else French."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in languages() else preferred(request.headers.get("Accept-Language", ""))


def session_cookie(*, encrypted: bool) -> str:
    """The name of the session's cookie, by whether the origin is https."""
    return HOST_PREFIX + SESSION_COOKIE if encrypted else SESSION_COOKIE


def session_of(request: Request) -> str | None:
    settings: PosSettings = request.app.state.settings
    return request.cookies.get(session_cookie(encrypted=settings.secure_cookies()))


def set_session(response: Response, session: str, secure: bool) -> None:
    response.set_cookie(
        session_cookie(encrypted=secure),
        session,
        max_age=SESSION_MAX_AGE_S,
        httponly=True,
        secure=secure,
        samesite="strict",
        path="/",
    )


def required_till(request: Request) -> PairedTill:
    """The till of this tablet. Raises NotPaired."""
    tills: PairedTills = request.app.state.tills
    till = tills.find(session_of(request))
    if till is None:
        raise NotPaired()
    return till


def check_csrf(request: Request) -> str:
    """The session of a request that changes something.

    Raises PageOutOfDate when its token is not this session's.
    """
    tills: PairedTills = request.app.state.tills
    session = session_of(request) or ""
    supplied = request.headers.get(CSRF_HEADER, "")
    if not session or not hmac.compare_digest(supplied.encode(), tills.csrf_token(session).encode()):
        raise PageOutOfDate()
    return session


def add_problem_handlers(app: FastAPI) -> None:
    """Every refusal as an RFC 9457 document in the person's language."""

    def problem(request: Request, error: PosError | ServiceRefusal) -> JSONResponse:
        request.state.refusal_code = error.code
        body = {**error.problem(language_of(request)), "correlation_id": request.state.correlation_id}
        return JSONResponse(
            body, error.status, media_type=PROBLEM_MEDIA_TYPE, headers={"Cache-Control": "no-store"}
        )

    @app.exception_handler(PosError)
    async def pos_error(request: Request, error: PosError) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(ServiceRefusal)
    async def service_refusal(request: Request, error: ServiceRefusal) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        del error  # its text quotes what was sent
        return problem(request, RequestMalformed())

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        known: dict[int, PosError] = {404: PosRouteNotFound(), 405: PosMethodNotAllowed()}
        answer = problem(request, known.get(error.status_code) or RequestMalformed())
        if error.status_code == METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = ", ".join(allowed_methods(app, request.scope))
        return answer


class HostCheck:
    """ASGI middleware: a request for another host is not for us (a name that was bound to this address)."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._hosts = hosts_of(origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and requested_host(scope) not in self._hosts:
            request, refusal = Request(scope, receive), PosHostUnknown()
            body = {**refusal.problem(language_of(request)), "correlation_id": request.state.correlation_id}
            await JSONResponse(body, refusal.status, media_type=PROBLEM_MEDIA_TYPE)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class OuterRules:
    """ASGI middleware: bounds bodies, adds the headers, logs one line a request without anything personal."""

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        self._headers = dict(SECURITY_HEADERS)
        if encrypted:
            self._headers["Strict-Transport-Security"] = f"max-age={HSTS_MAX_AGE_S}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.monotonic()
        correlation_id = uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["correlation_id"] = correlation_id
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = {**self._headers, "X-Correlation-Id": correlation_id}
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in extra.items()),
                ]
            await send(message)

        try:
            await self._app(scope, _bounded(receive), sending)
        finally:
            route = scope.get("route")
            log.info(
                "request",
                correlation_id=correlation_id,
                method=scope["method"],
                route=getattr(route, "path", "unknown"),
                status=status,
                code=state.get("refusal_code"),
                duration_ms=round((time.monotonic() - started_s) * 1000),
            )


def _bounded(receive: Receive) -> Receive:
    """Nothing a tablet sends is larger than MAX_BODY_BYTES."""
    received_bytes = 0

    async def receiving() -> Message:
        nonlocal received_bytes
        message = await receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > MAX_BODY_BYTES:
            raise RequestMalformed()
        return message

    return receiving
