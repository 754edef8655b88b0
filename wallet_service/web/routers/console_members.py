"""Members in the console: search, one member's page, freeze and unfreeze."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from wallet_service.journal import Filter, Subject
from wallet_service.supervision.decisions import MAX_FREEZE_DAYS, day_start_unix_s, local_day
from wallet_service.supervision.errors import FreezePeriodInvalid
from wallet_service.supervision.members_view import MAX_FOUND, MAX_QUERY_CHARACTERS, MemberLine
from wallet_service.supervision.models import Freeze, FreezeOrder
from wallet_service.territory import (
    DEPARTMENTS,
    SECTOR_GROUPS,
    Sector,
    communes,
    department_of,
    sectors,
)
from wallet_service.web.console_view import (
    TIER_WORDS,
    act_words,
    console_page,
    done,
    officer_names,
    pill,
)
from wallet_service.web.i18n import Catalogue, catalogue, language_of
from wallet_service.web.security import OfficerSession, ServicesOf, officer_with

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Compliance = Annotated[OfficerSession, Depends(officer_with("compliance"))]
Ground = Annotated[str, Form(max_length=400)]

DEFAULT_FREEZE_DAYS = 15
MAX_ENTRIES_SHOWN = 15


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


# icons: snowflake clock check ban x circle-check
FREEZE_PILLS = {
    "asked": ("confirming", "clock", _("en route")),
    "active": ("bad", "snowflake", _("actif")),
    "lifted": ("cancelled", "check", _("levé")),
    "expired": ("cancelled", "clock", _("terminé")),
    "failed": ("refused", "x", _("refusé")),
}
MEMBER_PILLS = {
    "pending": ("wait", "clock", _("inscription en cours")),
    "active": ("good", "circle-check", _("actif")),
    "closed": ("cancelled", "ban", _("fermé")),
    "frozen": ("bad", "snowflake", _("gelé")),
}


@router.get("/members")
def members(request: Request, officer: Observer, services: ServicesOf, q: str = "") -> HTMLResponse:
    """Search, or the newest members."""
    asked, words = q[:MAX_QUERY_CHARACTERS], catalogue(language_of(request))
    return console_page(
        request,
        "console/members.html",
        officer,
        {
            "q": asked,
            "found": services.supervision.members.search(asked),
            "limit": MAX_FOUND,
            **_member_words(words),
        },
    )


@router.get("/members/{member_id}")
def member(request: Request, member_id: str, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """What is known of a member without opening anything sealed."""
    words = catalogue(language_of(request))
    sheet = services.supervision.members.sheet(member_id)
    freezes = services.supervision.freezes.of_member(member_id)
    with services.engine.connect().execution_options(read_only=True) as connection:
        wanted = Filter(subject=Subject("member", member_id))
        entries = services.journal.entries(connection, wanted, MAX_ENTRIES_SHOWN)
    people = [*(freeze.asked_by for freeze in freezes), *(entry.actor.actor_id for entry in entries)]
    today = local_day(services.clock.now_unix_s())
    return console_page(
        request,
        "console/member.html",
        officer,
        {
            "sheet": sheet,
            "freezes": freezes,
            "open_freeze": next((freeze for freeze in freezes if freeze.is_open), None),
            "entries": entries,
            "names": officer_names(services, [name for name in people if name]),
            "act_words": lambda act: act_words(act, words),
            "freeze_pill": lambda freeze: pill(FREEZE_PILLS, freeze.state.value, words),
            "directions": lambda freeze: _directions(freeze, words),
            "default_until": (today + timedelta(days=DEFAULT_FREEZE_DAYS)).isoformat(),
            "first_until": today.isoformat(),
            "may_register": _may_register(sheet.line, officer),
            "is_being_registered": services.members.is_being_registered(member_id),
            "sector_choices": _sector_choices(words.language),
            "last_until": (today + timedelta(days=MAX_FREEZE_DAYS - 1)).isoformat(),
            **_member_words(words),
        },
    )


@router.post("/members/{member_id}/freeze")
def freeze(
    request: Request,
    member_id: str,
    ground: Ground,
    officer: Compliance,
    services: ServicesOf,
    until: Annotated[str, Form(max_length=10)],
    incoming: Annotated[str, Form(max_length=3)] = "",
    outgoing: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Until the end of the named day."""
    order = FreezeOrder(member_id, incoming == "yes", outgoing == "yes", ground, _end_of(until))
    services.supervision.freezes.freeze(order, officer.officer_id)
    return done(request, f"/members/{member_id}", "frozen")


@router.post("/members/{member_id}/unfreeze")
def unfreeze(
    request: Request, member_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """In both directions."""
    services.supervision.freezes.unfreeze(member_id, ground, officer.officer_id)
    return done(request, f"/members/{member_id}", "unfrozen")


def _end_of(day: str) -> int:
    """The first second after that local day."""
    try:
        return day_start_unix_s(date.fromisoformat(day) + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise FreezePeriodInvalid(maximum_days=MAX_FREEZE_DAYS) from error


def _may_register(line: MemberLine, officer: OfficerSession) -> bool:
    return "identity" in officer.rights and line.kind == "resident" and line.state == "active"


def _sector_choices(language: str) -> list[tuple[str, list[Sector]]]:
    """Groups of trades, each with its divisions by name."""
    return [
        (
            english if language == "en" else french,
            sorted(
                (sector for sector in sectors().values() if sector.group == group),
                key=lambda sector: sector.label(language),
            ),
        )
        for group, (french, english) in SECTOR_GROUPS.items()
    ]


def _member_words(words: Catalogue) -> dict[str, Any]:
    return {
        "tier_words": TIER_WORDS,
        "where": lambda line: _where(line, words),
        "member_pill": lambda line: _member_pill(line, words),
    }


def _where(line: MemberLine, words: Catalogue) -> str:
    """Commune, département and trade of a professional; private persons have none here."""
    parts = []
    if line.commune_code:
        parts.append(communes().get(line.commune_code, line.commune_code))
        parts.append(DEPARTMENTS.get(department_of(line.commune_code), ""))
    if line.sector and line.sector in sectors():
        parts.append(sectors()[line.sector].label(words.language))
    return " · ".join(part for part in parts if part) or "–"


def _member_pill(line: MemberLine, words: Catalogue) -> Markup:
    frozen = line.frozen_incoming or line.frozen_outgoing
    return pill(MEMBER_PILLS, "frozen" if frozen else line.state, words)


def _directions(freeze: Freeze, words: Catalogue) -> str:
    if freeze.incoming and freeze.outgoing:
        return words.gettext(_("Payer et recevoir"))
    return words.gettext(_("Payer") if freeze.outgoing else _("Recevoir"))
