"""What both origins serve whatever they are for.

Health, readiness, metrics, built files, theme colours, worker.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from wallet_service import ui
from wallet_service.faces.shell import errors
from wallet_service.faces.shell.rendering import assets
from wallet_service.faces.shell.schemas import Health, Readiness
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.ui.look import sign_svg, theme_css
from wallet_service.ui.packed import packed_file

router = APIRouter(include_in_schema=False)

IMMUTABLE = "public, max-age=31536000, immutable"
PICTURE = Path(ui.__file__).with_name("icon-192.png")
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
async def health() -> Health:
    """The process answers. Says nothing of what it depends on."""
    return Health(status="ok")


@router.get("/ready")
async def ready(response: Response, services: ServicesOf) -> Readiness:
    """503 with the names of what is not ready; 200 otherwise. From memory, on the event loop: quick."""
    answers = services.readiness.answers()
    is_ready = all(answers.values())
    response.status_code = 200 if is_ready else 503
    return Readiness(ready=is_ready, checks=answers)


@router.get("/metrics")
def metrics(request: Request, services: ServicesOf) -> Response:
    """Prometheus text, for this machine only: a proxy must not publish it. The bank's process's as well."""
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if is_forwarded or request.client is None or request.client.host not in LOOPBACK:
        raise errors.ResourceNotFound
    return Response(generate_latest(services.workers.apart or REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.get("/static/{name}")
def static_file(name: str, request: Request) -> FileResponse:
    """Built files, flat; their names carry their hash. Packed as the browser takes them."""
    path = assets.dist / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if "/" in name or "\\" in name or name.startswith(".") or media_type is None or not path.is_file():
        raise errors.ResourceNotFound
    sent, said = packed_file(path, request.headers.get("accept-encoding", ""))
    return FileResponse(sent, media_type=media_type, headers={"Cache-Control": IMMUTABLE, **said})


@router.get("/service_worker.js")
def service_worker(request: Request) -> FileResponse:
    """At the root, because a worker's reach is its folder. Always asked for again."""
    name = f"{request.app.state.face}.service_worker.js"
    if not assets.has(name):
        raise errors.ResourceNotFound
    return FileResponse(
        assets.dist / assets.file_name(name),
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/icon.svg")
def sign(request: Request) -> Response:
    """The currency's sign, in its own colour."""
    svg = sign_svg(request.app.state.currency)
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@router.get("/icon-192.png")
def sign_as_picture() -> FileResponse:
    """For what takes no SVG: an iPhone's home screen, notifications."""
    return FileResponse(PICTURE, media_type="image/png", headers={"Cache-Control": "max-age=86400"})


@router.get("/theme.css")
def theme(request: Request) -> Response:
    """The currency's own colours over the tokens': currency.json is the one file another region edits."""
    css = theme_css(request.app.state.currency)
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=300"})
