"""What happens around every request: correlation id, one log line, metrics, headers, size and origin checks.

Pure ASGI, so that server push is not buffered. An unknown error becomes `request.internal` here and nowhere
else; its message is not logged (see web.logs).
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import MutableMapping, Set
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter, Gauge, Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wallet_service.faces.shell import errors
from wallet_service.faces.shell.headers import FRAMED_PATH, Face, framed_headers, security_headers
from wallet_service.faces.shell.logs import describe
from wallet_service.faces.shell.problems import problem, render
from wallet_service.listening.hosts import requested_host
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE
from wallet_service.protocol.text.identifiers import new_id

CORRELATION_HEADER = "X-Correlation-Id"
SERVER_TIME_HEADER = "Alba-Server-Time"
CORRELATION_NAME, SERVER_TIME_NAME = CORRELATION_HEADER.lower().encode(), SERVER_TIME_HEADER.lower().encode()
OURS = frozenset({CORRELATION_NAME, SERVER_TIME_NAME})
NOT_KEPT = (b"cache-control", b"no-store")
DEFAULT_BODY_LIMIT_BYTES = 64 * 1024
#: By the path's end: documents and pictures are larger than any JSON of ours.
BODY_LIMITS_BYTES = {
    "/identity/documents": 9 * 1024 * 1024,
    "/listing/picture": 9 * 1024 * 1024,
    "/copies": 17 * 1024 * 1024,  # the two sides of a card, at a desk
}
#: By the body's type; a NUL as such is no JSON, and of no use in a form.
NUL_WRITTEN = {"application/json": b"\\u0000", "application/x-www-form-urlencoded": b"%00"}
#: These never end; a HEAD of one would not either.
STREAMS_END = "/events"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CORRELATION = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_QUIET_PATHS = ("/static/", "/health", "/ready", "/metrics")

log = structlog.get_logger(__name__)
REQUESTS = Counter("alba_http_requests_total", "Answered requests", ["face", "method", "route", "status"])
DURATION = Histogram("alba_http_duration_seconds", "Time to the first byte", ["face", "route"])
OPEN_STREAMS = Gauge("alba_http_streams", "Open server-push streams", ["face"])


def _as_bytes(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class RequestMiddleware:
    """The outermost layer of an app."""

    def __init__(self, app: ASGIApp, *, face: Face, encrypted: bool, clock: Clock, owner: Any) -> None:
        self._app = app
        self._face = face
        self._headers = _as_bytes(security_headers(face, encrypted=encrypted))
        #: By path: pages that are told something else. The wallet's one page for others' frames.
        self._own_headers = (
            {FRAMED_PATH: _as_bytes(framed_headers(face, encrypted=encrypted))} if face == "wallet" else {}
        )
        self._clock = clock
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].endswith(STREAMS_END):
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        correlation_id = _correlation_id(scope)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        started_s = time.perf_counter()
        answered: dict[str, float] = {}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.update(status=message["status"], after_s=time.perf_counter() - started_s)
                self._add_headers(message, correlation_id, scope["path"])
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                log.error("request.failed", failure=describe(type(error), error.__traceback__))
                if self._owner.state.services.settings.environment == "test":
                    sys.excepthook(type(error), error, error.__traceback__)
                if not answered:
                    await self._answer_internal(scope, receive, send_with_headers, correlation_id)
            self._record(scope, answered)

    async def _answer_internal(self, scope: Scope, receive: Receive, send: Send, correlation_id: str) -> None:
        scope["app"] = self._owner
        request, refusal = Request(scope, receive), errors.Internal(correlation_id=correlation_id)
        try:
            response = render(request, refusal)
        except Exception as error:  # the page itself may be what fails: unbuilt files, a broken template
            log.error("request.failed_page", failure=describe(type(error), error.__traceback__))
            response = JSONResponse(problem(request, refusal), refusal.status, media_type=PROBLEM_MEDIA_TYPE)
        await response(scope, receive, send)

    def _add_headers(self, message: Message, correlation_id: str, path: str) -> None:
        """Bytes beside bytes: this is done for every answer, and looking each name up costs more than all."""
        given = message["headers"] = [one for one in message.get("headers", ()) if one[0] not in OURS]
        names = {name for name, _ in given}
        ours = self._own_headers.get(path, self._headers)
        given += [one for one in (*ours, NOT_KEPT) if one[0] not in names]
        given += [
            (CORRELATION_NAME, correlation_id.encode()),
            (SERVER_TIME_NAME, str(self._clock.now_unix_ms()).encode()),
        ]

    def _record(self, scope: Scope, answered: MutableMapping[str, float]) -> None:
        route = getattr(scope.get("route"), "path", "other")
        status = int(answered.get("status", 0))
        REQUESTS.labels(self._face, scope["method"], route, str(status)).inc()
        DURATION.labels(self._face, route).observe(answered.get("after_s", 0.0))
        if not scope["path"].startswith(_QUIET_PATHS):
            log.info(
                "request.answered",
                face=self._face,
                method=scope["method"],
                route=route,
                status=status,
                duration_ms=round(answered.get("after_s", 0.0) * 1000, 1),
            )


class GuardMiddleware:
    """Refuses other hosts' requests, what no database holds, bodies too large, writing from other sites."""

    def __init__(self, app: ASGIApp, *, origin: str, hosts: Set[str], owner: Any) -> None:
        self._app = app
        self._origin = origin
        self._hosts = hosts
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            scope["app"] = self._owner
            await render(Request(scope, receive), refusal)(scope, receive, send)
        elif scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
        else:
            limit, nul = _body_limit(scope["path"]), _nul_of(Headers(scope=scope))
            await self._app(scope, _bounded(receive, limit, nul), send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        if requested_host(scope) not in self._hosts:
            return errors.HostUnknown()
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return errors.RequestRefused()
        if scope["method"] in SAFE_METHODS:
            return None
        headers, limit = Headers(scope=scope), _body_limit(scope["path"])
        if _is_foreign(headers, self._origin):
            return errors.ForeignOrigin()
        return errors.BodyTooLarge(limit_bytes=limit) if _declared_length(headers) > limit else None


def _without_body(send: Send) -> Send:
    """What GET would answer, but for its content: probes and previews ask so (RFC 9110, 9.3.2)."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def _correlation_id(scope: Scope) -> str:
    supplied = Headers(scope=scope).get(CORRELATION_HEADER, "")
    return supplied if _CORRELATION.fullmatch(supplied) else new_id()


def _is_foreign(headers: Headers, origin: str) -> bool:
    """A browser says where an unsafe request comes from; programs (tills) say nothing and sign instead."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    supplied = headers.get("origin")
    return supplied is not None and supplied != origin


def _body_limit(path: str) -> int:
    return next(
        (limit for end, limit in BODY_LIMITS_BYTES.items() if path.endswith(end)), DEFAULT_BODY_LIMIT_BYTES
    )


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else sys.maxsize


def _nul_of(headers: Headers) -> bytes | None:
    """How a NUL is written in a body of this type: PostgreSQL holds none in a text, and nobody means one."""
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    return NUL_WRITTEN.get("application/json" if media_type.endswith("+json") else media_type)


def _bounded(receive: Receive, limit: int, nul: bytes | None) -> Receive:
    """Looks at what really arrives: a chunked body declares no length, and cuts a word where it likes."""
    seen, tail = 0, b""

    async def receive_bounded() -> Message:
        nonlocal seen, tail
        message = await receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            seen += len(body)
            if seen > limit:
                raise errors.BodyTooLarge(limit_bytes=limit)
            if nul is not None:
                if nul in (looked_at := tail + body):
                    raise errors.RequestRefused()
                tail = looked_at[1 - len(nul) :]
        return message

    return receive_bounded
