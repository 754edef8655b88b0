"""Stops, resumptions and what waits for a second officer. Thin: rules are in supervision and bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from wallet_service.bank.payouts import PayoutFile
from wallet_service.protocol.money import format_amount
from wallet_service.supervision.decisions import SIGNING_RIGHT
from wallet_service.supervision.models import Approval
from wallet_service.supervision.stops import checked_stoppable
from wallet_service.web.console_view import act_words, console_page, done, officer_names
from wallet_service.web.i18n import Catalogue, catalogue, language_of
from wallet_service.web.security import OfficerSession, ServicesOf, officer_with

router = APIRouter(include_in_schema=False)
Observer = Annotated[OfficerSession, Depends(officer_with("observe"))]
Pauser = Annotated[OfficerSession, Depends(officer_with("pause"))]
Governor = Annotated[OfficerSession, Depends(officer_with(SIGNING_RIGHT))]
Ground = Annotated[str, Form(max_length=400)]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


RESUME_TITLES = {
    "payments.resume": _("Reprendre les paiements ?"),
    "issuing.resume": _("Reprendre l’émission ?"),
    "redeeming.resume": _("Reprendre les sorties en euros ?"),
}
RESUME_EFFECTS = {
    "payments.resume": _("Tout le monde pourra de nouveau payer et rembourser, en quelques secondes."),
    "issuing.resume": _("Les chargements en attente seront crédités, dans la limite de la réserve attestée."),
    "redeeming.resume": _("Les professionnels pourront de nouveau demander des euros."),
}
WHERE = {"payments": "/", "issuing": "/reserve", "redeeming": "/reserve"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One act to sign, whatever table it waits in."""

    id: str
    title: str
    what_happens: str
    ground: str | None
    asked_by: str
    asked_at_unix_ms: int
    is_mine: bool
    may_sign: bool
    may_refuse: bool
    sign_action: str
    refuse_action: str


@router.post("/stops/{what}/stop")
def stop(request: Request, what: str, ground: Ground, officer: Pauser, services: ServicesOf) -> Response:
    """One officer suffices."""
    services.supervision.stops.stop(what, ground, officer.officer_id)
    return done(request, WHERE[checked_stoppable(what)], "stopped")


@router.post("/stops/{what}/resume")
def ask_resume(
    request: Request, what: str, ground: Ground, officer: Pauser, services: ServicesOf
) -> Response:
    """Asks; somebody else signs."""
    services.supervision.stops.ask_resume(what, ground, officer.officer_id)
    return done(request, "/approvals", "resume-asked")


@router.get("/approvals")
def approvals(request: Request, officer: Observer, services: ServicesOf) -> HTMLResponse:
    """Resumptions and payout files, oldest first."""
    language = language_of(request)
    words = catalogue(language)
    asked = services.supervision.approvals.waiting()
    files = [file for file in services.payouts.list_payout_files() if file.state == "prepared"]
    decided = services.supervision.approvals.decided()
    people = [
        *(approval.asked_by for approval in (*asked, *decided)),
        *(approval.decided_by for approval in decided if approval.decided_by),
        *(file.prepared_by for file in files),
    ]
    names = officer_names(services, people)
    items = [
        *_resumptions(asked, names, officer, words),
        *_payouts(files, names, officer, words, language),
    ]
    return console_page(
        request,
        "console/approvals.html",
        officer,
        {
            "items": sorted(items, key=lambda item: item.asked_at_unix_ms),
            "decided": decided,
            "names": names,
            "act_words": lambda act: act_words(act, words),
        },
    )


@router.post("/approvals/{approval_id}/approve")
def approve(request: Request, approval_id: str, officer: Governor, services: ServicesOf) -> Response:
    """The second officer signs."""
    services.supervision.approvals.approve(approval_id, officer.officer_id)
    return done(request, "/approvals", "approved")


@router.post("/approvals/{approval_id}/refuse")
def refuse(
    request: Request, approval_id: str, ground: Ground, officer: Observer, services: ServicesOf
) -> Response:
    """Refused by who may sign, or withdrawn by who asked: the service decides."""
    services.supervision.approvals.refuse(approval_id, ground, officer.officer_id, officer.rights)
    return done(request, "/approvals", "refused")


def _resumptions(
    asked: Iterable[Approval], names: dict[str, str], officer: OfficerSession, words: Catalogue
) -> list[Waiting]:
    return [
        Waiting(
            id=approval.id,
            title=words.gettext(RESUME_TITLES.get(approval.act, approval.act)),
            what_happens=words.gettext(RESUME_EFFECTS.get(approval.act, "")),
            ground=approval.ground,
            asked_by=names.get(approval.asked_by, "–"),
            asked_at_unix_ms=approval.asked_at_unix_ms,
            is_mine=approval.asked_by == officer.officer_id,
            may_sign=SIGNING_RIGHT in officer.rights,
            may_refuse=approval.asked_by == officer.officer_id or SIGNING_RIGHT in officer.rights,
            sign_action=f"/approvals/{approval.id}/approve",
            refuse_action=f"/approvals/{approval.id}/refuse",
        )
        for approval in asked
    ]


def _payouts(
    files: Iterable[PayoutFile],
    names: dict[str, str],
    officer: OfficerSession,
    words: Catalogue,
    language: str,
) -> list[Waiting]:
    title = words.gettext(_("Signer l’ordre de virement de {amount} € ?"))
    effect = words.gettext(
        _("{count} virements partent à la banque, vers les professionnels. Un virement ne s’annule pas.")
    )
    return [
        Waiting(
            id=file.id,
            title=title.replace("{amount}", format_amount(file.total_cents, language)),
            what_happens=effect.replace("{count}", str(len(file.lines))),
            ground=None,
            asked_by=names.get(file.prepared_by, "–"),
            asked_at_unix_ms=file.prepared_at_unix_ms,
            is_mine=file.prepared_by == officer.officer_id,
            may_sign="treasury" in officer.rights,
            may_refuse="treasury" in officer.rights,
            sign_action=f"/payouts/{file.id}/approve",
            refuse_action=f"/payouts/{file.id}/cancel",
        )
        for file in files
    ]
