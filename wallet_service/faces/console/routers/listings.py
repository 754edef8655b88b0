"""The directory as officers look after it: what professionals changed, and which cards were taken out."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.directory.models import Card, ListingChange
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Catalogue, Language, catalogue, language_of
from wallet_service.faces.shell.listing_words import WAY_WORDS, hours_lines
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.oversight.decisions import checked_ground
from wallet_service.platform.schema import MAX_EXACT_INTEGER
from wallet_service.territory import sectors

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
IdentityOfficer = Annotated[OfficerSession, Depends(officer_with("identity"))]
Ground = Annotated[str, Form(max_length=400)]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: What each part of a card is called.
PARTS = {
    "sells": _("Ce qu’on y trouve"),
    "address": _("Adresse"),
    "trades": _("Autres activités"),
    "week": _("Horaires"),
    "hours_note": _("Précision sur les horaires"),
    "ways": _("Moyens"),
    "website": _("Site"),
    "phone": _("Téléphone"),
    "spot": _("Emplacement"),
}


@router.get("/listings")
def listings_page(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Each change beside what it was, oldest first; below, what is out of the directory and why."""
    language = language_of(request)
    messages = catalogue(language)
    waiting, withheld = services.listings.waiting(), services.listings.withheld()
    context = {
        "waiting": waiting,
        "withheld": withheld,
        "known": services.listings.of_members([each.member_id for each in waiting]),
        "differences": lambda change: _differences(change, language, messages),
        "names": services.officers.names([each.withheld_by for each in withheld if each.withheld_by]),
        "shown_count": len(services.listings.shown()),
        "may_act": "identity" in officer.rights,
    }
    return console_page(request, "console/listings.html", officer, context)


@router.post("/listings/changes/{change_id}/seen")
def mark_listing_seen(
    request: Request,
    change_id: Annotated[int, Path(ge=0, le=MAX_EXACT_INTEGER)],
    officer: IdentityOfficer,
    services: ServicesOf,
    revision: Annotated[int, Form(ge=0, le=MAX_EXACT_INTEGER)],
) -> Response:
    """The change was looked at and stays."""
    services.listings.mark_seen(change_id, revision, officer.officer_id)
    return done(request, "/listings", "listing-seen")


@router.post("/listings/{member_id}/withhold")
def withhold_listing(
    request: Request, member_id: str, officer: IdentityOfficer, services: ServicesOf, ground: Ground = ""
) -> Response:
    """The card leaves the directory; its professional reads why."""
    services.listings.withhold(member_id, checked_ground(ground), officer.officer_id)
    return done(request, "/listings", "listing-withheld")


@router.post("/listings/{member_id}/restore")
def restore_listing(
    request: Request, member_id: str, officer: IdentityOfficer, services: ServicesOf
) -> Response:
    """The card is back in the directory."""
    services.listings.restore(member_id, officer.officer_id)
    return done(request, "/listings", "listing-restored")


def _differences(
    change: ListingChange, language: Language, messages: Catalogue
) -> list[tuple[str, str, str]]:
    """(part, before, after) of what differs, in words; empty when only the picture is another."""
    return [
        (
            PARTS[field.name],
            _told(field.name, getattr(change.before, field.name), language, messages),
            _told(field.name, getattr(change.after, field.name), language, messages),
        )
        for field in fields(Card)
        if getattr(change.before, field.name) != getattr(change.after, field.name)
    ]


def _told(name: str, value: Any, language: Language, messages: Catalogue) -> str:
    if not value:
        return "–"
    if name == "trades":
        return ", ".join(sectors()[trade].label(language) for trade in value if trade in sectors())
    if name == "ways":
        return ", ".join(messages.gettext(WAY_WORDS[way]) for way in value)
    if name == "week":
        return " ; ".join(f"{days} {hours}" for days, hours in hours_lines(value, language, messages)) or "–"
    if name == "spot":
        return f"{value.latitude_e5 / 1e5:.5f}, {value.longitude_e5 / 1e5:.5f}"
    return str(value)
