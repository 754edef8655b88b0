"""Open data to take away, what crawlers are told, and the small picture towns put on their own pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import escape

from wallet_service.directory.decisions import page_name
from wallet_service.faces.shell import errors
from wallet_service.faces.shell.headers import FRAMED_PATH
from wallet_service.faces.shell.rendering import BY_LANGUAGE_AND_THEME, page
from wallet_service.faces.shell.reserve import reserve_context
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.open_data import files
from wallet_service.open_data.decisions import K_ANONYMITY, MAX_SHARE_PERCENT
from wallet_service.open_data.files import DATASETS, DAYS, DIRECTORY, CatalogueTerms, Dataset, Rows
from wallet_service.reports.decisions import local_day
from wallet_service.territory import communes
from wallet_service.territory.currency import REGION

router = APIRouter(include_in_schema=False)

CACHE = {"Cache-Control": "public, max-age=300"}
#: Anybody's page may read the files: there is nothing of anybody in them.
OPEN = {**CACHE, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
JSON, JSON_LD, CSV = "application/json", "application/ld+json", "text/csv; charset=utf-8; header=present"
#: What crawlers may read; every other page is somebody's own.
INDEXED = ("/public", "/directory", "/open-data", "/help")


@router.get("/open-data")
def open_data_page(request: Request, services: ServicesOf) -> HTMLResponse:
    """What there is to take away, under which licence, and what is left out and why."""
    context = {
        "datasets": DATASETS.values(),
        "licence_name": files.LICENCE_NAME,
        "licence_url": files.LICENCE_URL,
        "k": K_ANONYMITY,
        "max_share_percent": MAX_SHARE_PERCENT,
        "last_day": max((row.day for row in services.open_data.days()), default=None),
        "canonical": f"{request.app.state.origin}/open-data",
    }
    return page(request, "public/open_data.html", context, headers={**CACHE, **BY_LANGUAGE_AND_THEME})


@router.get("/open-data/{name}")
def open_data_file(request: Request, name: str, services: ServicesOf) -> Response:
    """One file, by its name: data, a schema, or the catalogue."""
    origin = str(request.app.state.origin)
    if name == "catalogue.jsonld":
        return _json(files.catalogue(_terms(request, services)), JSON_LD)
    stem, _dot, ending = name.partition(".")
    dataset = DATASETS.get(stem)
    if dataset is None:
        raise errors.ResourceNotFound
    if ending == "schema.json":
        return _json(files.json_schema(dataset, origin), "application/schema+json")
    if ending == "table-schema.json":
        return _json(files.table_schema(dataset, origin), JSON)
    rows = _rows(dataset, services, origin)
    if ending == "json":
        return _json(files.as_json(dataset, rows, local_day(services.clock.now_unix_s())), JSON)
    if ending == "csv":
        name_it = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(files.as_csv(dataset, rows), media_type=CSV, headers={**OPEN, **name_it})
    raise errors.ResourceNotFound


def _rows(dataset: Dataset, services: Any, origin: str) -> Rows:
    makers: dict[str, Callable[[], Rows]] = {
        DAYS.name: lambda: files.day_rows(services.open_data.days()),
        DIRECTORY.name: lambda: files.directory_rows(services.listings.shown(), origin),
    }
    return makers[dataset.name]()


def _json(made: dict[str, Any], media_type: str) -> Response:
    return Response(files.json_text(made), media_type=media_type, headers=OPEN)


def _terms(request: Request, services: Any) -> CatalogueTerms:
    currency = request.app.state.currency
    return CatalogueTerms(
        origin=str(request.app.state.origin),
        currency=str(currency["name"]),
        publisher=str(currency["issuer"]),
        region=REGION,
        nuts=str(currency.get("nuts", "")),
        made_on=local_day(services.clock.now_unix_s()),
    )


@router.get(FRAMED_PATH)
def framed_page(
    request: Request, services: ServicesOf, commune: Annotated[str, Query(max_length=5)] = ""
) -> HTMLResponse:
    """The one page that others' pages may frame: no script, no session, nothing to press but a link out."""
    listings = services.listings.shown()
    here = [each for each in listings if each.commune_code == commune] if commune in communes() else []
    context = {
        **reserve_context(request, services),
        "shops_count": len(here or listings),
        "commune": commune if here else "",
        "place": communes()[commune] if here else REGION,
        "origin": request.app.state.origin,
    }
    return page(request, "public/framed.html", context, headers={**CACHE, **BY_LANGUAGE_AND_THEME})


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """Source: RFC 9309."""
    allowed = "".join(f"Allow: {path}\n" for path in (*INDEXED, "/static/", "/theme.css", "/icon.svg"))
    text = f"User-agent: *\n{allowed}Disallow: /\n\nSitemap: {request.app.state.origin}/sitemap.xml\n"
    return Response(text, media_type="text/plain", headers=CACHE)


@router.get("/sitemap.xml")
def sitemap(request: Request, services: ServicesOf) -> Response:
    """Every page that is meant to be found. Source: sitemaps.org 0.9."""
    origin = str(request.app.state.origin)
    pages = [f"/directory/{page_name(listing)}" for listing in services.listings.shown()]
    entries = "".join(f"<url><loc>{escape(origin + path)}</loc></url>" for path in (*INDEXED, *pages))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )
    return Response(text, media_type="application/xml", headers=CACHE)
