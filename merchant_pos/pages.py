"""The page's shell and what installs it: HTML, web manifest, service worker, health. Holds no sale and no
session.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from merchant_pos.web_rules import THEME_COOKIE, language_of

PACKAGE = Path(__file__).parent
BUILT = PACKAGE / "static" / "dist"
STATIC = PACKAGE / "static"
THEMES = ("light", "dark")
ICON_FILES = ("icon.svg", "icon-192.png", "icon-512.png")

router = APIRouter()
_templates = Environment(
    loader=FileSystemLoader(PACKAGE / "templates"), autoescape=select_autoescape(("html",))
)


def built_files() -> dict[str, str]:
    """Built names by source name. Raises RuntimeError with what to do when the pages were not built."""
    manifest = BUILT / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("the pages of the point of sale are not built: run `npm run build`")
    names: dict[str, str] = json.loads(manifest.read_text())
    return names


@router.get("/", response_class=HTMLResponse)
async def shell(request: Request) -> HTMLResponse:
    language = language_of(request)
    theme = request.cookies.get(THEME_COOKIE)
    names = request.app.state.built_files
    html = _templates.get_template("shell.html").render(
        language=language,
        theme=theme if theme in THEMES else None,
        early_script=names["early.js"],
        script=names["till.js"],
        style=names["till.css"],
        font=next((name for source, name in names.items() if source.startswith("figtree-latin-wght")), None),
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})


@router.get("/service-worker.js")
async def service_worker(request: Request) -> Response:
    script = (BUILT / request.app.state.built_files["till.service_worker.js"]).read_bytes()
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> JSONResponse:
    english = language_of(request) == "en"
    content: dict[str, Any] = {
        "name": "alba till" if english else "Caisse alba",
        "short_name": "Till" if english else "Caisse",
        "lang": "en" if english else "fr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "orientation": "any",
        "background_color": "#FBF9F4",
        "theme_color": "#0B5D57",
        "icons": [
            {"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": "/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return JSONResponse(
        content, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"}
    )


async def icon_file(request: Request) -> FileResponse:
    return FileResponse(
        STATIC / request.url.path.lstrip("/"), headers={"Cache-Control": "public, max-age=86400"}
    )


for _name in ICON_FILES:  # fixed paths: nothing of the request chooses a file
    router.add_api_route(f"/{_name}", icon_file, methods=["GET"])


@router.get("/health")
async def health(request: Request) -> dict[str, Any]:
    """Alive is enough to be healthy; whether the service answers is said beside it, not instead."""
    state = request.app.state
    return {"status": "ok", "service_reachable": state.pulse.reachable, "paired_tills": state.tills.count()}
