"""What both origins serve whatever they are for: health, readiness, metrics, built files, theme colours,
worker.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from wallet_service.database.unit_of_work import database_answers
from wallet_service.web import errors
from wallet_service.web.rendering import assets
from wallet_service.web.security import ServicesOf

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)

MARK = Path(__file__).parent.parent / "static/src/shared/mark.svg"
IMMUTABLE = "public, max-age=31536000, immutable"
LOOPBACK = ("127.0.0.1", "::1", "testclient")
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".txt": "text/plain",
}


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers. Says nothing of what it depends on."""
    return {"status": "ok"}


@router.get("/ready")
def ready(services: ServicesOf) -> JSONResponse:
    """503 with the names of what is not ready; 200 otherwise."""
    checks = {"database": lambda: database_answers(services.engine), **getattr(services, "readiness", {})}
    answers: dict[str, bool] = {}
    for name, check in checks.items():
        try:
            answers[name] = bool(check())
        except Exception:
            log.exception("ready.check_failed", check=name)
            answers[name] = False
    return JSONResponse(
        {"ready": all(answers.values()), "checks": answers}, 200 if all(answers.values()) else 503
    )


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus text, for this machine only: a proxy must not publish it."""
    if request.client is None or request.client.host not in LOOPBACK:
        raise errors.NotFound
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/static/{name}")
def static_file(name: str) -> FileResponse:
    """Built files, flat; their names carry their hash."""
    path = assets.dist / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if "/" in name or "\\" in name or name.startswith(".") or media_type is None or not path.is_file():
        raise errors.NotFound
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": IMMUTABLE})


@router.get("/service_worker.js")
def service_worker(request: Request) -> FileResponse:
    """At the root, because a worker's reach is its folder. Always asked for again."""
    name = f"{request.app.state.face}.service_worker.js"
    if not assets.has(name):
        raise errors.NotFound
    return FileResponse(
        assets.dist / assets.file_name(name),
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/icon.svg")
def sign(request: Request) -> Response:
    """The currency's sign, in its own colour."""
    colour = request.app.state.currency.get("colours", {}).get("brand", "")
    svg = MARK.read_text("utf-8").replace("#0B5D57", colour if _is_colour(colour) else "#0B5D57")
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@router.get("/theme.css")
def theme(request: Request) -> Response:
    """The currency's own colours over the tokens': currency.json is the one file another region edits."""
    colours: dict[str, Any] = request.app.state.currency.get("colours", {})
    light = _rules({"--brand": colours.get("brand"), "--brand-fill": colours.get("brand")})
    dark = _rules({"--brand": colours.get("brand_dark"), "--brand-fill": colours.get("brand_fill_dark")})
    unset = ":root:not([data-theme=light]):not([data-theme=dark])"
    system = f"@media (prefers-color-scheme:dark){{{unset}{{{dark}}}}}"
    css = f":root{{{light}}}:root[data-theme=dark]{{{dark}}}{system}"
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=300"})


def _rules(colours: dict[str, Any]) -> str:
    """Only #rrggbb passes: the file is trusted, a typing mistake is not."""
    return "".join(f"{name}:{value};" for name, value in colours.items() if _is_colour(value))


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", value) is not None
