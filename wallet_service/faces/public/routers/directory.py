"""The directory, for everybody: the page that is searched, one for each professional, the whole as data."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from wallet_service.directory import errors
from wallet_service.directory.decisions import id_of_page, page_name, searched
from wallet_service.directory.models import Listing
from wallet_service.directory.pictures import MEDIA_TYPE
from wallet_service.directory.schemas import DirectoryAnswer, directory_answer
from wallet_service.faces.public.region_map import region_map
from wallet_service.faces.public.structured import business, item_list, script_of
from wallet_service.faces.shell.i18n import Catalogue, Language, catalogue, language_of
from wallet_service.faces.shell.listing_words import GROUP_ICONS, WAY_WORDS, hours_lines, phone_text
from wallet_service.faces.shell.rendering import BY_LANGUAGE_AND_THEME, page
from wallet_service.faces.shell.security import ServicesOf
from wallet_service.languages.catalogues import said
from wallet_service.territory import SECTOR_GROUPS, communes, sectors
from wallet_service.territory.currency import LOCAL_ZONE, REGION
from wallet_service.territory.geography import outline

router = APIRouter(tags=["directory"])

CACHE = {"Cache-Control": "public, max-age=60"}
PAGE_CACHE = {**CACHE, **BY_LANGUAGE_AND_THEME}
PICTURE_CACHE = {"Cache-Control": "public, max-age=31536000, immutable"}
#: How many the page holds before its script, or another look, shows more.
FIRST_SHOWN = 60
MAX_ASKED_CHARACTERS = 80

Asked = Annotated[str, Query(max_length=MAX_ASKED_CHARACTERS)]


@router.get("/directory", include_in_schema=False)
def directory_page(
    request: Request,
    services: ServicesOf,
    q: Asked = "",
    group: Asked = "",
    commune: Asked = "",
) -> HTMLResponse:
    """Who takes it: searched by the service for who has no script, in the page for everybody else."""
    messages, language = catalogue(language_of(request)), language_of(request)
    listings = services.listings.shown()
    kept_group = group if group in SECTOR_GROUPS else ""
    hits = [
        listing
        for listing in searched(listings, q, kept_group)
        if not commune or listing.commune_code == commune
    ]
    where = sorted({listing.commune_code for listing in listings if listing.commune})
    origin = str(request.app.state.origin)
    context = {
        **_words(language, messages),
        "hits": hits,
        "shown": hits[:FIRST_SHOWN],
        "total": len(listings),
        "asked": q,
        "group": kept_group,
        "commune": commune,
        "groups": _groups(listings, language),
        "communes": sorted(((code, communes()[code]) for code in where), key=lambda each: each[1]),
        "map": region_map((listing.commune_code for listing in hits), _map_summary(hits, messages)),
        "credit": outline().credited(language),
        "is_plain": not (q or kept_group or commune),
        "canonical": f"{origin}/directory",
        "structured": script_of(item_list(hits[:FIRST_SHOWN], origin, messages.gettext(_("Annuaire")))),
    }
    return page(request, "public/directory.html", context, headers=PAGE_CACHE)


@router.get("/directory/{name}", include_in_schema=False)
def listing_page(request: Request, name: str, services: ServicesOf) -> Response:
    """One professional's page. Old words before the id lead to the new ones."""
    listing = services.listings.find(id_of_page(name) or "")
    if name != page_name(listing):
        return RedirectResponse(f"/directory/{page_name(listing)}", status_code=301, headers=CACHE)
    messages, language = catalogue(language_of(request)), language_of(request)
    origin, currency = str(request.app.state.origin), request.app.state.currency
    context = {
        **_words(language, messages),
        "listing": listing,
        "phone": phone_text(listing.card.phone),
        "zone": str(LOCAL_ZONE),
        "hours": hours_lines(listing.card.week, language, messages),
        "map": region_map([listing.commune_code], listing.commune) if listing.commune else "",
        "credit": outline().credited(language),
        "canonical": f"{origin}/directory/{page_name(listing)}",
        "structured": script_of(business(listing, origin, str(currency["name"]), REGION)),
    }
    return page(request, "public/listing.html", context, headers=PAGE_CACHE)


@router.get("/directory/pictures/{name}", include_in_schema=False)
def listing_picture(name: str, services: ServicesOf) -> Response:
    """A professional's picture; its address says its content, so it is kept for ever."""
    digest, _dot, ending = name.partition(".")
    if ending != "jpg":
        raise errors.PictureUnknown
    return Response(services.listings.picture(digest), media_type=MEDIA_TYPE, headers=PICTURE_CACHE)


@router.get("/v1/directory")
def directory(response: Response, services: ServicesOf) -> DirectoryAnswer:
    """Every professional who takes the currency, in one answer: a page keeps it and searches it by itself."""
    response.headers.update(CACHE)
    now_unix_ms = services.clock.now_unix_ms()
    return directory_answer(services.listings.shown(), now_unix_ms, str(LOCAL_ZONE))


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


def _words(language: Language, messages: Catalogue) -> dict[str, Any]:
    """What templates say a listing with."""

    def trades(listing: Listing) -> str:
        return ", ".join(sectors()[trade].label(language) for trade in listing.trades if trade in sectors())

    def icon_of(listing: Listing) -> str:
        sector = sectors().get(listing.sector)
        return GROUP_ICONS[sector.group if sector else "shops"]

    return {
        "page_name": page_name,
        "trades": trades,
        "icon_of": icon_of,
        "way_words": {way: messages.gettext(word) for way, word in WAY_WORDS.items()},
    }


def _groups(listings: list[Listing], language: Language) -> list[tuple[str, str, int]]:
    """(group, label, how many) of the groups somebody is in, in the territory's order."""
    known = sectors()
    found = [{known[trade].group for trade in listing.trades if trade in known} for listing in listings]
    counted = [
        (group, said(language, french, english), sum(group in groups for groups in found))
        for group, (french, english) in SECTOR_GROUPS.items()
    ]
    return [each for each in counted if each[2]]


def _map_summary(hits: list[Listing], messages: Catalogue) -> str:
    told = messages.gettext(
        _("Carte : {count} professionnels dans {communes} communes. La liste dit les mêmes.")
    )
    where = {listing.commune_code for listing in hits}
    return told.replace("{count}", str(len(hits))).replace("{communes}", str(len(where)))
