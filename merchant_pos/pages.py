"""The page's shell and what installs it: HTML, web manifest, service worker, health.

Holds no sale and no session.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from merchant_pos.schemas import HealthAnswer
from merchant_pos.web_rules import language_of
from wallet_service.languages.catalogues import said
from wallet_service.languages.standards import locale_of
from wallet_service.ui.look import chosen_look, sign_svg, theme_css

PACKAGE = Path(__file__).parent
BUILT = PACKAGE / "static" / "dist"
STATIC = PACKAGE / "static"
ICON_FILES = ("icon-192.png", "icon-512.png")

router = APIRouter(include_in_schema=False)
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
    names = request.app.state.built_files
    html = _templates.get_template("shell.html").render(
        language=language,
        direction=locale_of(language).text_direction,
        said=partial(said, language),
        look=chosen_look(request.cookies),
        early_script=names["early.js"],
        script=names["till.js"],
        style=names["till.css"],
        colours=request.app.state.currency["colours"],
        font=next((name for source, name in names.items() if source.startswith("figtree-latin-wght")), None),
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})


@router.get("/help")
async def help_page(request: Request) -> RedirectResponse:
    """The help is the service's: how to reach a person is the same for everybody."""
    return RedirectResponse(f"{request.app.state.settings.wallet_origin}/help?from=till", 303)


@router.get("/accessibility")
async def accessibility_page(request: Request) -> RedirectResponse:
    """One declaration is made for all faces."""
    return RedirectResponse(f"{request.app.state.settings.wallet_origin}/accessibility", 303)


@router.get("/service-worker.js")
async def service_worker(request: Request) -> Response:
    script = (BUILT / request.app.state.built_files["till.service_worker.js"]).read_bytes()
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> JSONResponse:
    language = language_of(request)
    currency: dict[str, Any] = request.app.state.currency
    colours, unit = currency["colours"], currency["unit_one"]
    content: dict[str, Any] = {
        "name": said(language, "Caisse {unit}", "{unit} till").format(unit=unit),
        "short_name": said(language, "Caisse", "Till"),
        "lang": language,
        "dir": locale_of(language).text_direction,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "orientation": "any",
        "background_color": colours["page"],
        "theme_color": colours["brand"],
        "icons": [
            {"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": "/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return JSONResponse(
        content, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"}
    )


@router.get("/icon.svg")
async def sign(request: Request) -> Response:
    """The currency's sign, in its own colour."""
    svg = sign_svg(request.app.state.currency, "maskable")
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


@router.get("/theme.css")
async def theme(request: Request) -> Response:
    """The currency's own colours over the tokens'."""
    css = theme_css(request.app.state.currency)
    return Response(css, media_type="text/css", headers={"Cache-Control": "max-age=300"})


async def icon_file(request: Request) -> FileResponse:
    return FileResponse(
        STATIC / request.url.path.lstrip("/"), headers={"Cache-Control": "public, max-age=86400"}
    )


for _name in ICON_FILES:  # fixed paths: nothing of the request chooses a file
    router.add_api_route(f"/{_name}", icon_file, methods=["GET"])


@router.get("/health")
async def health(request: Request) -> HealthAnswer:
    """Alive is enough to be healthy; whether the service answers is said beside it, not instead."""
    state = request.app.state
    return HealthAnswer(
        status="ok", service_reachable=state.service_health.reachable, paired_tills=state.tills.count()
    )
