"""The identity queue and one person's file. Reading a file is journaled by the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.assisted.models import SeenAtDesk
from wallet_service.faces.console.routers.assisted import PAPER_WORDS
from wallet_service.faces.console.view import console_page, done
from wallet_service.faces.shell.i18n import Language, catalogue, language_of
from wallet_service.faces.shell.listing_words import phone_text
from wallet_service.faces.shell.rendering import day_written
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.identity.models import OpenedFile
from wallet_service.identity.states import FileState
from wallet_service.oversight.decisions import checked_ground

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
IdentityOfficer = Annotated[OfficerSession, Depends(officer_with("identity"))]
Ground = Annotated[str, Form(max_length=400)]

MAX_DECIDED_SHOWN = 10
#: After which acts the next file is offered.
DECISIONS = frozenset({"identity-approved", "identity-refused"})


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@router.get("/identities")
def identities(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Nothing personal here: what waits and for how long."""
    files = services.identity.queue()
    decided = [
        *services.identity.queue(FileState.APPROVED, 200),
        *services.identity.queue(FileState.REFUSED, 200),
    ]
    newest = sorted(decided, key=lambda file: -(file.decided_at_unix_ms or 0))[:MAX_DECIDED_SHOWN]
    return console_page(
        request,
        "console/identities.html",
        officer,
        {
            "files": files,
            "decided": newest,
            "lines": services.reports.members.summaries(file.member_id for file in files),
            "may_read": "identity" in officer.rights,
            "has_decided": request.query_params.get("done", "") in DECISIONS,
        },
    )


@router.get("/identities/{file_id}")
def identity_file(
    request: Request, file_id: str, officer: IdentityOfficer, services: ServicesOf
) -> HTMLResponse:
    """The declaration and the documents' pictures."""
    file = services.identity.open_file(file_id, officer.officer_id)
    language = language_of(request)
    seen = services.assisted.seen_papers(file.summary.member_id)  # part of the same reading
    return console_page(
        request,
        "console/identity_file.html",
        officer,
        {
            "file": file,
            "declared": [*_declared(file, language), *_seen(seen, language)],
            "copier": next(iter(services.officers.names([file.summary.copied_by or ""]).values()), "–"),
            "next_file": services.identity.next_waiting(file_id),
        },
    )


@router.post("/identities/{file_id}/approve")
def approve(
    request: Request, file_id: str, ground: Ground, officer: IdentityOfficer, services: ServicesOf
) -> Response:
    """Tier *verified*, on chain and in the app."""
    services.identity.approve(file_id, officer.officer_id, checked_ground(ground))
    return done(request, "/identities", "identity-approved")


@router.post("/identities/{file_id}/refuse")
def refuse(
    request: Request, file_id: str, ground: Ground, officer: IdentityOfficer, services: ServicesOf
) -> Response:
    """The person reads the reason."""
    services.identity.refuse(file_id, officer.officer_id, checked_ground(ground))
    return done(request, "/identities", "identity-refused")


def _declared(file: OpenedFile, language: Language) -> list[tuple[str, str]]:
    """Labels and values of the declaration, in reading order."""
    if file.identity is None:
        return []
    labels = {
        "given_name": _("Prénoms"),
        "family_name": _("Nom"),
        "birth_date": _("Date de naissance"),
        "address": _("Adresse"),
        "postal_code": _("Code postal"),
        "city": _("Commune"),
    }
    shown = {name: str(getattr(file.identity, name)) for name in labels}
    shown["birth_date"] = day_written(shown["birth_date"], language)
    return [(label, shown[name]) for name, label in labels.items()]


def _seen(seen: SeenAtDesk | None, language: Language) -> list[tuple[str, str]]:
    """The paper that an officer saw when the account was opened or its card made again, to compare."""
    if seen is None:
        return []
    paper = f"{catalogue(language).gettext(PAPER_WORDS[seen.paper])} … {seen.ending}"
    return [(_("Pièce vue au guichet"), paper), (_("Téléphone"), phone_text(seen.telephone))]
