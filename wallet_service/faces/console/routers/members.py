"""One member in the console: the page, freeze and unfreeze, keys, sessions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.faces.console.act_words import act_label
from wallet_service.faces.console.keys import keyholders_shown, keys_shown
from wallet_service.faces.console.member_words import member_labels
from wallet_service.faces.console.view import (
    LEVEL_LABELS,
    PROOF_LABELS,
    console_page,
    done,
)
from wallet_service.faces.shell.i18n import Catalogue, catalogue, language_of
from wallet_service.faces.shell.rendering import page
from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.languages.catalogues import said
from wallet_service.oversight.decisions import MAX_FREEZE_DAYS, checked_ground
from wallet_service.oversight.errors import FreezePeriodInvalid
from wallet_service.oversight.keys.models import SuspensionOrder
from wallet_service.oversight.models import Freeze, FreezeOrder
from wallet_service.reports.decisions import day_start_unix_s, local_day
from wallet_service.reports.members import MemberSummary
from wallet_service.territory import SECTOR_GROUPS, Sector, sectors

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Compliance = Annotated[OfficerSession, Depends(officer_with("compliance"))]
Identifier = Annotated[OfficerSession, Depends(officer_with("identity"))]
Ground = Annotated[str, Form(max_length=400)]
RecoveryOfForm = Annotated[str, Form(max_length=32, pattern=r"^[0-9A-Z]*$")]

DEFAULT_FREEZE_DAYS = 15
MAX_ENTRIES_SHOWN = 15


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@router.get("/members/{member_id}")
def member(request: Request, member_id: str, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """What is known of a member without opening anything sealed."""
    messages = catalogue(language_of(request))
    detail = services.reports.members.detail(member_id)
    freezes = services.oversight.freezes.of_member(member_id)
    entries = services.reports.journal.about_member(member_id, MAX_ENTRIES_SHOWN)
    people = [*(freeze.asked_by for freeze in freezes), *(entry.actor.actor_id for entry in entries)]
    assisted = services.assisted.account(member_id)
    is_assisted = assisted is not None and assisted.is_assisted
    people += [assisted.opened_by] if assisted else []
    today = local_day(services.clock.now_unix_s())
    return console_page(
        request,
        "console/member.html",
        officer,
        {
            "detail": detail,
            "freezes": freezes,
            "proof": services.proofs.proof_of(member_id),
            "proof_words": PROOF_LABELS,
            "level_words": LEVEL_LABELS,
            **keys_shown(services, member_id, officer),
            **keyholders_shown(services, member_id),
            "open_freeze": next((freeze for freeze in freezes if freeze.is_open), None),
            "entries": entries,
            "names": services.officers.names([name for name in people if name]),
            "act_label": lambda act: act_label(act, messages),
            "directions": lambda freeze: _directions(freeze, messages),
            "default_until": (today + timedelta(days=DEFAULT_FREEZE_DAYS)).isoformat(),
            "first_until": today.isoformat(),
            "may_register": _may_register(detail.summary, officer) and not is_assisted,
            "assisted": assisted,
            "is_being_registered": services.members.is_being_registered(member_id),
            "sector_choices": _sector_choices(messages.language),
            "last_until": (today + timedelta(days=MAX_FREEZE_DAYS - 1)).isoformat(),
            **member_labels(messages),
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
    services.oversight.freezes.freeze(order, officer.officer_id)
    return done(request, f"/members/{member_id}", "frozen")


@router.post("/members/{member_id}/unfreeze")
def unfreeze(
    request: Request, member_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """In both directions."""
    services.oversight.freezes.unfreeze(member_id, ground, officer.officer_id)
    return done(request, f"/members/{member_id}", "unfrozen")


@router.post("/members/{member_id}/keys/{device_id}/suspend")
def suspend_key(
    request: Request,
    member_id: str,
    device_id: str,
    ground: Ground,
    officer: Compliance,
    services: ServicesOf,
    days: Annotated[int, Form()],
    recovery: RecoveryOfForm = "",
) -> Response:
    """One key alone; back to the lost-phone request the officer came from, or to the member."""
    order = SuspensionOrder(member_id, device_id, days, ground)
    services.oversight.keys.suspend(order, officer.officer_id)
    return done(request, _back(member_id, recovery), "key-suspended")


@router.post("/members/{member_id}/keys/release")
def release_key(
    request: Request,
    member_id: str,
    ground: Ground,
    officer: Compliance,
    services: ServicesOf,
    recovery: RecoveryOfForm = "",
) -> Response:
    """What is suspended of the member's keys signs again."""
    services.oversight.keys.release(member_id, ground, officer.officer_id)
    return done(request, _back(member_id, recovery), "key-released")


@router.post("/members/{member_id}/end-sessions")
def end_member_sessions(
    request: Request, member_id: str, ground: Ground, officer: Compliance, services: ServicesOf
) -> Response:
    """Signs the member out everywhere (OWASP ASVS 5.0, 7.4.5)."""
    services.oversight.access.end_sessions_of_member(member_id, ground, officer.officer_id)
    return done(request, f"/members/{member_id}", "member_signed_out")


@router.post("/members/{member_id}/device-code")
def give_device_code(
    request: Request, member_id: str, ground: Ground, officer: Identifier, services: ServicesOf
) -> Response:
    """A code for a further phone, shown in this answer and nowhere else."""
    code = services.devices.give_code(member_id, officer.officer_id, checked_ground(ground))
    context = {"code": code, "origin": services.settings.wallet_origin}
    place = {"HX-Retarget": "#device-code-place", "HX-Reswap": "innerHTML"}
    return page(request, "console/device_code.html", context, headers=place)


def _back(member_id: str, recovery_id: str) -> str:
    return f"/recoveries/{recovery_id}" if recovery_id else f"/members/{member_id}"


def _end_of(day: str) -> int:
    """The first second after that local day."""
    try:
        return day_start_unix_s(date.fromisoformat(day) + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise FreezePeriodInvalid(maximum_days=MAX_FREEZE_DAYS) from error


def _may_register(summary: MemberSummary, officer: OfficerSession) -> bool:
    return "identity" in officer.rights and summary.kind == "resident" and summary.state == "active"


def _sector_choices(language: str) -> list[tuple[str, list[Sector]]]:
    """Groups of trades, each with its divisions by name."""
    return [
        (
            said(language, french, english),
            sorted(
                (sector for sector in sectors().values() if sector.group == group),
                key=lambda sector: sector.label(language),
            ),
        )
        for group, (french, english) in SECTOR_GROUPS.items()
    ]


def _directions(freeze: Freeze, messages: Catalogue) -> str:
    if freeze.incoming and freeze.outgoing:
        return messages.gettext(_("Payer et recevoir"))
    return messages.gettext(_("Payer") if freeze.outgoing else _("Recevoir"))
