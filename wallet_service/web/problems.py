"""Renders refusals: RFC 9457 problem details for programs, a page or a fragment for browsers. Owns no
rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from wallet_service.errors import BusinessError
from wallet_service.protocol.errors import ProtocolError
from wallet_service.push import TooManyStreams
from wallet_service.web import errors
from wallet_service.web.i18n import language_of
from wallet_service.web.rendering import page

MEDIA_TYPE = "application/problem+json"
SIGN_IN_PATH = "/sign-in"
MAX_FIELD_ERRORS = 20

Refusal = BusinessError | ProtocolError


def install_problems(app: FastAPI) -> None:
    """Registers the handlers on one app."""
    app.add_exception_handler(BusinessError, _on_refusal)
    app.add_exception_handler(ProtocolError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(
        TooManyStreams, lambda request, error: render(request, errors.TooManyOpenStreams())
    )


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
        problem(request, refusal, fields), status_code=refusal.status, media_type=MEDIA_TYPE, headers=headers
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
    assert isinstance(error, BusinessError | ProtocolError)
    return render(request, error)


def _on_invalid(request: Request, error: Exception) -> Response:
    """Names the fields and the broken rule, never the value: it may be personal."""
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in found["loc"] if part != "body"), "rule": str(found["type"])}
        for found in error.errors()[:MAX_FIELD_ERRORS]
    ]
    return render(request, errors.RequestInvalid(), fields=fields)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known: dict[int, BusinessError] = {404: errors.NotFound(), 405: errors.MethodNotAllowed()}
    return render(request, known.get(error.status_code) or errors.RequestRefused())
