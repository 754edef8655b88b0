"""Renders refusals: RFC 9457 problem details for programs, a page or a fragment for browsers.

Owns no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from wallet_service.database.failures import AWAY, UNSTORABLE
from wallet_service.faces.shell import errors
from wallet_service.faces.shell.i18n import language_of
from wallet_service.faces.shell.logs import describe
from wallet_service.faces.shell.rendering import page
from wallet_service.listening.methods import METHOD_NOT_ALLOWED, allowed_methods
from wallet_service.platform.errors import DatabaseUnavailable
from wallet_service.platform.listeners import TooManyStreams
from wallet_service.protocol.refusal import Refusal
from wallet_service.protocol.refusal_responses import PROBLEM_MEDIA_TYPE

SIGN_IN_PATH = "/sign-in"
MAX_FIELD_ERRORS = 20
DATABASE_RETRY_S = 2

log = structlog.get_logger(__name__)


def install_problems(app: FastAPI) -> None:
    """Registers the handlers on one app."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(
        TooManyStreams, lambda request, error: render(request, errors.TooManyOpenStreams())
    )
    for away in AWAY:
        app.add_exception_handler(away, _on_database_away)
    for unstorable in UNSTORABLE:
        app.add_exception_handler(unstorable, lambda request, error: render(request, errors.RequestRefused()))


def render(request: Request, refusal: Refusal, *, fields: list[dict[str, str]] | None = None) -> Response:
    """The answer for one refusal, in the form the client asked for."""
    headers = (
        {"Retry-After": str(refusal.values["retry_after_s"])} if "retry_after_s" in refusal.values else {}
    )
    if "hx-request" in request.headers:
        if refusal.status == 401:
            return Response(status_code=401, headers={"HX-Redirect": SIGN_IN_PATH})
        fragment = {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML", **headers}
        return page(
            request, "shared/problem_fragment.html", _context(request, refusal), refusal.status, fragment
        )
    if wants_page(request):
        if refusal.status == 401 and request.app.state.face == "console" and request.method == "GET":
            return RedirectResponse(SIGN_IN_PATH, status_code=303)
        return page(request, "shared/problem.html", _context(request, refusal), refusal.status, headers)
    return JSONResponse(
        problem(request, refusal, fields),
        status_code=refusal.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=headers,
    )


def problem(request: Request, refusal: Refusal, fields: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of RFC 9457, with our `code`, `values` and `correlation_id`."""
    described: dict[str, Any] = {
        "type": f"{request.app.state.services.settings.wallet_origin}/docs/errors#{refusal.code}",
        "title": refusal.code,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.sentence(language_of(request)),
        "instance": f"urn:alba:request:{correlation_id(request)}",
        "correlation_id": correlation_id(request),
        "values": refusal.values,
    }
    if fields:
        described["errors"] = fields
    return described


def correlation_id(request: Request) -> str:
    return str(getattr(request.state, "correlation_id", ""))


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")


def _context(request: Request, refusal: Refusal) -> Mapping[str, Any]:
    return {
        "sentence": refusal.sentence(language_of(request)),
        "problem": refusal,
        "reference": correlation_id(request),
    }


def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return render(request, error)


def _on_invalid(request: Request, error: Exception) -> Response:
    """Names the fields and the broken rule, never the value: it may be personal."""
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in found["loc"] if part != "body"), "rule": str(found["type"])}
        for found in error.errors()[:MAX_FIELD_ERRORS]
    ]
    return render(request, errors.RequestInvalid(), fields=fields)


def _on_database_away(request: Request, error: Exception) -> Response:
    log.error("request.database_away", failure=describe(type(error), error.__traceback__))
    return render(request, DatabaseUnavailable(retry_after_s=DATABASE_RETRY_S))


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known: dict[int, Refusal] = {404: errors.ResourceNotFound(), 405: errors.MethodNotAllowed()}
    answer = render(request, known.get(error.status_code) or errors.RequestRefused())
    if error.status_code == METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(allowed_methods(request.app, request.scope))
    return answer
