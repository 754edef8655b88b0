"""The wallet's pages: one shell for every address of the app, and its manifest. Owns no data, shows none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from wallet_service.web.i18n import catalogue, language_of
from wallet_service.web.rendering import page

router = APIRouter(include_in_schema=False)

#: The addresses of static/src/wallet/router.js; the screen itself is made in the browser.
SHELL_PATHS = (
    "/",
    "/welcome",
    "/sign-in",
    "/scan",
    "/P/{token}",
    "/p/{token}",
    "/code/{code}",
    "/order/{ref}",
    "/refund/{request_id}",
    "/movements",
    "/movement/{ref}",
    "/add",
    "/identity",
    "/redeem",
    "/tills",
    "/me",
)
CHALK = "#FBF9F4"


def shell(request: Request) -> HTMLResponse:
    """The same page for all; asked for again each time, so that a new build is seen at once."""
    return page(request, "wallet/shell.html", {}, headers={"Cache-Control": "no-cache"})


for path in SHELL_PATHS:
    router.add_api_route(path, shell, methods=["GET"])


@router.get("/wallet.webmanifest")
def manifest(request: Request) -> JSONResponse:
    """What a phone needs to install the wallet. Source: W3C Web Application Manifest."""
    currency: dict[str, Any] = request.app.state.currency
    language = language_of(request)
    words = catalogue(language)
    brand = currency.get("colours", {}).get("brand", CHALK)
    return JSONResponse(
        {
            "id": "/",
            "name": currency["name"],
            "short_name": currency["name"],
            "description": words.gettext("Payer près de chez soi, d’un geste."),
            "lang": language,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "orientation": "portrait",
            "background_color": CHALK,
            "theme_color": brand,
            "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
            "shortcuts": [{"name": words.gettext("Scanner"), "url": "/scan"}],
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "max-age=300"},
    )
