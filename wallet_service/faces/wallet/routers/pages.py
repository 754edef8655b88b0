"""The wallet's pages: one shell for every address of the app, and its manifest. Owns no data, shows none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from wallet_service.faces.shell.i18n import catalogue, language_of
from wallet_service.faces.shell.rendering import page
from wallet_service.ui.look import colours_of

router = APIRouter(include_in_schema=False)

#: The addresses of faces/wallet/src/router.js; the screen itself is made in the browser.
SHELL_PATHS = (
    "/",
    "/welcome",
    "/sign-in",
    "/lost",
    "/scan",
    "/P/{token}",
    "/p/{token}",
    "/code/{code}",
    "/send",
    "/ask",
    "/asks",
    "/asks/{ask_id}",
    "/receive",
    "/contacts",
    "/caps",
    "/C/{code}",
    "/c/{code}",
    "/R/{part_or_ask_id}",
    "/r/{part_or_ask_id}",
    "/order/{ref}",
    "/refund/{request_id}",
    "/movements",
    "/movement/{ref}",
    "/contest/{ref}",
    "/disputes/{dispute_id}",
    "/add",
    "/add/monthly",
    "/identity",
    "/identity/return",
    "/redeem",
    "/tills",
    "/listing",
    "/notices",
    "/move",
    "/family",
    "/held",
    "/me",
    "/display",
    "/data",
    "/recovery-code",
)


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
    messages = catalogue(language)
    colours = colours_of(currency)
    return JSONResponse(
        {
            "id": "/",
            "name": currency["name"],
            "short_name": currency["name"],
            "description": messages.gettext("Payer près de chez soi, d’un geste."),
            "lang": language,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "orientation": "any",
            "background_color": colours["page"],
            "theme_color": colours["brand"],
            "icons": [
                {"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
                {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
            ],
            "shortcuts": [{"name": messages.gettext("Scanner"), "url": "/scan"}],
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "max-age=300"},
    )
